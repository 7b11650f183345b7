package dev.harp.relay.protocol;

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

    /** Time has passed. */
    record Tick() implements PairingEvent {}
}
