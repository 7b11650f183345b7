package dev.harp.relay.protocol;

/**
 * A bearer token in transit. It is shown to its holder once, stored as a digest only, and never printed.
 *
 * @param value {@code hpt_} (platform) or {@code hdt_} (device) and 43 base64url characters, which carry 32 random
 *     bytes
 */
public record Token(String value) {
    private static final String PLATFORM = "hpt_";
    private static final String DEVICE = "hdt_";

    /** Of 32 bytes in base64url. */
    private static final int CHARACTERS = 43;

    /** Whether this has the form of a token from {@code POST /v1/pairs}. */
    public boolean isPlatform() {
        return Alphabet.BASE64URL.spells(value, PLATFORM, CHARACTERS);
    }

    /** Whether this has the form of a token from {@code POST /v1/devices}. */
    public boolean isDevice() {
        return Alphabet.BASE64URL.spells(value, DEVICE, CHARACTERS);
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
