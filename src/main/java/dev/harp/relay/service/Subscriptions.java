package dev.harp.relay.service;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.wait.Topic;
import dev.harp.relay.wait.Waiter;
import dev.harp.relay.wait.WaitingRoom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The polls' facts as streams, for clients that would rather hold one than ask again and again ({@code docs/protocol.md}, section 15). */
public final class Subscriptions {
    /** How many requests are read at once. */
    static final int PAGE = 20;

    /** How many characters of ciphertext are read at once, unless a single request has more. */
    static final long PAGE_TEXT = 1 << 18;

    private final RelayStore store;
    private final RequestLifecycle lifecycle;
    private final WaitingRoom room;
    private final Times times;
    private final AtomicInteger open = new AtomicInteger();

    /**
     * How long what takes.
     *
     * @param heartbeat after how long without news a sign of life is sent
     * @param longest how long a stream lasts at most
     */
    public record Times(Duration heartbeat, Duration longest) {}

    /** Streams of what is in the store, each in its place in the room. */
    public Subscriptions(RelayStore store, RequestLifecycle lifecycle, WaitingRoom room, Times times) {
        this.store = store;
        this.lifecycle = lifecycle;
        this.room = room;
        this.times = times;
    }

    /**
     * What a device has to know.
     *
     * @param after what the device knows; empty for the open requests, and all that comes after
     * @return the stream; refused with {@code unauthorized}, {@code relay_full}, {@code shutting_down}
     */
    public Result<EventSubscription<DeviceUpdate>> ofDevice(Caller.Device caller, Optional<Cursor> after) {
        DeviceId id = caller.device();
        return live(new Topic.OfDevice(id), new DeviceFeed(store, lifecycle, id, after));
    }

    /**
     * What a platform has to know: its pairing, and the pairing's requests.
     *
     * @param after what the platform knows; empty for everything
     * @return the stream; refused with {@code unauthorized}, {@code pairing_expired}, {@code pair_revoked}, {@code relay_full}, {@code shutting_down}
     */
    public Result<EventSubscription<PairingUpdate>> ofPairing(Caller.Platform caller, Optional<PairingCursor> after) {
        PairId id = caller.pair();
        PairingFeed source = new PairingFeed(store, lifecycle, id, after);
        Optional<Refusal> refusal = source.refusal();
        return refusal.isPresent() ? Result.refused(refusal.get()) : live(new Topic.OfHistory(id), source);
    }

    private <T> Result<EventSubscription<T>> live(Topic topic, EventSubscription.Source<T> source) {
        Optional<Waiter> place = room.enter(topic);
        if (place.isEmpty()) {
            return Result.refused(Refusals.full("stream"));
        }
        open.incrementAndGet();
        EventSubscription<T> live = new EventSubscription<>(
                room, place.get(), source, times.heartbeat(), room.deadline(times.longest()), open::decrementAndGet);
        boolean begun = false;
        try {
            begun = live.begin();
            return begun ? Result.ok(live) : Result.refused(Refusals.shuttingDown());
        } finally {
            if (!begun) {
                live.close();
            }
        }
    }

    /** How many streams are open now. */
    public int open() {
        return open.get();
    }
}
