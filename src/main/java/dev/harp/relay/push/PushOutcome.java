package dev.harp.relay.push;

import java.time.Duration;
import java.util.Optional;

/** The outcome of one attempt at a push notification. */
public sealed interface PushOutcome {

    /** The provider has accepted it. */
    record Accepted() implements PushOutcome {}

    /** The provider reports that the token is invalid. */
    record TokenDead() implements PushOutcome {}

    /**
     * It was not accepted, and a repetition would not be.
     *
     * @param why for the log: a few constant words, and the status if there was one
     */
    record Refused(String why) implements PushOutcome {}

    /**
     * It was not accepted; a later attempt may be.
     *
     * @param why for the log: a few constant words, and the status if there was one
     * @param pause the pause that the provider asks for, if any
     */
    record NotNow(String why, Optional<Duration> pause) implements PushOutcome {}
}
