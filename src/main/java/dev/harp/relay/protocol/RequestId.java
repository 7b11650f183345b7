package dev.harp.relay.protocol;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * The id that a platform gives its request: a UUIDv7 (RFC 9562, section 5.7). It contains a time, by which the relay
 * detects a replay after it has removed the request.
 *
 * @param value a UUID of version 7 and variant 2
 */
public record RequestId(UUID value) {
    private static final int CHARACTERS = 36;
    private static final int VERSION = 7;
    private static final int VARIANT = 2;

    /** The id in the text, in upper or lower case; empty if the text is no UUIDv7. */
    public static Optional<RequestId> parse(String text) {
        if (text.length() != CHARACTERS) {
            return Optional.empty();
        }
        try {
            UUID id = UUID.fromString(text);
            // The JDK reads other forms as well, such as groups of other lengths.
            return id.version() == VERSION
                            && id.variant() == VARIANT
                            && id.toString().equalsIgnoreCase(text)
                    ? Optional.of(new RequestId(id))
                    : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
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
