package dev.harp.message;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import java.security.SecureRandom;

/**
 * What the relay carries: XChaCha20-Poly1305 without associated data, both parts in base64url.
 *
 * @param nonce 24 random bytes
 * @param ciphertext as long as the plaintext, and 16 bytes of tag
 */
public record Envelope(String nonce, String ciphertext) {
    static final int NONCE_BYTES = 24;

    static Envelope seal(Bytes key, Bytes plaintext, SecureRandom random) {
        Bytes nonce = Crypto.random(random, NONCE_BYTES);
        return new Envelope(nonce.base64(), Crypto.seal(key, nonce, plaintext).base64());
    }

    /**
     * The plaintext. Refused with {@code envelope} if this is no envelope at all, with {@code seal} if it does not
     * open.
     */
    Bytes open(Bytes key) {
        Bytes nonceBytes = Bytes.ofBase64(nonce).orElseThrow(() -> new Refusal(Reason.ENVELOPE));
        Bytes sealed = Bytes.ofBase64(ciphertext).orElseThrow(() -> new Refusal(Reason.ENVELOPE));
        Refusal.unless(nonceBytes.length() == NONCE_BYTES, Reason.ENVELOPE);
        return Crypto.open(key, nonceBytes, sealed).orElseThrow(() -> new Refusal(Reason.SEAL));
    }

    public Members toJson() {
        return JsonTree.object()
                .add("nonce", nonce)
                .add("ciphertext", ciphertext)
                .build();
    }

    static Envelope fromJson(MemberReader members) {
        return new Envelope(members.text("nonce"), members.text("ciphertext"));
    }
}
