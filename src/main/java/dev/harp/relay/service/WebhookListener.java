package dev.harp.relay.service;

import dev.harp.relay.model.Notice;
import dev.harp.relay.webhook.Outcome;

/** Hears of each attempt at a webhook. Must be quick, and must not throw. */
@FunctionalInterface
public interface WebhookListener {
    /** One attempt to tell the notice is over. */
    void attempted(Notice notice, Outcome outcome);
}
