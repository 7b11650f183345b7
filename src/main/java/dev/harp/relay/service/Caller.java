package dev.harp.relay.service;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;

/** Who calls, as the bearer token alone says. Nothing outside of what the caller holds is within reach. */
public sealed interface Caller {

    /** The platform of one pairing. */
    record Platform(PairId pair) implements Caller {}

    /** A device. */
    record Device(DeviceId device) implements Caller {}
}
