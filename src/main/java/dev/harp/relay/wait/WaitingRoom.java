package dev.harp.relay.wait;

import dev.harp.relay.limit.SharedBound;
import dev.harp.relay.limit.SharedBound.Outcome;
import dev.harp.relay.limit.SharedBound.Share;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Shares;
import dev.harp.relay.protocol.Shares.Measure;
import dev.harp.relay.store.Seen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
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
 * <p>A signal carries no change, and every woken call reads again. So a lost signal costs time, and never a change.
 *
 * <p>The queue of a topic is an immutable list, replaced within the map's atomic step for its key. So entering, leaving
 * and displacing exclude each other per topic, and a signal needs no lock but each waiter's own. When a topic has as
 * many waiters as it may, a newer one displaces the oldest: a client that has disappeared without a word cannot be told
 * from one that waits, and the oldest is the likeliest to be gone.
 *
 * <p>Each place counts in the shares of the client's networks, and of the pairing that it waits for. A device has no
 * share of its own: it has one topic.
 */
public final class WaitingRoom implements ChangeSignal {
    /** Longer than any wait. */
    public static final Duration NEVER = Duration.ofDays(36_500);

    private static final int SLOTS = 4096;

    private final int maxPerTopic;
    private final int maxWaiters;
    private final Shares shares;
    final LongSupplier nanoTime;
    final Duration reread;
    final LongConsumer wakeNanos;
    final ClientWatch clients;
    private final ConcurrentHashMap<Topic, List<Waiter>> queues = new ConcurrentHashMap<>();
    private final SharedBound<String> places;
    private volatile boolean draining;

    /** How many signals there were, and the number of the latest one for the topics of each slot and, last, for all. */
    private final AtomicLong signals = new AtomicLong();

    private final AtomicLongArray latest = new AtomicLongArray(SLOTS + 1);

    /**
     * What became of entering.
     *
     * @param outcome why there is no place, or {@link Outcome#TAKEN}
     * @param waiter the place, if there is one
     */
    public record Entry(Outcome outcome, Optional<Waiter> waiter) {}

    /**
     * An empty room.
     *
     * @param maxPerTopic how many calls may wait for one topic, at least 1
     * @param maxWaiters how many calls may wait in all, at least 1
     * @param shares how many of them a network or a pairing may have
     * @param nanoTime a monotonic clock in nanoseconds
     * @param reread after how long without a signal a waiter is woken all the same. A signal that was lost between two
     *     relays delays a waiter by no more than that. {@link #NEVER} if no signal can be lost
     * @param wakeNanos receives the nanoseconds from each signal to the moment at which the parked thread runs again
     * @param clients notices that the client of a parked call has gone, which wakes the call
     */
    public WaitingRoom(
            int maxPerTopic,
            int maxWaiters,
            Shares shares,
            LongSupplier nanoTime,
            Duration reread,
            LongConsumer wakeNanos,
            ClientWatch clients) {
        this.maxPerTopic = maxPerTopic;
        this.maxWaiters = maxWaiters;
        this.shares = shares;
        this.places = new SharedBound<>(maxWaiters);
        this.nanoTime = nanoTime;
        this.reread = reread;
        this.wakeNanos = wakeNanos;
        this.clients = clients;
    }

    /**
     * Takes a place, which the caller closes. If the topic has no place left, its oldest waiter is displaced, whose
     * place then counts in the shares of this call: a call that would exceed them displaces nobody.
     *
     * @param opener the networks of the client that waits
     */
    public Entry enter(Topic topic, Opener opener) {
        Waiter waiter = new Waiter(this, topic, sharesOf(topic, opener));
        Outcome[] outcome = {Outcome.ALL_HELD};
        var _ = queues.compute(topic, (_, before) -> {
            List<Waiter> next = new ArrayList<>(before == null ? List.of() : before);
            // Counted within the atomic step, so that a counted waiter is in the queue before any later one enters.
            outcome[0] = next.size() < maxPerTopic
                    ? places.take(1, waiter.shares())
                    : places.passOn(1, next.getFirst().shares(), waiter.shares());
            if (outcome[0] != Outcome.TAKEN) {
                return before;
            }
            if (next.size() >= maxPerTopic) {
                next.removeFirst().wake(WakeReason.DISPLACED);
            }
            next.add(waiter);
            return List.copyOf(next);
        });
        if (outcome[0] != Outcome.TAKEN) {
            return new Entry(outcome[0], Optional.empty());
        }
        // After joining: a waiter that drain() did not find sees the flag here.
        if (draining) {
            waiter.wake(WakeReason.DRAINING);
        }
        return new Entry(Outcome.TAKEN, Optional.of(waiter));
    }

    private List<Share<String>> sharesOf(Topic topic, Opener opener) {
        List<Share<String>> all = new ArrayList<>();
        opener.networks()
                .forEach(network ->
                        all.add(new Share<>(network, shares.ofNetwork(Measure.WAITERS, maxWaiters, network))));
        pairingOf(topic)
                .ifPresent(pair -> all.add(new Share<>(pair.value(), shares.ofPairing(Measure.WAITERS, maxWaiters))));
        return all;
    }

    private static Optional<PairId> pairingOf(Topic topic) {
        return switch (topic) {
            case Topic.OfPairing(PairId id) -> Optional.of(id);
            case Topic.OfHistory(PairId id) -> Optional.of(id);
            case Topic.OfRequest(RequestKey key) -> Optional.of(key.pair());
            case Topic.OfDevice _ -> Optional.empty();
        };
    }

    /** Gives up the waiter's place, unless it was displaced. */
    void leave(Waiter waiter) {
        queues.computeIfPresent(waiter.topic(), (_, queue) -> {
            List<Waiter> rest = new ArrayList<>(queue);
            if (rest.remove(waiter)) {
                places.release(1, waiter.shares());
            }
            return rest.isEmpty() ? null : List.copyOf(rest);
        });
    }

    @Override
    public void raise(Topic topic) {
        raise(topic, Seen.NOTHING);
    }

    @Override
    public void raise(Topic topic, Seen seen) {
        // Before the queue is read, as a waiter joins the queue before it asks: one of the two sees the other.
        note(slot(topic));
        List<Waiter> queue = queues.get(topic);
        if (queue != null) {
            queue.forEach(waiter -> waiter.signal(seen));
        }
    }

    /** The present moment, for {@link #raisedSince}. */
    public long mark() {
        return signals.get();
    }

    /**
     * Whether there may have been a signal since then. Whoever reads after a mark, enters, and is told that there was
     * none has missed no change.
     */
    public boolean raisedSince(Topic topic, long mark) {
        return latest.get(slot(topic)) > mark || latest.get(SLOTS) > mark;
    }

    private void note(int slot) {
        latest.accumulateAndGet(slot, signals.incrementAndGet(), Math::max);
    }

    private static int slot(Topic topic) {
        return Math.floorMod(topic.hashCode() * 0x9e3779b9, SLOTS);
    }

    /** Makes all waiters read again, because signals may have been missed while the store could not be reached. */
    public void raiseAll() {
        note(SLOTS);
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

    /** How many calls wait now for each network, by the names of {@link Opener}, and for each pairing, by its id. */
    public Map<String, Long> holders() {
        return places.holders();
    }

    /** How many calls wait now. */
    public int waiters() {
        return Math.toIntExact(places.held());
    }
}
