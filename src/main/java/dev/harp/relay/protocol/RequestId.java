package dev.harp.relay.protocol;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The id that a platform gives its request: a UUIDv7 (RFC 9562, section 5.7). It contains a time, by which the relay
 * detects a replay after it has removed the request.
 *
 * @param value a UUID of version 7 and variant 2
 */
public record RequestId(UUID value) {
    private static final Pattern FORM = Pattern.compile(
            "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", Pattern.CASE_INSENSITIVE);

    /** The id in the text, in upper or lower case; empty if the text is no UUIDv7. */
    public static Optional<RequestId> parse(String text) {
        return FORM.matcher(text).matches() ? Optional.of(new RequestId(UUID.fromString(text))) : Optional.empty();
    }

    /** When the platform made the id, by the platform's clock, in milliseconds. */
    public Instant time() {
        return Instant.ofEpochMilli(value.getMostSignificantBits() >>> 16);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
