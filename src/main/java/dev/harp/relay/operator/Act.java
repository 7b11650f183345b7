package dev.harp.relay.operator;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;

/** What the operator asks for. */
public sealed interface Act {
    /** Revoke a pairing. */
    record Revoke(PairId pair) implements Act {}

    /** Remove a device. */
    record Remove(DeviceId device) implements Act {}
}
