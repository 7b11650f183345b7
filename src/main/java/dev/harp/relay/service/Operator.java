package dev.harp.relay.service;

import dev.harp.relay.net.Network;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.PairingEvent;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Transition;
import dev.harp.relay.store.DueRecord;
import dev.harp.relay.store.RelayStore;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the operator does about what clients have opened. It acts as the clients themselves could: whoever waits is
 * told, on all relays of the store.
 */
public final class Operator {
    private static final int STEP = 1_000;
    private static final Pattern NAME = Pattern.compile("(4|64|56|48)-[0-9a-f]{16}");

    /** Of the networks of an IPv6 client, in the order of their names. */
    private static final List<Integer> PREFIXES = List.of(64, 56, 48);

    private final RelayStore store;
    private final RequestLifecycle lifecycle;
    private final Devices devices;
    private final Openers openers;

    /**
     * How far the end of a network has come.
     *
     * @param network its name
     * @param pairings how many pairings this step has revoked
     * @param devices how many devices it has removed
     * @param next from where the next step goes on; empty if there is none
     */
    public record Ended(String network, int pairings, int devices, Optional<String> next) {}

    /** Acts on the records of the store. */
    public Operator(RelayStore store, RequestLifecycle lifecycle, Devices devices, Openers openers) {
        this.store = store;
        this.lifecycle = lifecycle;
        this.devices = devices;
        this.openers = openers;
    }

    /**
     * Revokes a pairing, as one of its sides can: its open requests are cancelled.
     *
     * @return how many open requests it had; refused with {@code not_found}, {@code pairing_expired},
     *     {@code pair_revoked}
     */
    public Result<Integer> revoke(PairId id) {
        int open = store.openRequests(id).size();
        return lifecycle
                .apply(id, new PairingEvent.Revoke())
                .map(Transition::result)
                .orElseGet(() -> Result.refused(ErrorCode.NOT_FOUND, "No pairing " + id + " is stored."))
                .then(_ -> Result.ok(open));
    }

    /**
     * Removes a device, and revokes its pairings.
     *
     * @return how many pairings it had, revoked ones too; refused with {@code not_found}
     */
    public Result<Integer> remove(DeviceId id) {
        if (store.device(id).isEmpty()) {
            return Result.refused(ErrorCode.NOT_FOUND, "No device " + id + " is stored.");
        }
        int pairings = store.pairingsOf(id).size();
        return devices.remove(id).then(_ -> Result.ok(pairings));
    }

    /**
     * Ends what has been opened from a network: revokes its pairings and removes its devices, {@value #STEP} of them in
     * one step.
     *
     * @param network a name of an {@link dev.harp.relay.protocol.Opener}, an address, or an IPv6 network of one of the
     *     prefixes that have names
     * @param after {@link Ended#next} of the step before
     * @return refused with {@code invalid_parameter}
     */
    public Result<Ended> end(String network, Optional<String> after) {
        return name(network).then(name -> Result.ok(endNamed(name, after)));
    }

    /** The pairings first, whose ids are the greater ones, so that they are counted and not ended by their devices. */
    private Ended endNamed(String name, Optional<String> after) {
        List<DueRecord> opened = store.openedBy(name).stream()
                .filter(record ->
                        after.filter(last -> id(record).compareTo(last) >= 0).isEmpty())
                .sorted(Comparator.comparing(Operator::id).reversed())
                .limit(STEP + 1L)
                .toList();
        List<DueRecord> step = opened.subList(0, Math.min(STEP, opened.size()));
        int pairings = 0;
        int removed = 0;
        for (DueRecord each : step) {
            switch (each) {
                case DueRecord.OfPairing(PairId id) -> pairings += revoke(id) instanceof Result.Ok<?> ? 1 : 0;
                case DueRecord.OfDevice(DeviceId id) -> removed += remove(id) instanceof Result.Ok<?> ? 1 : 0;
                case DueRecord.OfRequest _ -> {}
            }
        }
        return new Ended(
                name, pairings, removed, opened.size() > STEP ? Optional.of(id(step.getLast())) : Optional.empty());
    }

    private static String id(DueRecord record) {
        return switch (record) {
            case DueRecord.OfPairing(PairId id) -> id.value();
            case DueRecord.OfDevice(DeviceId id) -> id.value();
            case DueRecord.OfRequest(RequestKey key) -> key.pair().value();
        };
    }

    private Result<String> name(String text) {
        if (NAME.matcher(text).matches()) {
            return Result.ok(text);
        }
        Optional<Network> network = Network.parse(text);
        if (network.isEmpty()) {
            return Result.refused(
                    ErrorCode.INVALID_PARAMETER,
                    "This is neither the name of a network, such as 4-0123456789abcdef, nor an address, nor an IPv6"
                            + " network of 64, 56 or 48 bits.");
        }
        List<String> names = openers.of(network.get().address()).networks();
        if (names.isEmpty()) {
            return Result.refused(
                    ErrorCode.INVALID_PARAMETER,
                    "This address is in SHARE_ALLOW, so what is opened from it is noted for no network.");
        }
        int index = network.get().single()
                ? 0
                : names.size() == 1 ? -1 : PREFIXES.indexOf(network.get().prefix());
        return index < 0
                ? Result.refused(
                        ErrorCode.INVALID_PARAMETER,
                        "No such network is noted: give an IPv4 address, or an IPv6 network of 64, 56 or 48 bits.")
                : Result.ok(names.get(index));
    }
}
