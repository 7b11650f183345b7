package dev.harp.relay.protocol;

import java.util.regex.Pattern;

/**
 * A bearer token in transit. It is shown to its holder once, stored as a digest only, and never printed.
 *
 * @param value {@code hpt_} (platform) or {@code hdt_} (device) and 43 base64url characters, which carry 32 random
 *     bytes
 */
public record Token(String value) {
    private static final Pattern PLATFORM = Pattern.compile("hpt_[A-Za-z0-9_-]{43}");
    private static final Pattern DEVICE = Pattern.compile("hdt_[A-Za-z0-9_-]{43}");

    /** Whether this has the form of a token from {@code POST /v1/pairs}. */
    public boolean isPlatform() {
        return PLATFORM.matcher(value).matches();
    }

    /** Whether this has the form of a token from {@code POST /v1/devices}. */
    public boolean isDevice() {
        return DEVICE.matcher(value).matches();
    }

    /** The form in which the relay stores the token. */
    public Sha256 digest() {
        return Sha256.of(value);
    }

    /** A constant: a token must not reach the logs. */
    @Override
    public String toString() {
        return "Token[...]";
    }
}
