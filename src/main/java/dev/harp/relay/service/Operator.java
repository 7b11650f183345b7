package dev.harp.relay.service;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.PairingEvent;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Transition;
import dev.harp.relay.store.RelayStore;

/**
 * What the operator does about what clients have opened. It acts as the clients themselves could: whoever waits is
 * told, on all relays of the store.
 */
public final class Operator {
    private final RelayStore store;
    private final RequestLifecycle lifecycle;
    private final Devices devices;

    /** Acts on the records of the store. */
    public Operator(RelayStore store, RequestLifecycle lifecycle, Devices devices) {
        this.store = store;
        this.lifecycle = lifecycle;
        this.devices = devices;
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
        return devices.remove(new Caller.Device(id)).then(_ -> Result.ok(pairings));
    }
}
