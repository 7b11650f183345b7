package dev.harp.relay.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The relation between one platform and one device. Until the device has joined, it is also called a pairing session.
 *
 * @param token the digest of the platform's bearer token
 * @param secret the digest of the pairing's {@code secret_hash}, so that whoever reads the record cannot join
 * @param expiresAt when the session ends if no device has joined
 * @param opener the network that the platform called from when it opened the session
 * @param usedAt when it was last used, to a day ({@link #USE}); empty unless a device has joined, and of a pairing of
 *     an earlier version until this one has looked at it
 */
public record Pairing(
        PairId id,
        Sha256 token,
        Sha256 secret,
        Instant createdAt,
        Instant expiresAt,
        State state,
        Opener opener,
        Optional<Instant> usedAt) {

    /** How exact the time of the last use is: not each use is stored. */
    public static final Duration USE = Duration.ofDays(1);

    /** A pairing of an earlier version. */
    public Pairing(PairId id, Sha256 token, Sha256 secret, Instant createdAt, Instant expiresAt, State state) {
        this(id, token, secret, createdAt, expiresAt, state, Opener.NONE, Optional.empty());
    }

    /** The state of a pairing ({@code docs/protocol.md}, section 4). */
    public sealed interface State {}

    /**
     * No device has joined yet.
     *
     * @param wrongSecrets how many wrong secrets were tried, 0 to 4
     */
    public record Pending(int wrongSecrets) implements State {}

    /**
     * A device has joined, and the platform may submit requests.
     *
     * @param device the device that proved the secret
     * @param payload what the device sent to the platform, opaque base64 text of at most
     *     {@value ProtocolLimits#MAX_PAYLOAD} characters
     */
    public record Active(DeviceId device, Optional<String> payload, Instant pairedAt) implements State {

        /** Without the payload. */
        @Override
        public String toString() {
            return "Active[" + device + "]";
        }
    }

    /** Ended before any device joined. */
    public record Closed(Why why, Instant at) implements State {
        /** What ended the session. */
        public enum Why {
            TIME,
            WRONG_SECRETS
        }
    }

    /**
     * Ended by the platform or the device.
     *
     * @param device the device that had joined, if any
     */
    public record Revoked(Optional<DeviceId> device, Instant at) implements State {}

    /** The device that has joined, also if the pairing was revoked since. */
    public Optional<DeviceId> device() {
        return switch (state) {
            case Active active -> Optional.of(active.device());
            case Revoked revoked -> revoked.device();
            case Pending _, Closed _ -> Optional.empty();
        };
    }

    Pairing withState(State next) {
        return new Pairing(id, token, secret, createdAt, expiresAt, next, opener, usedAt);
    }

    Pairing withToken(Sha256 next) {
        return new Pairing(id, next, secret, createdAt, expiresAt, state, opener, usedAt);
    }

    /** The pairing, opened from there. */
    public Pairing openedBy(Opener next) {
        return new Pairing(id, token, secret, createdAt, expiresAt, state, next, usedAt);
    }

    /** Whether a use at that time is to be stored. */
    public boolean staleUse(Instant now) {
        return usedAt.filter(at -> now.isBefore(at.plus(USE))).isEmpty();
    }

    /** When it has certainly not been used for so long; empty if its last use is not known. */
    Optional<Instant> unusedFor(Duration idle) {
        return usedAt.map(at -> at.plus(idle).plus(USE));
    }

    /** The pairing, last used at that time. */
    public Pairing used(Optional<Instant> at) {
        return new Pairing(id, token, secret, createdAt, expiresAt, state, opener, at);
    }

    /** Without the payload. */
    @Override
    public String toString() {
        return "Pairing[" + id + ", " + state.getClass().getSimpleName() + "]";
    }
}
