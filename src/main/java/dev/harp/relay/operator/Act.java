package dev.harp.relay.operator;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;

/** What the operator asks for. */
public sealed interface Act {
    /** List who holds the most. */
    record Holders() implements Act {}

    /**
     * End what a network has opened.
     *
     * @param network a name that {@link Holders} prints, an address, or an IPv6 network
     */
    record End(String network) implements Act {}

    /** Revoke a pairing. */
    record Revoke(PairId pair) implements Act {}

    /** Remove a device. */
    record Remove(DeviceId device) implements Act {}
}
