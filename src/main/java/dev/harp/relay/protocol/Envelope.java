package dev.harp.relay.protocol;

/**
 * What a platform sends and only the device can read. Opaque text: the relay hands it on character by character.
 *
 * @param nonce base64 or base64url, 1 to 256 characters
 * @param ciphertext base64 or base64url, 1 to {@code max-ciphertext} characters
 */
public record Envelope(String nonce, String ciphertext) {

    /** The sizes only: a ciphertext is not for logs. */
    @Override
    public String toString() {
        return "Envelope[" + ciphertext.length() + " characters]";
    }
}
