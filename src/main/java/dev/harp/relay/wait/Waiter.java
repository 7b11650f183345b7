package dev.harp.relay.wait;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * One parked long poll: a {@code Condition} and the reason for which it was called.
 *
 * <p>A ring that comes while the thread is not waiting is kept for its next {@link #await}. That, and registering before
 * reading, is why no change can slip in between.
 */
public final class Waiter implements AutoCloseable {
    private final WaitingRoom room;
    private final Topic topic;
    private final LongSupplier nanoTime;
    private final long reread;
    private final LongConsumer wakeNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition called = lock.newCondition();
    private Optional<WakeReason> call = Optional.empty();
    private long calledAt;
    private long rungAt;

    Waiter(WaitingRoom room, Topic topic, LongSupplier nanoTime, Duration reread, LongConsumer wakeNanos) {
        this.room = room;
        this.topic = topic;
        this.nanoTime = nanoTime;
        this.reread = reread.toNanos();
        this.wakeNanos = wakeNanos;
        this.rungAt = nanoTime.getAsLong();
    }

    Topic topic() {
        return topic;
    }

    /** Calls the thread. Being displaced or drained is for good; a ring is used up by one {@link #await}. */
    void call(WakeReason reason) {
        lock.lock();
        try {
            if (call.isEmpty() || call.get() == WakeReason.SIGNALED) {
                if (call.isEmpty()) {
                    calledAt = nanoTime.getAsLong();
                }
                call = Optional.of(reason);
                called.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until called, or until the deadline. Who is not called for a whole re-read interval of the room, in however many waits, is told {@link WakeReason#SIGNALED}. An interrupt counts as {@link WakeReason#DRAINING}: only a server that stops
     * interrupts.
     *
     * @param deadline on the scale of the room's monotonic clock, in nanoseconds
     */
    public WakeReason await(long deadline) {
        boolean parked = false;
        lock.lock();
        try {
            while (call.isEmpty()) {
                long now = nanoTime.getAsLong();
                long left = deadline - now;
                if (left <= 0) {
                    return WakeReason.DEADLINE;
                }
                long quiet = reread - (now - rungAt);
                if (quiet <= 0) {
                    rungAt = now;
                    return WakeReason.SIGNALED;
                }
                parked = true;
                var _ = called.awaitNanos(Math.min(left, quiet));
            }
            WakeReason reason = call.get();
            if (reason == WakeReason.SIGNALED) {
                call = Optional.empty();
                rungAt = nanoTime.getAsLong();
                if (parked) {
                    wakeNanos.accept(rungAt - calledAt);
                }
            }
            return reason;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return WakeReason.DRAINING;
        } finally {
            lock.unlock();
        }
    }

    /** Leaves the room. */
    @Override
    public void close() {
        room.leave(this);
    }
}
