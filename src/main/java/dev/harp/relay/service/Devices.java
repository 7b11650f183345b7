package dev.harp.relay.service;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairingEvent;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestEvent;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Token;
import dev.harp.relay.protocol.Transition;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreResult;
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
            StoreResult<Boolean> stored = store.changeDevice(
                    device.id(), taken -> new Change<>(taken.or(() -> Optional.of(device)), taken.isEmpty()));
            switch (stored) {
                case StoreResult.Full<Boolean> _ -> {
                    return Result.refused(Refusals.full("device"));
                }
                case StoreResult.Done<Boolean>(Boolean added) -> {
                    if (added) {
                        return Result.ok(new Registered(device, token));
                    }
                }
            }
        }
    }

    /** Sets the push token, or clears it; refused with {@code unauthorized}, {@code relay_full}. */
    public Result<DeviceId> updatePushToken(Caller.Device caller, Optional<String> pushToken) {
        DeviceId id = caller.device();
        StoreResult<Boolean> stored = store.changeDevice(
                id, device -> new Change<>(device.map(known -> known.withPushToken(pushToken)), device.isPresent()));
        return switch (stored) {
            case StoreResult.Full<Boolean> _ -> Result.refused(Refusals.full("push token"));
            case StoreResult.Done<Boolean>(Boolean known) ->
                known ? Result.ok(id) : Result.refused(Refusals.unauthorized());
        };
    }

    /** Forgets the device and revokes all of its pairings; refused with {@code unauthorized}. */
    public Result<DeviceId> remove(Caller.Device caller) {
        DeviceId id = caller.device();
        // The device first: whoever joins a pairing with it from now on finds it gone, and revokes that pairing itself.
        var _ = store.changeDevice(id, _ -> new Change<>(Optional.empty(), id));
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
    public Result<Inbox> inbox(Caller.Device caller, Optional<Cursor> after, Duration wait) {
        DeviceId id = caller.device();
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
            Page page = store.inbox(id, after, PAGE, PAGE_TEXT);
            boolean cancelledToo = after.isPresent() && !page.reset();
            List<Request> requests = page.requests().stream()
                    .flatMap(entry -> current(entry).stream())
                    .filter(request -> request.open() || (cancelledToo && request.state() instanceof Request.Cancelled))
                    .toList();
            // Whatever has dropped out has ended by now, and is not in the feed any more: there may be a next page.
            if (!requests.isEmpty() || page.requests().isEmpty()) {
                return new Inbox(requests, page.cursor(), page.reset());
            }
        }
    }

    /** As it stands; what was listed as cancelled, and is forgotten by now, is still to be told. */
    private Optional<Request> current(Request entry) {
        return lifecycle
                .apply(entry.key(), new RequestEvent.Read())
                .map(Transition::record)
                .or(() -> Optional.of(entry).filter(known -> !known.open()));
    }
}
