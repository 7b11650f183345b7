package dev.harp.relay.protocol;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The id of a device, such as {@code dev_a1b2c3d4e5f6}. It is not secret and grants no access.
 *
 * @param value {@code dev_} and 12 lower-case hex digits
 */
public record DeviceId(String value) {
    private static final Pattern FORM = Pattern.compile("dev_[0-9a-f]{12}");

    /** The id in the text; empty if the text is no device id. */
    public static Optional<DeviceId> parse(String text) {
        return FORM.matcher(text).matches() ? Optional.of(new DeviceId(text)) : Optional.empty();
    }

    @Override
    public String toString() {
        return value;
    }
}
