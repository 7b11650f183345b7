package dev.harp.relay.store;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.RequestKey;

/** The key of a record for which something is due. */
public sealed interface DueRecord {

    /** A pairing that expires or is to be removed. */
    record OfPairing(PairId id) implements DueRecord {}

    /** A device that may have to be removed. */
    record OfDevice(DeviceId id) implements DueRecord {}

    /** A request that expires, is to be delivered, or is to be removed. */
    record OfRequest(RequestKey key) implements DueRecord {}
}
