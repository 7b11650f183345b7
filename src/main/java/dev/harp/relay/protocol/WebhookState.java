package dev.harp.relay.protocol;

import java.time.Instant;
import java.util.Optional;

/**
 * The state of a request's webhook.
 *
 * @param callback where the platform is notified
 * @param told how many {@link WebhookNotice}s are over: received, or given up
 * @param failures how many attempts have failed for the next notice
 * @param dueAt when the next notice is due, or when the claim on it lapses; empty while there is none
 */
public record WebhookState(Callback callback, int told, int failures, Optional<Instant> dueAt) {

    /** The state of a new request. */
    static WebhookState of(Callback callback) {
        return new WebhookState(callback, 0, 0, Optional.empty());
    }

    WebhookState dueAt(Instant time) {
        return new WebhookState(callback, told, failures, Optional.of(time));
    }
}
