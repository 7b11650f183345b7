package dev.harp.relay.protocol;

import java.time.Duration;
import java.util.Optional;

/**
 * A "no" with its reason.
 *
 * @param code the line of the table of errors
 * @param detail one sentence for people: what was given, what is allowed. Never a credential, a ciphertext or other free
 *     text of the caller's
 * @param retryAfter when to try again, if that is known
 */
public record Refusal(ErrorCode code, String detail, Optional<Duration> retryAfter) {

    /** A refusal that says nothing about when to try again. */
    public static Refusal of(ErrorCode code, String detail) {
        return new Refusal(code, detail, Optional.empty());
    }

    /** A refusal that ends by itself after the given time. */
    public static Refusal of(ErrorCode code, String detail, Duration retryAfter) {
        return new Refusal(code, detail, Optional.of(retryAfter));
    }
}
