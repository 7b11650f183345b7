package dev.harp.relay.protocol;

import java.time.Duration;
import java.util.Optional;

/** An event that may change a pairing. */
public sealed interface PairingEvent {

    /**
     * A device asks to join.
     *
     * @param secret the digest of the secret that the device knows
     * @param payload what the device sends to the platform
     */
    record Bind(DeviceId device, Sha256 secret, Optional<String> payload) implements PairingEvent {

        /** Without the payload. */
        @Override
        public String toString() {
            return "Bind[" + device + "]";
        }
    }

    /** The platform or the device ends the pairing. */
    record Revoke() implements PairingEvent {}

    /**
     * The platform takes another token.
     *
     * @param present the digest of the token that it has until now
     * @param next the digest of the token that it has from now on
     */
    record Rotate(Sha256 present, Sha256 next) implements PairingEvent {}

    /** The platform submits a request. */
    record Use() implements PairingEvent {}

    /**
     * Time has passed.
     *
     * @param idle how long a joined pairing may be unused; empty if for ever
     */
    record Tick(Optional<Duration> idle) implements PairingEvent {

        /** A tick that ends no unused pairing. */
        public Tick() {
            this(Optional.empty());
        }
    }
}
