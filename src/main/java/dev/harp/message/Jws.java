package dev.harp.message;

import java.util.Optional;

/**
 * A signed answer in the compact form of RFC 7515, with exactly one header. No other algorithm can be named, because no
 * other header is accepted.
 *
 * @param signingInput header and payload, as they are signed
 * @param payload the answer's text
 */
record Jws(String signingInput, Bytes payload, Bytes signature) {
    private static final String HEADER =
            Bytes.utf8("{\"alg\":\"EdDSA\",\"typ\":\"harp-answer\"}").base64();

    static String signingInput(Bytes payload) {
        return HEADER + "." + payload.base64();
    }

    static Jws sign(Bytes seed, Bytes payload) {
        String input = signingInput(payload);
        return new Jws(input, payload, Crypto.signEd25519(seed, Bytes.utf8(input)));
    }

    static Jws parse(String text) {
        String[] parts = text.split("\\.", -1);
        Refusal.unless(parts.length == 3 && parts[0].equals(HEADER), Reason.JWS_FORM);
        Optional<Bytes> payload = Bytes.ofBase64(parts[1]);
        Optional<Bytes> signature = Bytes.ofBase64(parts[2]).filter(bytes -> bytes.length() == Crypto.SIGNATURE_BYTES);
        if (payload.isEmpty() || signature.isEmpty()) {
            throw new Refusal(Reason.JWS_FORM);
        }
        return new Jws(parts[0] + "." + parts[1], payload.get(), signature.get());
    }

    boolean isSignedBy(Bytes publicKey) {
        return Crypto.verifyEd25519(publicKey, Bytes.utf8(signingInput), signature);
    }

    /** What a passkey signs beside it: SHA-256 of the signing input. */
    Bytes challenge() {
        return Crypto.sha256(Bytes.utf8(signingInput));
    }

    String text() {
        return signingInput + "." + signature.base64();
    }
}
