package dev.harp.relay.wait;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.RequestKey;

/** What a long poll or a stream can wait for. */
public sealed interface Topic {

    /** A device joins the pairing, or the pairing ends. */
    record OfPairing(PairId id) implements Topic {}

    /** The device gets a request or a cancellation, or is removed. */
    record OfDevice(DeviceId id) implements Topic {}

    /** The request ends. */
    record OfRequest(RequestKey key) implements Topic {}

    /** The pairing changes, or one of its requests. */
    record OfHistory(PairId id) implements Topic {}
}
