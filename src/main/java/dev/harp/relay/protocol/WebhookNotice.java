package dev.harp.relay.protocol;

import java.time.Instant;
import java.util.Optional;

/**
 * A notice to a platform about its request.
 *
 * @param key the request
 * @param callback where the platform is notified
 * @param number 0 for the request's first notice, 1 for its second; there is no third
 * @param state the state that the request has reached, by its name on the wire
 * @param at when it has reached the state
 * @param answer the device's answer, if the state is {@code responded}
 */
public record WebhookNotice(
        RequestKey key, Callback callback, int number, String state, Instant at, Optional<Response> answer) {

    /** The notice for a queue: thousands may wait, and each has its answer in the store. */
    public WebhookNotice withoutAnswer() {
        return new WebhookNotice(key, callback, number, state, at, Optional.empty());
    }
}
