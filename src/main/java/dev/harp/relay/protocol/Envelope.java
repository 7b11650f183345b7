package dev.harp.relay.protocol;

/**
 * What a platform sends and only the device can read. The relay passes it on unchanged and does not interpret it.
 *
 * @param nonce base64 or base64url, 1 to 256 characters
 * @param ciphertext base64 or base64url, 1 to {@code MAX_CIPHERTEXT} characters
 */
public record Envelope(String nonce, String ciphertext) implements Question {

    /** The size only: a ciphertext must not reach the logs. */
    @Override
    public String toString() {
        return "Envelope[" + ciphertext.length() + " characters]";
    }
}
