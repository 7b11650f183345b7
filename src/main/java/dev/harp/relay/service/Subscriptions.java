package dev.harp.relay.service;

import dev.harp.relay.limit.Allowance;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.wait.Topic;
import dev.harp.relay.wait.WaitingRoom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Opens the event streams, which report what the long polls answer ({@code docs/protocol.md}, section 15). */
public final class Subscriptions {
    private static final int PAGE = 20;
    private static final long PAGE_TEXT = 1 << 18;

    private final RelayStore store;
    private final RequestLifecycle lifecycle;
    private final RequestLists lists;
    private final WaitingRoom room;
    private final Duration heartbeat;
    private final Duration longest;
    private final AtomicInteger open = new AtomicInteger();

    /**
     * Streams of the store's lists; each takes a place in the room.
     *
     * @param heartbeat after how long without an update a stream sends a heartbeat
     * @param longest the maximum lifetime of a stream
     */
    public Subscriptions(
            RelayStore store, RequestLifecycle lifecycle, WaitingRoom room, Duration heartbeat, Duration longest) {
        this.store = store;
        this.lifecycle = lifecycle;
        this.lists = new RequestLists(store, lifecycle, PAGE, PAGE_TEXT);
        this.room = room;
        this.heartbeat = heartbeat;
        this.longest = longest;
    }

    /**
     * Streams a device's list.
     *
     * @param after the device's cursor; empty for the open requests, and all that comes after
     * @param opener the networks of the client
     * @param memory holds the memory of the last update; the caller gives it back when that is written
     * @return the stream; refused with {@code unauthorized}, {@code relay_full}, {@code shutting_down}
     * @throws NoRoom if there is no memory for an update; so does the stream itself
     */
    public Result<EventSubscription<DeviceUpdate>> ofDevice(
            Caller.Device caller, Optional<Cursor> after, Opener opener, Allowance memory) {
        return begin(new Topic.OfDevice(caller.device()), new DeviceSource(lists, caller, after, memory), opener);
    }

    /**
     * Streams a pairing and the history of its requests.
     *
     * @param after the platform's cursor; empty for everything
     * @param opener the networks of the client
     * @param memory holds the memory of the last update; the caller gives it back when that is written
     * @return the stream; refused with {@code unauthorized}, {@code pairing_expired}, {@code pair_revoked},
     *     {@code relay_full}, {@code shutting_down}
     */
    public Result<EventSubscription<PairingUpdate>> ofPairing(
            Caller.Platform caller, Optional<PairingCursor> after, Opener opener, Allowance memory) {
        PairingSource source = new PairingSource(store, lifecycle, lists, caller, after, memory);
        Optional<Refusal> refusal = source.refusal();
        return refusal.isPresent()
                ? Result.refused(refusal.get())
                : begin(new Topic.OfHistory(caller.pair()), source, opener);
    }

    private <T> Result<EventSubscription<T>> begin(Topic topic, EventSubscription.Source<T> source, Opener opener) {
        WaitingRoom.Entry entry = room.enter(topic, opener);
        if (entry.waiter().isEmpty()) {
            return Result.refused(Refusals.noPlace("stream", entry.outcome()));
        }
        open.incrementAndGet();
        EventSubscription<T> stream = new EventSubscription<>(
                room, entry.waiter().get(), source, heartbeat, room.deadline(longest), open::decrementAndGet);
        boolean begun = false;
        try {
            begun = stream.begin();
            return begun ? Result.ok(stream) : Result.refused(Refusals.shuttingDown());
        } finally {
            if (!begun) {
                stream.close();
            }
        }
    }

    /** How many streams are open now. */
    public int open() {
        return open.get();
    }
}
