package dev.harp.relay.webhook;

import java.time.Duration;
import java.util.Optional;

/** What came of one attempt. */
public sealed interface WebhookOutcome {

    /** The receiver has it: any 2xx. */
    record Received() implements WebhookOutcome {}

    /**
     * The receiver may not have it.
     *
     * @param why for the log: a few constant words, and the status if there was one
     * @param pause for how long the receiver asks to be left alone, if it does
     */
    record Failed(String why, Optional<Duration> pause) implements WebhookOutcome {

        static Failed because(String why) {
            return new Failed(why, Optional.empty());
        }
    }

    /** The relay stops: nothing is known, and somebody else will try. */
    record Stopped() implements WebhookOutcome {}

    /** The receiver wants nothing more of this request: 410. */
    record Gone() implements WebhookOutcome {}
}
