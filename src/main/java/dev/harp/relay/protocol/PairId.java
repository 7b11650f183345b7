package dev.harp.relay.protocol;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The id of a pairing, such as {@code pair_a1b2c3d4e5f6}. It is not secret and grants no access.
 *
 * @param value {@code pair_} and 12 lower-case hex digits
 */
public record PairId(String value) {
    private static final Pattern FORM = Pattern.compile("pair_[0-9a-f]{12}");

    /** The id in the text; empty if the text is no pairing id. */
    public static Optional<PairId> parse(String text) {
        return FORM.matcher(text).matches() ? Optional.of(new PairId(text)) : Optional.empty();
    }

    @Override
    public String toString() {
        return value;
    }
}
