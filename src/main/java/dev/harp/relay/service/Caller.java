package dev.harp.relay.service;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.store.Seen;
import dev.harp.relay.wait.WaitingRoom;

/**
 * Who calls, as the bearer token alone says.
 *
 * <p>A use case of one role takes that role's type, and acts on the pairing or device in it: an id from a path or a
 * body never widens what a caller may reach. A call that waits ends when the caller has another token.
 */
public sealed interface Caller {

    /**
     * What was read when the caller was found. It is taken once, so that a call that waits keeps no record: thousands
     * wait. For the call's thread.
     */
    final class Start {
        private final long mark;
        private Seen seen;

        /**
         * @param seen what the store has read with the caller's record
         * @param mark when that was, for {@link WaitingRoom#raisedSince}
         */
        Start(Seen seen, long mark) {
            this.seen = seen;
            this.mark = mark;
        }

        /** Nothing was read. */
        static Start unseen() {
            return new Start(Seen.NOTHING, 0);
        }

        long mark() {
            return mark;
        }

        /** What was read; nothing from the second time on. */
        Seen take() {
            Seen taken = seen;
            seen = Seen.NOTHING;
            return taken;
        }
    }

    /**
     * The platform of one pairing.
     *
     * @param token the digest of the token that it called with
     */
    record Platform(PairId pair, Sha256 token, Start start) implements Caller {
        /** One of which nothing else was read. */
        Platform(PairId pair, Sha256 token) {
            this(pair, token, Start.unseen());
        }

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
    record Device(DeviceId device, Sha256 token, Start start) implements Caller {
        /** One of which nothing else was read. */
        Device(DeviceId device, Sha256 token) {
            this(device, token, Start.unseen());
        }

        /** Whether the device still has that token. */
        boolean holds(dev.harp.relay.protocol.Device known) {
            return known.token().equals(token);
        }
    }
}
