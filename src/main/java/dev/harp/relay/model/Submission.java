package dev.harp.relay.model;

import java.time.Duration;
import java.util.Optional;

/**
 * What a platform wants to have asked.
 *
 * @param key the pairing, and the platform's name of the request
 * @param envelope the question
 * @param ttl how long it may stay open, 1 to 86400 s
 * @param callback where to tell what becomes of it, if anywhere
 */
public record Submission(RequestKey key, Envelope envelope, Duration ttl, Optional<Callback> callback) {

    /** A submission whose platform waits by itself. */
    public Submission(RequestKey key, Envelope envelope, Duration ttl) {
        this(key, envelope, ttl, Optional.empty());
    }
}
