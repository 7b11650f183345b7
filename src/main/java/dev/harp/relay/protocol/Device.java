package dev.harp.relay.protocol;

import java.time.Instant;
import java.util.Optional;

/**
 * A registered device.
 *
 * @param token the digest of its bearer token
 * @param pushToken the address of its push notifications, if it has given one: 1 to
 *     {@value ProtocolLimits#MAX_PUSH_TOKEN} printable ASCII characters
 * @param keptUntil until when it is kept even if it has no pairing
 * @param opener the network that it called from when it registered
 */
public record Device(
        DeviceId id, Sha256 token, Optional<String> pushToken, Instant createdAt, Instant keptUntil, Opener opener) {

    /** A device of an earlier version. */
    public Device(DeviceId id, Sha256 token, Optional<String> pushToken, Instant createdAt, Instant keptUntil) {
        this(id, token, pushToken, createdAt, keptUntil, Opener.NONE);
    }

    /** The device, registered from there. */
    public Device openedBy(Opener next) {
        return new Device(id, token, pushToken, createdAt, keptUntil, next);
    }

    /** The device with another bearer token, of that digest. */
    public Device withToken(Sha256 next) {
        return new Device(id, next, pushToken, createdAt, keptUntil, opener);
    }

    /** The device with another push token, or none. */
    public Device withPushToken(Optional<String> next) {
        return new Device(id, token, next, createdAt, keptUntil, opener);
    }

    /** The device, kept at least until the given time. */
    public Device keptUntil(Instant time) {
        return time.isAfter(keptUntil) ? new Device(id, token, pushToken, createdAt, time, opener) : this;
    }

    /** Without the push token, which must not reach the logs. */
    @Override
    public String toString() {
        return "Device[" + id + "]";
    }
}
