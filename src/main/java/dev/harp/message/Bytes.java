package dev.harp.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * Immutable bytes: a key, a digest, a signature, a plaintext. Compared in constant time, and never printed, so that a
 * record of them shows no key in a log.
 */
public final class Bytes {
    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

    private final byte[] value;

    private Bytes(byte[] value) {
        this.value = value;
    }

    /** A copy of the bytes. */
    public static Bytes of(byte... value) {
        return new Bytes(value.clone());
    }

    static Bytes utf8(String text) {
        return new Bytes(text.getBytes(UTF_8));
    }

    static Bytes concat(Bytes... parts) {
        byte[] whole = new byte[Arrays.stream(parts).mapToInt(Bytes::length).sum()];
        int at = 0;
        for (Bytes part : parts) {
            System.arraycopy(part.value, 0, whole, at, part.length());
            at += part.length();
        }
        return new Bytes(whole);
    }

    /**
     * What canonical unpadded base64url text encodes (RFC 4648, section 5), or nothing if the text is any other
     * spelling.
     */
    public static Optional<Bytes> ofBase64(String text) {
        try {
            Bytes bytes = new Bytes(Base64.getUrlDecoder().decode(text));
            return bytes.base64().equals(text) ? Optional.of(bytes) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Unpadded base64url. */
    public String base64() {
        return ENCODER.encodeToString(value);
    }

    public byte[] toByteArray() {
        return value.clone();
    }

    public int length() {
        return value.length;
    }

    /** The byte at the index, 0 to 255. */
    int at(int index) {
        return value[index] & 0xff;
    }

    /** The bytes from one index up to another, which is not included. */
    Bytes slice(int from, int to) {
        return new Bytes(Arrays.copyOfRange(value, from, to));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that && MessageDigest.isEqual(value, that.value);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return "Bytes[" + value.length + "]";
    }
}
