package dev.harp.relay.wait;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.RequestKey;

/** What a long poll can wait for. */
public sealed interface Topic {

    /** A platform waits for its device. */
    record OfPairing(PairId id) implements Topic {}

    /** A device waits for requests, and for cancellations. */
    record OfDevice(DeviceId id) implements Topic {}

    /** A platform waits for the end of its request. */
    record OfRequest(RequestKey key) implements Topic {}

    /** A platform waits for whatever happens to its pairing, and to the requests of it. */
    record OfHistory(PairId id) implements Topic {}
}
