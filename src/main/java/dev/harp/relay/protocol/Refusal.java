package dev.harp.relay.protocol;

import java.time.Duration;
import java.util.Optional;

/**
 * An expected error of a use case.
 *
 * @param detail one sentence for people: what was given, what is allowed. It never contains a credential, a ciphertext
 *     or other free text of the caller
 * @param retryAfter when to retry, if that is known
 */
public record Refusal(ErrorCode code, String detail, Optional<Duration> retryAfter) {

    /**
     * No token, an unknown token, or a token without access to this resource. One refusal for all three, so that it
     * does not reveal whether the resource exists.
     */
    public static final Refusal UNAUTHORIZED = of(
            ErrorCode.UNAUTHORIZED,
            "This needs the token of the pairing or device that it belongs to, as 'Authorization: Bearer <token>'.");

    /** A refusal without a time. */
    public static Refusal of(ErrorCode code, String detail) {
        return new Refusal(code, detail, Optional.empty());
    }

    /** A refusal with the time after which to retry. */
    public static Refusal of(ErrorCode code, String detail, Duration retryAfter) {
        return new Refusal(code, detail, Optional.of(retryAfter));
    }
}
