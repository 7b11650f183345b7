package dev.harp.relay.model;

import java.time.Duration;

/**
 * What a platform wants to have asked.
 *
 * @param key the pairing, and the platform's name of the request
 * @param envelope the question
 * @param ttl how long it may stay open, 1 to 86400 s
 */
public record Submission(RequestKey key, Envelope envelope, Duration ttl) {}
