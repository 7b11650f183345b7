package dev.harp.relay.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.Arrays;

/**
 * Which bytes are derived, encrypted, authenticated and signed: all that platform and device must agree on. The relay
 * takes no part in it.
 *
 * <p><b>Public</b> (humanauth-docs.pages.dev, its pages "Security Model" and "HARP"): each side makes an X25519 key
 * pair for a pairing; the shared secret goes through HKDF-SHA256 with the salt {@code harp-v1-enc} and gives one
 * 32-byte key for all requests and responses; they are encrypted with XChaCha20-Poly1305 and a fresh random 24-byte
 * nonce each; the device makes an Ed25519 key pair at pairing and signs its answers; the relay sees the SHA-256 of the
 * pairing secret.
 *
 * <p><b>Ours</b>, because no public page states it: everything else here, that is HKDF's info, the associated data, the
 * bytes that are signed, the device's payload, and {@link QrCode} and {@link Decision}. An app of another HARP relay
 * will differ.
 */
final class Messages {
    private static final byte[] ENCRYPTION_SALT = utf8("harp-v1-enc");
    private static final byte[] PAYLOAD_SALT = utf8("harp-v1-pair");
    private static final int MAC_BYTES = 32;

    /** The device's public keys for one pairing, raw. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record DeviceKeys(byte[] x25519, byte[] ed25519) {}

    private Messages() {}

    /** What the relay is told of the pairing secret. */
    static String secretHash(byte[] secret) {
        return Crypto.hex(Crypto.sha256(secret));
    }

    /**
     * The key of a pairing, the same on both sides. HKDF's info is the pair id and both public keys, platform first:
     * whoever has been shown another key, or another pairing, gets another key.
     */
    static byte[] encryptionKey(KeyPair own, byte[] peerKey, String pairId, byte[] platformKey, byte[] deviceKey)
            throws GeneralSecurityException {
        byte[] shared = Crypto.agree(own.getPrivate(), peerKey);
        byte[] info = Crypto.concat(utf8(pairId), platformKey, deviceKey);
        return Crypto.hkdfSha256(shared, ENCRYPTION_SALT, info, Crypto.KEY_BYTES);
    }

    /**
     * The {@code payload} that takes the device's keys to the platform, base64url of {@code x25519 | ed25519 | mac}.
     * The relay, which forwards it, knows only the digest of the pairing secret and so cannot make the MAC for keys of
     * its own.
     */
    static String payload(byte[] secret, String pairId, byte[] platformKey, DeviceKeys keys)
            throws GeneralSecurityException {
        byte[] both = Crypto.concat(keys.x25519(), keys.ed25519());
        return Crypto.base64(Crypto.concat(both, payloadMac(secret, pairId, platformKey, both)));
    }

    /** The device's keys, if it was a device that knows the secret who sent them. */
    static DeviceKeys deviceKeys(byte[] secret, String pairId, byte[] platformKey, String payload)
            throws GeneralSecurityException {
        byte[] bytes = Crypto.base64(payload);
        int keysEnd = 2 * Crypto.KEY_BYTES;
        if (bytes.length != keysEnd + MAC_BYTES) {
            throw new GeneralSecurityException("the device's payload has the wrong length");
        }
        byte[] both = Arrays.copyOf(bytes, keysEnd);
        byte[] mac = Arrays.copyOfRange(bytes, keysEnd, bytes.length);
        if (!Crypto.same(mac, payloadMac(secret, pairId, platformKey, both))) {
            throw new GeneralSecurityException("the device's keys do not come from whoever scanned the QR code");
        }
        return new DeviceKeys(
                Arrays.copyOf(both, Crypto.KEY_BYTES), Arrays.copyOfRange(both, Crypto.KEY_BYTES, keysEnd));
    }

    /**
     * The associated data of a question and of its answer. It pins an envelope to its pairing, its request and its
     * direction: the relay can neither pass one off for another nor show a device an answer as if it were a question.
     */
    static byte[] questionContext(String pairId, String requestId) {
        return utf8("harp-v1 request " + pairId + " " + requestId);
    }

    /** See {@link #questionContext}. */
    static byte[] answerContext(String pairId, String requestId) {
        return utf8("harp-v1 response " + pairId + " " + requestId);
    }

    /**
     * What the device signs: the answer's context, nonce and ciphertext. Not the plaintext: the relay sees the
     * signature and the public key, and could try "approved" and "denied" until one fits. The plaintext names the
     * question by its digest ({@link Decision}), so the signature binds the answer to what was shown.
     */
    static byte[] signedBytes(String pairId, String requestId, Crypto.Sealed answer) {
        return Crypto.concat(answerContext(pairId, requestId), utf8("\n"), answer.nonce(), answer.ciphertext());
    }

    static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }

    private static byte[] payloadMac(byte[] secret, String pairId, byte[] platformKey, byte[] deviceKeys)
            throws GeneralSecurityException {
        byte[] key = Crypto.hkdfSha256(secret, PAYLOAD_SALT, utf8(pairId), Crypto.KEY_BYTES);
        return Crypto.hmacSha256(key, Crypto.concat(platformKey, deviceKeys));
    }
}
