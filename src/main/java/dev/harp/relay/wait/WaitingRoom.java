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
 * Where long polls and streams wait. A call enters, reads, waits, reads again, and leaves.
 *
 * <pre>{@code
 * enter ---> read: nothing new ---> await ---> read
 *                  ^           ^
 * a change is stored, then signalled: the read finds it, or the signal is kept for the await
 * }</pre>
 *
 * <p>A signal carries nothing, and every woken call reads again. So a lost signal costs time, and never a change.
 *
 * <p>The queue of a topic is an immutable list, replaced within the map's atomic step for its key. So entering, leaving
 * and displacing exclude each other per topic, and a signal needs no lock but each waiter's own. When a topic has as
 * many waiters as it may, a newer one displaces the oldest: a client that has disappeared without a word cannot be told
 * from one that waits, and the oldest is the likeliest to be gone.
 */
public final class WaitingRoom implements ChangeSignal {
    /** Longer than any wait. */
    public static final Duration NEVER = Duration.ofDays(36_500);

    private final int maxPerTopic;
    private final int maxWaiters;
    final LongSupplier nanoTime;
    final Duration reread;
    final LongConsumer wakeNanos;
    final ClientWatch clients;
    private final ConcurrentHashMap<Topic, List<Waiter>> queues = new ConcurrentHashMap<>();
    private final AtomicInteger waiters = new AtomicInteger();
    private volatile boolean draining;

    /**
     * An empty room.
     *
     * @param maxPerTopic how many calls may wait for one topic, at least 1
     * @param maxWaiters how many calls may wait in all, at least 1
     * @param nanoTime a monotonic clock in nanoseconds
     * @param reread after how long without a signal a waiter is woken all the same. A signal that was lost between two
     *     relays delays a waiter by no more than that. {@link #NEVER} if no signal can be lost
     * @param wakeNanos receives the nanoseconds from each signal to the moment at which the parked thread runs again
     * @param clients notices that the client of a parked call has gone, which wakes the call
     */
    public WaitingRoom(
            int maxPerTopic,
            int maxWaiters,
            LongSupplier nanoTime,
            Duration reread,
            LongConsumer wakeNanos,
            ClientWatch clients) {
        this.maxPerTopic = maxPerTopic;
        this.maxWaiters = maxWaiters;
        this.nanoTime = nanoTime;
        this.reread = reread;
        this.wakeNanos = wakeNanos;
        this.clients = clients;
    }

    /**
     * Takes a place, which the caller closes. If the topic has no place left, its oldest waiter is displaced.
     *
     * @return empty if the room is full and the topic has no waiter to displace
     */
    public Optional<Waiter> enter(Topic topic) {
        Waiter waiter = new Waiter(this, topic);
        List<Waiter> queue = queues.compute(topic, (_, before) -> {
            List<Waiter> others = before == null ? List.of() : before;
            // Counted within the atomic step, so that a counted waiter is in the queue before any later one enters.
            if (waiters.incrementAndGet() > maxWaiters && others.size() < maxPerTopic) {
                waiters.decrementAndGet();
                return before;
            }
            return join(others, waiter);
        });
        if (queue == null || !queue.contains(waiter)) {
            return Optional.empty();
        }
        // After joining: a waiter that drain() did not find sees the flag here.
        if (draining) {
            waiter.wake(WakeReason.DRAINING);
        }
        return Optional.of(waiter);
    }

    private List<Waiter> join(List<Waiter> queue, Waiter waiter) {
        List<Waiter> next = new ArrayList<>(queue);
        if (next.size() >= maxPerTopic) {
            next.removeFirst().wake(WakeReason.DISPLACED);
            waiters.decrementAndGet();
        }
        next.add(waiter);
        return List.copyOf(next);
    }

    /** Gives up the waiter's place, unless it was displaced. */
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
            queue.forEach(waiter -> waiter.wake(WakeReason.SIGNALED));
        }
    }

    /** Makes all waiters read again, because signals may have been missed while the store could not be reached. */
    public void raiseAll() {
        wakeAll(WakeReason.SIGNALED);
    }

    /** Wakes all waiters, and every later one, for a shutdown. */
    public void drain() {
        draining = true;
        wakeAll(WakeReason.DRAINING);
    }

    private void wakeAll(WakeReason reason) {
        queues.values().forEach(queue -> queue.forEach(waiter -> waiter.wake(reason)));
    }

    /** The deadline of a wait that begins now, for {@link Waiter#await}. */
    public long deadline(Duration wait) {
        return nanoTime.getAsLong() + wait.toNanos();
    }

    /** How many calls wait now. */
    public int waiters() {
        return waiters.get();
    }
}
