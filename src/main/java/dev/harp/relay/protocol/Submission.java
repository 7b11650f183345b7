package dev.harp.relay.protocol;

import java.time.Duration;
import java.util.Optional;

/**
 * A platform's submission of a request.
 *
 * @param ttl how long the request may stay open, 1 to 86400 s
 * @param wake whether the relay sends the device a push notification
 * @param callback where the relay sends webhooks, if the platform has asked for them
 */
public record Submission(RequestKey key, Envelope envelope, Duration ttl, boolean wake, Optional<Callback> callback) {

    /** A submission without webhooks or push notification. */
    public Submission(RequestKey key, Envelope envelope, Duration ttl) {
        this(key, envelope, ttl, false, Optional.empty());
    }

    /** The submission with a push notification. */
    public Submission waking() {
        return new Submission(key, envelope, ttl, true, callback);
    }
}
