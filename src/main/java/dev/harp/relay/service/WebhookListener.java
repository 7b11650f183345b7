package dev.harp.relay.service;

import dev.harp.relay.protocol.WebhookNotice;
import dev.harp.relay.webhook.WebhookOutcome;

/** Hears of each attempt at a webhook. Must be quick, and must not throw. */
@FunctionalInterface
public interface WebhookListener {
    /** One attempt to tell the notice is over. */
    void attempted(WebhookNotice notice, WebhookOutcome outcome);
}
