package dev.harp.relay.webhook;

import java.time.Duration;
import java.util.Optional;

/** The outcome of one attempt. */
public sealed interface WebhookOutcome {

    /** The receiver has accepted it: any 2xx. */
    record Received() implements WebhookOutcome {}

    /**
     * The receiver may not have got it.
     *
     * @param why for the log: a few constant words, and the status if there was one
     * @param pause the pause that the receiver asks for, if any
     */
    record Failed(String why, Optional<Duration> pause) implements WebhookOutcome {}

    /** The relay stops: nothing is known, and another attempt will be made. */
    record Stopped() implements WebhookOutcome {}

    /** The receiver wants no further notices about the request: 410. */
    record Gone() implements WebhookOutcome {}
}
