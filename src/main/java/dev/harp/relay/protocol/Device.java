package dev.harp.relay.protocol;

import java.time.Instant;
import java.util.Optional;

/**
 * One registered phone.
 *
 * @param id its name
 * @param token the digest of its bearer token
 * @param pushToken the address of its wake-ups, if it has given one: 1 to 4096 printable ASCII characters
 * @param createdAt when it registered
 * @param keptUntil until when it is kept even if it holds no pairing
 */
public record Device(DeviceId id, Sha256 token, Optional<String> pushToken, Instant createdAt, Instant keptUntil) {

    /** The same device, reached at another address or at none. */
    public Device withPushToken(Optional<String> next) {
        return new Device(id, token, next, createdAt, keptUntil);
    }

    /** The same device, kept at least until the given time. */
    public Device keptUntil(Instant time) {
        return time.isAfter(keptUntil) ? new Device(id, token, pushToken, createdAt, time) : this;
    }

    /** Without the push token: it is not for logs. */
    @Override
    public String toString() {
        return "Device[" + id + "]";
    }
}
