package dev.harp.relay.store;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.RequestKey;

/** A record about which something is to be done at a certain time. */
public sealed interface DueRecord {

    /** A pairing that has to end, or to be forgotten. */
    record OfPairing(PairId id) implements DueRecord {}

    /** A device that may have to be forgotten. */
    record OfDevice(DeviceId id) implements DueRecord {}

    /** A request that has to end, or to be forgotten. */
    record OfRequest(RequestKey key) implements DueRecord {}
}
