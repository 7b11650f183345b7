package dev.harp.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/** Bytes that follow from a label, so that vectors come out the same: blocks of SHA-256 over label and counter. */
public final class FixedRandom extends SecureRandom {
    private static final long serialVersionUID = 1;

    private final String label;
    private int counter;

    public FixedRandom(String label) {
        this.label = label;
    }

    @Override
    public void nextBytes(byte[] bytes) {
        try {
            for (int at = 0; at < bytes.length; at += 32) {
                byte[] block = MessageDigest.getInstance("SHA-256").digest((label + " " + counter++).getBytes(UTF_8));
                System.arraycopy(block, 0, bytes, at, Math.min(32, bytes.length - at));
            }
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
