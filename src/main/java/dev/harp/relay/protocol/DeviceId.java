package dev.harp.relay.protocol;

import java.util.Optional;

/**
 * The id of a device, such as {@code dev_a1b2c3d4e5f6}. It is not secret and grants no access.
 *
 * @param value {@code dev_} and 12 lower-case hex digits
 */
public record DeviceId(String value) {
    private static final String PREFIX = "dev_";
    private static final int DIGITS = 12;

    /** The id in the text; empty if the text is no device id. */
    public static Optional<DeviceId> parse(String text) {
        return Alphabet.LOWER_HEX.spells(text, PREFIX, DIGITS) ? Optional.of(new DeviceId(text)) : Optional.empty();
    }

    @Override
    public String toString() {
        return value;
    }
}
