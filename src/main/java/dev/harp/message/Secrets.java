package dev.harp.message;

import java.security.SecureRandom;
import java.util.HexFormat;

/** The device's payload, and what the relay knows of the pairing secret. */
final class Secrets {
    private Secrets() {}

    static String hash(Bytes secret) {
        return HexFormat.of().formatHex(Crypto.sha256(secret).toByteArray());
    }

    static String sealPayload(Bytes joinKey, Bytes join, SecureRandom random) {
        Bytes nonce = Crypto.random(random, Envelope.NONCE_BYTES);
        return Bytes.concat(nonce, Crypto.seal(joinKey, nonce, join)).base64();
    }

    static Bytes openPayload(Bytes joinKey, String payload) {
        Bytes whole = Bytes.ofBase64(payload).orElseThrow(() -> new Refusal(Reason.ENVELOPE));
        Refusal.unless(whole.length() > Envelope.NONCE_BYTES, Reason.ENVELOPE);
        return Crypto.open(
                        joinKey,
                        whole.slice(0, Envelope.NONCE_BYTES),
                        whole.slice(Envelope.NONCE_BYTES, whole.length()))
                .orElseThrow(() -> new Refusal(Reason.SEAL));
    }
}
