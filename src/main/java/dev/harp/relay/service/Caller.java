package dev.harp.relay.service;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;

/**
 * Who calls, as the bearer token alone says.
 *
 * <p>A use case of one role takes that role's type, and acts on the pairing or device in it: an id from a path or a
 * body never widens what a caller may reach.
 */
public sealed interface Caller {

    /** The platform of one pairing. */
    record Platform(PairId pair) implements Caller {}

    /** A device. */
    record Device(DeviceId device) implements Caller {}
}
