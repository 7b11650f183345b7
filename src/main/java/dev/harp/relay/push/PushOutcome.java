package dev.harp.relay.push;

import java.time.Duration;
import java.util.Optional;

/** What came of one attempt to wake a device. */
public sealed interface PushOutcome {

    /** The provider has taken it. */
    record Accepted() implements PushOutcome {}

    /** The provider says that nobody is there any more under that token. */
    record TokenDead() implements PushOutcome {}

    /**
     * It was not taken, and the same would not be taken a second time.
     *
     * @param why for the log: a few constant words, and the status if there was one
     */
    record Refused(String why) implements PushOutcome {}

    /**
     * It was not taken now; later it might be.
     *
     * @param why for the log: a few constant words, and the status if there was one
     * @param pause for how long the provider asks to be left alone, if it does
     */
    record NotNow(String why, Optional<Duration> pause) implements PushOutcome {}
}
