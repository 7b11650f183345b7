package dev.harp.relay.service;

import dev.harp.relay.limit.Allowance;
import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.PairingEvent;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Token;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.wait.Topic;
import dev.harp.relay.wait.WaitingRoom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Registration of devices, and their lists of requests ({@code docs/protocol.md}, sections 5 and 6). */
public final class Devices {
    /** The most requests, or pairings, of one page. */
    public static final int PAGE = 100;

    /** The most characters of ciphertext of one page, unless a single request has more. */
    public static final long PAGE_TEXT = 1 << 20;

    private final RelayStore store;
    private final RequestLifecycle lifecycle;
    private final RequestLists lists;
    private final LongPoll longPoll;
    private final IdGenerator ids;
    private final InstantSource clock;
    private final Function<String, Optional<String>> flaw;

    /**
     * A device that has just been registered.
     *
     * @param device the device
     * @param token its token, shown this once
     */
    public record Registered(Device device, Token token) {}

    /**
     * Devices of the store, whose polls wait in the room.
     *
     * @param flaw what is wrong with a push token; empty if nothing is, or if that cannot be known
     */
    public Devices(
            RelayStore store,
            RequestLifecycle lifecycle,
            WaitingRoom room,
            IdGenerator ids,
            InstantSource clock,
            Function<String, Optional<String>> flaw) {
        this.store = store;
        this.lifecycle = lifecycle;
        this.lists = new RequestLists(store, lifecycle, PAGE, PAGE_TEXT);
        this.longPoll = new LongPoll(room);
        this.ids = ids;
        this.clock = clock;
        this.flaw = flaw;
    }

    /**
     * Registers a device, without a push token; refused with {@code invalid_request}, {@code relay_full}.
     *
     * @param opener where it calls from, whose share it counts for
     * @param pushToken is checked and not kept
     */
    public Result<Registered> register(Opener opener, Optional<String> pushToken) {
        return refused(pushToken).<Result<Registered>>map(Result::refused).orElseGet(() -> register(opener));
    }

    private Optional<Refusal> refused(Optional<String> pushToken) {
        return pushToken.flatMap(flaw).map(detail -> Refusal.of(ErrorCode.INVALID_REQUEST, detail));
    }

    /** Registers a device that gives no push token; refused with {@code relay_full}. */
    public Result<Registered> register(Opener opener) {
        Token token = ids.deviceToken();
        Instant now = clock.instant();
        Device device = new Device(
                ids.device(), token.digest(), Optional.empty(), now, now.plus(ProtocolLimits.UNPAIRED_DEVICE), opener);
        return store.changeDevice(
                        device.id(), taken -> new Change<>(taken.or(() -> Optional.of(device)), taken.isEmpty()))
                .orRefuse(bound -> Refusals.full("device", bound))
                .then(added -> added ? Result.ok(new Registered(device, token)) : register(opener));
    }

    /**
     * A page of a device's pairings.
     *
     * @param pairings those that it has joined and that have not ended, in the order of their ids
     * @param next the last one's id, if there are more
     */
    public record Joined(List<Pairing> pairings, Optional<PairId> next) {}

    /**
     * Lists the device's pairings, at most {@value #PAGE}.
     *
     * @param after the end of the page before
     */
    public Joined pairings(Caller.Device caller, Optional<PairId> after) {
        List<PairId> ids = store.pairingsOf(caller.device()).stream()
                .filter(id -> after.filter(last -> id.value().compareTo(last.value()) <= 0)
                        .isEmpty())
                .sorted(Comparator.comparing(PairId::value))
                .limit(PAGE + 1L)
                .toList();
        List<PairId> page = ids.subList(0, Math.min(PAGE, ids.size()));
        return new Joined(
                page.stream()
                        .flatMap(id -> store.pairing(id).stream())
                        .filter(pairing -> pairing.state() instanceof Pairing.Active)
                        .toList(),
                ids.size() > PAGE ? Optional.of(page.getLast()) : Optional.empty());
    }

    /**
     * Sets the push token, or clears it. A device that has never joined a pairing cannot set one: nobody can wake it,
     * and anybody can register devices.
     *
     * @return refused with {@code unauthorized}, {@code invalid_request}, {@code not_paired}, {@code relay_full}
     */
    public Result<DeviceId> updatePushToken(Caller.Device caller, Optional<String> pushToken) {
        DeviceId id = caller.device();
        Optional<Refusal> refused = refused(pushToken);
        if (refused.isPresent()) {
            return Result.refused(refused.get());
        }
        if (pushToken.isPresent() && store.pairingsOf(id).isEmpty()) {
            return Result.refused(Refusals.noPairing());
        }
        return store.changeDevice(
                        id,
                        device -> new Change<>(device.map(known -> known.withPushToken(pushToken)), device.isPresent()))
                .orRefuse(bound -> Refusals.full("push token", bound))
                .then(known -> known ? Result.ok(id) : Result.refused(Refusal.UNAUTHORIZED));
    }

    /**
     * Gives the device another token. The present one ends at once, and so do the calls that wait with it.
     *
     * @return the new token; refused with {@code unauthorized}
     */
    public Result<Token> rotate(Caller.Device caller) {
        Token next = ids.deviceToken();
        boolean rotated = store.changeDevice(caller.device(), device -> {
                    boolean present = device.filter(caller::holds).isPresent();
                    return new Change<>(
                            present ? device.map(known -> known.withToken(next.digest())) : device, present);
                })
                .orElseThrow();
        if (!rotated) {
            return Result.refused(Refusal.UNAUTHORIZED);
        }
        lifecycle.changed(caller.device());
        return Result.ok(next);
    }

    /** Removes the device and revokes all of its pairings; refused with {@code unauthorized}. */
    public Result<DeviceId> remove(Caller.Device caller) {
        return remove(caller.device());
    }

    /** Removes a device, as itself can. */
    Result<DeviceId> remove(DeviceId id) {
        // The device first: a thread that joins a pairing with it from now on finds it gone, and revokes that pairing.
        var _ = store.changeDevice(id, _ -> new Change<>(Optional.empty(), id));
        store.pairingsOf(id).forEach(pair -> {
            var _ = lifecycle.apply(pair, new PairingEvent.Revoke());
        });
        lifecycle.changed(id);
        return Result.ok(id);
    }

    /**
     * Reads the device's list, and waits while it is empty. Open requests are delivered by this.
     *
     * @param after the device's cursor; empty for the open requests only
     * @param memory holds the memory of what is returned
     * @return open and cancelled requests; after a reset, the device discards every request that is not among them.
     *     Refused with {@code unauthorized}, {@code relay_full}, {@code shutting_down}
     * @throws NoRoom if there is no memory for an answer
     */
    public Result<Page> inbox(Caller.Device caller, Optional<Cursor> after, Wait wait, Allowance memory) {
        return longPoll.until(
                new Topic.OfDevice(caller.device()),
                wait,
                caller.start(),
                seen -> lists.inbox(caller, seen, after, memory)
                        .map(Result::ok)
                        .orElseGet(() -> Result.refused(Refusal.UNAUTHORIZED)),
                page -> page.reset() || !page.entries().isEmpty());
    }
}
