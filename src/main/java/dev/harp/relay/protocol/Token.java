package dev.harp.relay.protocol;

import java.util.regex.Pattern;

/**
 * A bearer token on its way to or from its holder: shown once, kept nowhere, never printed.
 *
 * @param value {@code hpt_} (platform) or {@code hdt_} (device) and 43 base64url characters, which carry 32 random bytes
 */
public record Token(String value) {
    private static final Pattern PLATFORM = Pattern.compile("hpt_[A-Za-z0-9_-]{43}");
    private static final Pattern DEVICE = Pattern.compile("hdt_[A-Za-z0-9_-]{43}");

    /** Whether this looks like a token that {@code POST /v1/pairs} has issued. */
    public boolean isPlatform() {
        return PLATFORM.matcher(value).matches();
    }

    /** Whether this looks like a token that {@code POST /v1/devices} has issued. */
    public boolean isDevice() {
        return DEVICE.matcher(value).matches();
    }

    /** The form in which the relay keeps it. */
    public Sha256 digest() {
        return Sha256.of(value);
    }

    /** A constant: a token is not for logs. */
    @Override
    public String toString() {
        return "Token[...]";
    }
}
