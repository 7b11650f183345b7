package dev.harp.relay.wait;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Where long polls wait. The way of a poll is: enter, read, wait, read again, leave.
 *
 * <pre>{@code
 *   waiter enters ---> reads: nothing yet ---> awaits ---> reads
 *                           ^             ^
 *   a change: stored, then rung: found by the read, or kept for the await
 * }</pre>
 *
 * <p>A ring carries nothing. Whoever is called reads again, so a lost ring costs time and never a message.
 *
 * <p>The queue of a topic is an immutable list, replaced within the map's atomic step for its key: entering, leaving and
 * displacing exclude each other per topic, and ringing needs no lock but each waiter's own. When a topic has as many waiters
 * as it may, a newer one displaces the oldest. The relay cannot see that a parked client has gone, and the oldest is the
 * likeliest to be gone.
 */
public final class WaitingRoom implements ChangeSignal {
    /** Longer than any wait. */
    public static final Duration NEVER = Duration.ofDays(36_500);

    private final int perTopic;
    private final int inAll;
    private final LongSupplier nanoTime;
    private final Duration reread;
    private final LongConsumer wakeNanos;
    private final ConcurrentHashMap<Topic, List<Waiter>> queues = new ConcurrentHashMap<>();
    private final AtomicInteger waiters = new AtomicInteger();
    private volatile boolean draining;

    /**
     * An empty room.
     *
     * @param perTopic how many may wait for one topic, at least 1
     * @param inAll how many may wait, at least 1
     * @param nanoTime a monotonic clock in nanoseconds
     */
    public WaitingRoom(int perTopic, int inAll, LongSupplier nanoTime) {
        this(perTopic, inAll, nanoTime, NEVER, _ -> {});
    }

    /**
     * An empty room that tells how fast it wakes.
     *
     * @param reread after how long a waiter that nobody calls is called all the same, so that a ring that got lost between two
     *     relays costs no more than that; {@link #NEVER} if no ring can get lost
     * @param wakeNanos gets the nanoseconds from each ring to the moment at which the parked thread runs again
     */
    public WaitingRoom(int perTopic, int inAll, LongSupplier nanoTime, Duration reread, LongConsumer wakeNanos) {
        this.perTopic = perTopic;
        this.inAll = inAll;
        this.nanoTime = nanoTime;
        this.reread = reread;
        this.wakeNanos = wakeNanos;
    }

    /**
     * Takes a place; the caller closes it. If the topic has no place left, its oldest waiter is called away.
     *
     * @return empty if the room as a whole is full, and the topic has no waiter to give its place
     */
    public Optional<Waiter> enter(Topic topic) {
        Waiter waiter = new Waiter(this, topic, nanoTime, reread, wakeNanos);
        List<Waiter> queue = queues.compute(topic, (_, before) -> {
            List<Waiter> others = before == null ? List.of() : before;
            // Counted within the step, so that whoever is counted is in the queue before anybody who comes later.
            if (waiters.incrementAndGet() > inAll && others.size() < perTopic) {
                waiters.decrementAndGet();
                return before;
            }
            return join(others, waiter);
        });
        if (queue == null || !queue.contains(waiter)) {
            return Optional.empty();
        }
        // After joining: whoever joins later than drain() looked has to see the flag, and the other way round.
        if (draining) {
            waiter.call(WakeReason.DRAINING);
        }
        return Optional.of(waiter);
    }

    private List<Waiter> join(List<Waiter> queue, Waiter waiter) {
        List<Waiter> next = new ArrayList<>(queue);
        if (next.size() >= perTopic) {
            next.removeFirst().call(WakeReason.DISPLACED);
            waiters.decrementAndGet();
        }
        next.add(waiter);
        return List.copyOf(next);
    }

    /** Who was displaced has given its place away already. */
    void leave(Waiter waiter) {
        queues.computeIfPresent(waiter.topic(), (_, queue) -> {
            List<Waiter> rest =
                    queue.stream().filter(other -> !other.equals(waiter)).toList();
            if (rest.size() < queue.size()) {
                waiters.decrementAndGet();
            }
            return rest.isEmpty() ? null : rest;
        });
    }

    @Override
    public void raise(Topic topic) {
        List<Waiter> queue = queues.get(topic);
        if (queue != null) {
            queue.forEach(waiter -> waiter.call(WakeReason.SIGNALED));
        }
    }

    /** Calls everyone to read again: whatever they wait for may have happened while the store was out of reach. */
    public void raiseAll() {
        queues.values().forEach(queue -> queue.forEach(waiter -> waiter.call(WakeReason.SIGNALED)));
    }

    /** Calls everyone away, and everyone who comes later. For good. */
    public void drain() {
        draining = true;
        queues.values().forEach(queue -> queue.forEach(waiter -> waiter.call(WakeReason.DRAINING)));
    }

    /** The deadline of a wait that begins now, for {@link Waiter#await}. */
    public long deadline(Duration wait) {
        return nanoTime.getAsLong() + wait.toNanos();
    }

    /** How many are waiting now. */
    public int waiters() {
        return waiters.get();
    }
}
