package dev.harp.relay.protocol;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A SHA-256 digest: the only form in which the relay stores tokens and pairing secrets. Digests are compared in
 * constant time and never printed.
 */
public final class Sha256 {
    private static final int BYTES = 32;
    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{64}");

    private static final MessageDigest UNUSED = lookUp();

    private final byte[] digest;

    private Sha256(byte[] digest) {
        this.digest = digest;
    }

    /** The digest of the text's UTF-8 bytes. */
    public static Sha256 of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Sha256 of(byte[] bytes) {
        return new Sha256(algorithm().digest(bytes));
    }

    /** A copy where the provider allows it, since a look-up of the algorithm takes two thirds of a token's digest. */
    private static MessageDigest algorithm() {
        try {
            return (MessageDigest) UNUSED.clone();
        } catch (CloneNotSupportedException _) {
            return lookUp();
        }
    }

    private static MessageDigest lookUp() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /**
     * The digest of another digest's bytes. It is how the relay stores what a platform gives as the proof of a secret:
     * whoever reads the stored one cannot give the proof.
     */
    public Sha256 digest() {
        return of(digest);
    }

    /** The digest in 64 hex digits of either case; empty for any other text. */
    public static Optional<Sha256> parse(String hex) {
        return HEX.matcher(hex).matches()
                ? Optional.of(new Sha256(HexFormat.of().parseHex(hex)))
                : Optional.empty();
    }

    /** The digest of 32 bytes, which are copied; empty for any other number of bytes. */
    public static Optional<Sha256> ofBytes(byte[] digest) {
        return digest.length == BYTES ? Optional.of(new Sha256(digest.clone())) : Optional.empty();
    }

    /** A copy of the digest's 32 bytes. */
    public byte[] bytes() {
        return digest.clone();
    }

    /** The digest as 64 lower-case hex digits, for a store's key. */
    public String hex() {
        return HexFormat.of().formatHex(digest);
    }

    /** Takes the same time wherever the two digests differ. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Sha256 that && MessageDigest.isEqual(digest, that.digest);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(digest);
    }

    /** A constant: a digest of a secret must not reach the logs. */
    @Override
    public String toString() {
        return "Sha256[...]";
    }
}
