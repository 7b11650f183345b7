package dev.harp.relay.service;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Sha256;

/**
 * Who calls, as the bearer token alone says.
 *
 * <p>A use case of one role takes that role's type, and acts on the pairing or device in it: an id from a path or a
 * body never widens what a caller may reach. A call that waits ends when the caller has another token.
 */
public sealed interface Caller {

    /**
     * The platform of one pairing.
     *
     * @param token the digest of the token that it called with
     */
    record Platform(PairId pair, Sha256 token) implements Caller {

        /** Whether the pairing's platform still has that token. */
        boolean holds(Pairing pairing) {
            return pairing.token().equals(token);
        }
    }

    /**
     * A device.
     *
     * @param token the digest of the token that it called with
     */
    record Device(DeviceId device, Sha256 token) implements Caller {

        /** Whether the device still has that token. */
        boolean holds(dev.harp.relay.protocol.Device known) {
            return known.token().equals(token);
        }
    }
}
