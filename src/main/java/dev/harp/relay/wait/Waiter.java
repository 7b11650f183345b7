package dev.harp.relay.wait;

import dev.harp.relay.limit.SharedBound;
import dev.harp.relay.store.Seen;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One parked call: a {@code Condition} and the reason for waking it.
 *
 * <p>A signal that comes while the thread is not waiting is kept for its next {@link #await}. Because of that, and
 * because a call registers before it reads, no change is missed.
 */
public final class Waiter implements AutoCloseable {
    /**
     * Nanoseconds after which the client is watched: most waits in a busy relay are shorter, and watching costs them.
     */
    static final long WATCH_AFTER = Duration.ofSeconds(1).toNanos();

    private final WaitingRoom room;
    private final Topic topic;
    private final List<SharedBound.Share<String>> shares;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private Optional<WakeReason> pending = Optional.empty();
    private final long enteredAt;
    private boolean watched;
    private long wokenAt;
    private long signaledAt;
    private Seen seen = Seen.NOTHING;

    Waiter(WaitingRoom room, Topic topic, List<SharedBound.Share<String>> shares) {
        this.room = room;
        this.topic = topic;
        this.shares = shares;
        this.enteredAt = room.nanoTime.getAsLong();
        this.signaledAt = enteredAt;
    }

    Topic topic() {
        return topic;
    }

    /** In whose shares the place counts. */
    List<SharedBound.Share<String>> shares() {
        return shares;
    }

    /** Wakes the thread by a signal; of several, the last that had something seen counts. */
    void signal(Seen news) {
        lock.lock();
        try {
            seen = news.equals(Seen.NOTHING) ? seen : news;
            wake(WakeReason.SIGNALED);
        } finally {
            lock.unlock();
        }
    }

    /** What was seen of the changes that were signalled since the last call. */
    public Seen seen() {
        lock.lock();
        try {
            Seen last = seen;
            seen = Seen.NOTHING;
            return last;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Wakes the thread. A signal is used up by one {@link #await}; every other reason is final, and the first counts.
     */
    void wake(WakeReason reason) {
        lock.lock();
        try {
            if (pending.isEmpty() || pending.get() == WakeReason.SIGNALED) {
                if (pending.isEmpty()) {
                    wokenAt = room.nanoTime.getAsLong();
                }
                pending = Optional.of(reason);
                woken.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until woken, or until the deadline. If no signal comes for the room's re-read interval, in however many
     * waits, the result is {@link WakeReason#SIGNALED} all the same. An interrupt counts as
     * {@link WakeReason#DRAINING}, since only a server that stops interrupts.
     *
     * @param deadline on the scale of the room's monotonic clock, in nanoseconds
     */
    public WakeReason await(long deadline) {
        boolean parked = false;
        lock.lock();
        try {
            while (pending.isEmpty()) {
                long now = room.nanoTime.getAsLong();
                long left = deadline - now;
                if (left <= 0) {
                    return WakeReason.DEADLINE;
                }
                long quiet = room.reread.toNanos() - (now - signaledAt);
                if (quiet <= 0) {
                    signaledAt = now;
                    return WakeReason.SIGNALED;
                }
                parked = true;
                long unwatched = watched ? Long.MAX_VALUE : enteredAt + WATCH_AFTER - now;
                if (unwatched <= 0) {
                    watched = true;
                    room.clients.watch(() -> wake(WakeReason.GONE));
                    unwatched = Long.MAX_VALUE;
                }
                var _ = woken.awaitNanos(Math.min(unwatched, Math.min(left, quiet)));
            }
            WakeReason reason = pending.get();
            if (reason == WakeReason.SIGNALED) {
                pending = Optional.empty();
                signaledAt = room.nanoTime.getAsLong();
                if (parked) {
                    room.wakeNanos.accept(signaledAt - wokenAt);
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
