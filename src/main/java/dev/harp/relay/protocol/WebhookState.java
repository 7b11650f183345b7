package dev.harp.relay.protocol;

import java.time.Instant;
import java.util.Optional;

/**
 * How far a platform has been told of its request.
 *
 * @param callback where it is told
 * @param told how many {@link WebhookNotice}s are over: received, or given up
 * @param failures how many attempts have failed for the notice that comes next
 * @param dueAt when something is to be done about that notice: tell it, or take over from whoever was about to; empty while there is none
 */
public record WebhookState(Callback callback, int told, int failures, Optional<Instant> dueAt) {

    /** Nothing has happened yet that could be told. */
    static WebhookState of(Callback callback) {
        return new WebhookState(callback, 0, 0, Optional.empty());
    }

    WebhookState dueAt(Instant time) {
        return new WebhookState(callback, told, failures, Optional.of(time));
    }
}
