package dev.harp.relay.protocol;

import java.time.Instant;
import java.util.Optional;

/**
 * The bond between one platform and one device.
 *
 * @param id its name
 * @param token the digest of the platform's bearer token
 * @param secret the digest of the pairing secret, as the platform gave it
 * @param createdAt when the session was opened
 * @param expiresAt when a session that no device has joined ends
 * @param state where it stands
 */
public record Pairing(PairId id, Sha256 token, Sha256 secret, Instant createdAt, Instant expiresAt, State state) {

    /** Where a pairing stands ({@code docs/protocol.md}, section 4). */
    public sealed interface State {}

    /**
     * Waiting for the device.
     *
     * @param wrongSecrets how many wrong secrets were tried, 0 to 4
     */
    public record Pending(int wrongSecrets) implements State {}

    /**
     * Joined: requests flow.
     *
     * @param device the device that proved the secret
     * @param payload what the device sent along to the platform, opaque base64 text of at most 8192 characters
     * @param pairedAt when it joined
     */
    public record Active(DeviceId device, Optional<String> payload, Instant pairedAt) implements State {

        /** Without the payload. */
        @Override
        public String toString() {
            return "Active[" + device + "]";
        }
    }

    /**
     * Ended before any device joined.
     *
     * @param why time, or guessing
     * @param at when
     */
    public record Closed(Why why, Instant at) implements State {
        /** What ended the session. */
        public enum Why {
            TIME,
            WRONG_SECRETS
        }
    }

    /**
     * Ended by one of its two sides.
     *
     * @param device the device that had joined, if one had
     * @param at when
     */
    public record Revoked(Optional<DeviceId> device, Instant at) implements State {}

    /** The device that has joined, also after the pairing was revoked. */
    public Optional<DeviceId> device() {
        return switch (state) {
            case Active active -> Optional.of(active.device());
            case Revoked revoked -> revoked.device();
            case Pending _, Closed _ -> Optional.empty();
        };
    }

    /** The same pairing in another state. */
    Pairing in(State next) {
        return new Pairing(id, token, secret, createdAt, expiresAt, next);
    }

    /** Without the payload. */
    @Override
    public String toString() {
        return "Pairing[" + id + ", " + state.getClass().getSimpleName() + "]";
    }
}
