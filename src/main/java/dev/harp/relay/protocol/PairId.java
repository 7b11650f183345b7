package dev.harp.relay.protocol;

import java.util.Optional;

/**
 * The id of a pairing, such as {@code pair_a1b2c3d4e5f6}. It is not secret and grants no access.
 *
 * @param value {@code pair_} and 12 lower-case hex digits
 */
public record PairId(String value) {
    private static final String PREFIX = "pair_";
    private static final int DIGITS = 12;

    /** The id in the text; empty if the text is no pairing id. */
    public static Optional<PairId> parse(String text) {
        return Alphabet.LOWER_HEX.spells(text, PREFIX, DIGITS) ? Optional.of(new PairId(text)) : Optional.empty();
    }

    @Override
    public String toString() {
        return value;
    }
}
