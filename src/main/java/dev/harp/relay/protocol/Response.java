package dev.harp.relay.protocol;

import java.util.Optional;

/**
 * What a device sends back and only the platform can read. Opaque to the relay, as the {@link Envelope} is.
 *
 * @param nonce base64 or base64url, 1 to 256 characters
 * @param ciphertext base64 or base64url, 1 to {@code MAX_ANSWER} characters
 * @param signature base64 or base64url, 1 to 1024 characters, if the device signs outside of the ciphertext
 */
public record Response(String nonce, String ciphertext, Optional<String> signature) {

    /** The size only: a ciphertext must not reach the logs. */
    @Override
    public String toString() {
        return "Response[" + ciphertext.length() + " characters]";
    }
}
