package dev.harp.relay.protocol;

import java.time.Duration;
import java.util.Optional;

/**
 * What a platform wants to have asked.
 *
 * @param key the pairing, and the platform's name of the request
 * @param envelope the question
 * @param ttl how long it may stay open, 1 to 86400 s
 * @param wake whether its device can be woken for it
 * @param callback where to tell what becomes of it, if anywhere
 */
public record Submission(RequestKey key, Envelope envelope, Duration ttl, boolean wake, Optional<Callback> callback) {

    /** A submission whose platform and device look by themselves. */
    public Submission(RequestKey key, Envelope envelope, Duration ttl) {
        this(key, envelope, ttl, false, Optional.empty());
    }

    /** The same, whose device can be woken for it. */
    public Submission waking() {
        return new Submission(key, envelope, ttl, true, callback);
    }
}
