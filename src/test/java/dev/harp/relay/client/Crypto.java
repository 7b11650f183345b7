package dev.harp.relay.client;

import com.google.crypto.tink.subtle.XChaCha20Poly1305;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.KDF;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The primitives, each a few lines over the JDK (X25519, Ed25519, HKDF, HMAC, SHA-256) or Tink (XChaCha20-Poly1305,
 * which the JDK lacks). Nothing here knows HARP; {@link Messages} does.
 */
final class Crypto {
    static final int KEY_BYTES = 32;
    static final int NONCE_BYTES = 24;

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final HexFormat HEX = HexFormat.of();

    /** The DER of a SubjectPublicKeyInfo (RFC 8410) up to the 32 bytes of the key itself. */
    private static final byte[] X25519_PREFIX = HEX.parseHex("302a300506032b656e032100");

    private static final byte[] ED25519_PREFIX = HEX.parseHex("302a300506032b6570032100");

    /** A nonce, and the ciphertext with its 16-byte tag at the end. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Sealed(byte[] nonce, byte[] ciphertext) {}

    private Crypto() {}

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    static byte[] sha256(byte[] data) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(data);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    static byte[] hmacSha256(byte[] key, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(data);
    }

    static byte[] hkdfSha256(byte[] secret, byte[] salt, byte[] info, int length) throws GeneralSecurityException {
        var parameters =
                HKDFParameterSpec.ofExtract().addIKM(secret).addSalt(salt).thenExpand(info, length);
        return KDF.getInstance("HKDF-SHA256").deriveData(parameters);
    }

    static KeyPair newX25519() throws GeneralSecurityException {
        return KeyPairGenerator.getInstance("X25519").generateKeyPair();
    }

    static KeyPair newEd25519() throws GeneralSecurityException {
        return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    }

    /**
     * The shared secret of two X25519 keys. A peer's key of small order, which would make it predictable, is refused.
     */
    static byte[] agree(PrivateKey own, byte[] peer) throws GeneralSecurityException {
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(own);
        agreement.doPhase(publicKey("X25519", X25519_PREFIX, peer), true);
        return agreement.generateSecret();
    }

    static byte[] sign(PrivateKey key, byte[] data) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(key);
        signature.update(data);
        return signature.sign();
    }

    /** Whether the signature is right. A key or a signature that is none at all is merely wrong. */
    static boolean verify(byte[] publicKey, byte[] data, byte[] signature) throws GeneralSecurityException {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(publicKey("Ed25519", ED25519_PREFIX, publicKey));
            verifier.update(data);
            return verifier.verify(signature);
        } catch (InvalidKeyException | SignatureException e) {
            return false;
        }
    }

    /** Encrypts with XChaCha20-Poly1305 under a fresh random nonce, which at 24 bytes is long enough to be random. */
    static Sealed seal(byte[] key, byte[] associatedData, byte[] plaintext) throws GeneralSecurityException {
        byte[] nonceAndCiphertext = new XChaCha20Poly1305(key).encrypt(plaintext, associatedData);
        return new Sealed(
                Arrays.copyOf(nonceAndCiphertext, NONCE_BYTES),
                Arrays.copyOfRange(nonceAndCiphertext, NONCE_BYTES, nonceAndCiphertext.length));
    }

    /** Decrypts, or throws if key, associated data, nonce or ciphertext is not what it was sealed with. */
    static byte[] open(byte[] key, byte[] associatedData, Sealed sealed) throws GeneralSecurityException {
        if (sealed.nonce().length != NONCE_BYTES) {
            throw new GeneralSecurityException("the nonce is not " + NONCE_BYTES + " bytes long");
        }
        return new XChaCha20Poly1305(key).decrypt(concat(sealed.nonce(), sealed.ciphertext()), associatedData);
    }

    /** Compares in constant time. */
    static boolean same(byte[] a, byte[] b) {
        return MessageDigest.isEqual(a, b);
    }

    /** The 32 bytes of an X25519 or Ed25519 public key, without the DER around them. */
    static byte[] raw(PublicKey key) {
        byte[] der = key.getEncoded();
        return Arrays.copyOfRange(der, der.length - KEY_BYTES, der.length);
    }

    static String hex(byte[] data) {
        return HEX.formatHex(data);
    }

    static String base64(byte[] data) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(data);
    }

    static byte[] base64(String text) throws GeneralSecurityException {
        try {
            return Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("not base64url text", e);
        }
    }

    static byte[] concat(byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        byte[] whole = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }

    private static PublicKey publicKey(String algorithm, byte[] prefix, byte[] raw) throws GeneralSecurityException {
        if (raw.length != KEY_BYTES) {
            throw new InvalidKeyException("an " + algorithm + " key has " + KEY_BYTES + " bytes");
        }
        try {
            return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(concat(prefix, raw)));
        } catch (InvalidKeySpecException e) {
            throw new InvalidKeyException("not an " + algorithm + " key", e);
        }
    }
}
