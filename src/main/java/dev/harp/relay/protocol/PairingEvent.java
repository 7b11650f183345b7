package dev.harp.relay.protocol;

import java.util.Optional;

/** What can happen to a pairing. */
public sealed interface PairingEvent {

    /**
     * A device wants to join.
     *
     * @param device who
     * @param secret the digest of the secret that it knows
     * @param payload what it sends along to the platform
     */
    record Bind(DeviceId device, Sha256 secret, Optional<String> payload) implements PairingEvent {

        /** Without the payload. */
        @Override
        public String toString() {
            return "Bind[" + device + "]";
        }
    }

    /** One of the two sides ends it. */
    record Revoke() implements PairingEvent {}

    /** Time has passed. */
    record Tick() implements PairingEvent {}
}
