package dev.harp.relay.service;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairingEvent;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestEvent;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Ruling;
import dev.harp.relay.protocol.Token;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Feed;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.Step;
import dev.harp.relay.store.Stored;
import dev.harp.relay.wait.Topic;
import dev.harp.relay.wait.WaitingRoom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Registering a phone, and what it has to know ({@code docs/protocol.md}, sections 5 and 6). */
public final class Devices {
    /** How many entries one answer has at most. */
    public static final int PAGE = 100;

    /** How many characters of ciphertext one answer has at most, unless a single entry has more. */
    public static final long PAGE_TEXT = 1 << 20;

    private final RelayStore store;
    private final RequestLifecycle lifecycle;
    private final LongPoll waits;
    private final IdGenerator ids;
    private final InstantSource clock;

    /**
     * A device that has just been registered.
     *
     * @param device the device
     * @param token its token, shown this once
     */
    public record Registered(Device device, Token token) {}

    /**
     * What a device has to know.
     *
     * @param requests open requests, and cancelled ones
     * @param cursor what the device knows once it has this
     * @param reset whether the cursor that was asked for is not covered any more: whatever is not in this list is over
     */
    public record Inbox(List<Request> requests, Cursor cursor, boolean reset) {}

    /** Devices in the store, waiting in the room. */
    public Devices(
            RelayStore store, RequestLifecycle lifecycle, WaitingRoom room, IdGenerator ids, InstantSource clock) {
        this.store = store;
        this.lifecycle = lifecycle;
        this.waits = new LongPoll(room);
        this.ids = ids;
        this.clock = clock;
    }

    /** Registers a phone; refused with {@code relay_full}. */
    public Result<Registered> register(Optional<String> pushToken) {
        Token token = ids.deviceToken();
        while (true) {
            Instant now = clock.instant();
            Device device =
                    new Device(ids.device(), token.digest(), pushToken, now, now.plus(ProtocolLimits.UNPAIRED_DEVICE));
            Stored<Boolean> stored = store.changeDevice(
                    device.id(), taken -> new Step<>(taken.or(() -> Optional.of(device)), taken.isEmpty()));
            switch (stored) {
                case Stored.Full<Boolean> _ -> {
                    return Result.refused(Refusals.full("device"));
                }
                case Stored.Done<Boolean>(Boolean added) -> {
                    if (added) {
                        return Result.ok(new Registered(device, token));
                    }
                }
            }
        }
    }

    /** Sets the push token, or clears it; refused with {@code unauthorized}, {@code relay_full}. */
    public Result<DeviceId> updatePushToken(Caller caller, DeviceId id, Optional<String> pushToken) {
        if (!holds(caller, id)) {
            return Result.refused(Refusals.unauthorized());
        }
        Stored<Boolean> stored = store.changeDevice(
                id, device -> new Step<>(device.map(known -> known.withPushToken(pushToken)), device.isPresent()));
        return switch (stored) {
            case Stored.Full<Boolean> _ -> Result.refused(Refusals.full("push token"));
            case Stored.Done<Boolean>(Boolean known) -> known ? Result.ok(id) : Result.refused(Refusals.unauthorized());
        };
    }

    /** Forgets the device and revokes all of its pairings; refused with {@code unauthorized}. */
    public Result<DeviceId> remove(Caller caller, DeviceId id) {
        if (!holds(caller, id)) {
            return Result.refused(Refusals.unauthorized());
        }
        // The device first: whoever joins a pairing with it from now on finds it gone, and revokes that pairing itself.
        var _ = store.changeDevice(id, _ -> new Step<>(Optional.empty(), id));
        store.pairingsOf(id).forEach(pair -> {
            var _ = lifecycle.apply(pair, new PairingEvent.Revoke());
        });
        lifecycle.removed(id);
        return Result.ok(id);
    }

    /**
     * Reads what the device has to know, and waits while there is nothing.
     *
     * @param after the cursor of the list that the device has; empty for the open requests only
     */
    public Result<Inbox> inbox(Caller caller, DeviceId id, Optional<Cursor> after, Duration wait) {
        if (!holds(caller, id)) {
            return Result.refused(Refusals.unauthorized());
        }
        return waits.until(new Topic.OfDevice(id), wait, () -> {
            if (store.device(id).isEmpty()) {
                return LongPoll.View.news(Result.refused(Refusals.unauthorized()));
            }
            Inbox inbox = read(id, after);
            return LongPoll.View.of(inbox, inbox.reset() || !inbox.requests().isEmpty());
        });
    }

    private Inbox read(DeviceId id, Optional<Cursor> after) {
        while (true) {
            Feed feed = store.feed(id, after, PAGE, PAGE_TEXT);
            boolean cancelledToo = after.isPresent() && !feed.reset();
            List<Request> requests = feed.entries().stream()
                    .flatMap(entry -> current(entry).stream())
                    .filter(request -> request.open() || (cancelledToo && request.state() instanceof Request.Cancelled))
                    .toList();
            // Whatever has dropped out has ended by now, and is not in the feed any more: there may be a next page.
            if (!requests.isEmpty() || feed.entries().isEmpty()) {
                return new Inbox(requests, feed.cursor(), feed.reset());
            }
        }
    }

    /** As it stands; what was listed as cancelled, and is forgotten by now, is still to be told. */
    private Optional<Request> current(Request entry) {
        return lifecycle
                .apply(entry.key(), new RequestEvent.Read())
                .map(Ruling::record)
                .or(() -> Optional.of(entry).filter(known -> !known.open()));
    }

    private static boolean holds(Caller caller, DeviceId id) {
        return caller instanceof Caller.Device(DeviceId own) && own.equals(id);
    }
}
