package dev.harp.message;

import com.google.crypto.tink.aead.internal.InsecureNonceXChaCha20Poly1305;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.XECPrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.security.spec.XECPrivateKeySpec;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import javax.crypto.KDF;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The primitives. All are the JDK's but XChaCha20-Poly1305, which is Tink's: the class that takes the nonce as an
 * argument, so that no randomness is drawn in here. What this page adds by hand is what the JDK does not check: Ed25519
 * keys of small order.
 */
final class Crypto {
    static final int KEY_BYTES = 32;
    static final int SIGNATURE_BYTES = 64;

    /** The DER of a SubjectPublicKeyInfo (RFC 8410) up to the 32 bytes of the key itself. */
    private static final Bytes X25519_PREFIX = hex("302a300506032b656e032100");

    private static final Bytes ED25519_PREFIX = hex("302a300506032b6570032100");
    private static final Bytes X25519_BASE = hex("09" + "00".repeat(31));

    /**
     * The first 31 bytes of every encoding of an Ed25519 point of small order, and of those that are not canonical (y
     * of 2^255 - 19 or more); the last byte decides, see {@link #isUsableEd25519}.
     */
    private static final Set<Bytes> SMALL_ORDER = Set.of(
            hex("00".repeat(32)),
            hex("01" + "00".repeat(31)),
            hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
            hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
            hex("ec" + "ff".repeat(30) + "7f"));

    /** Own keys: 32 secret bytes and what is published of them. */
    record KeyPair(Bytes secret, Bytes publicKey) {}

    /** A step of the JDK or of Tink that fails, though its inputs are right. */
    private static AssertionError impossible(GeneralSecurityException e) {
        return new AssertionError("every JDK 25 has these algorithms", e);
    }

    private Crypto() {}

    static Bytes random(SecureRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Bytes.of(bytes);
    }

    static Bytes sha256(Bytes... parts) {
        try {
            return Bytes.of(MessageDigest.getInstance("SHA-256")
                    .digest(Bytes.concat(parts).toByteArray()));
        } catch (GeneralSecurityException e) {
            throw impossible(e);
        }
    }

    static Bytes hkdfExtract(Bytes salt, Bytes secret) {
        try {
            var extract = HKDFParameterSpec.ofExtract()
                    .addSalt(salt.toByteArray())
                    .addIKM(secret.toByteArray())
                    .extractOnly();
            return Bytes.of(KDF.getInstance("HKDF-SHA256").deriveData(extract));
        } catch (GeneralSecurityException e) {
            throw impossible(e);
        }
    }

    static Bytes hkdfExpand(Bytes pseudoRandomKey, Bytes info, int length) {
        try {
            var key = new SecretKeySpec(pseudoRandomKey.toByteArray(), "Generic");
            var expand = HKDFParameterSpec.expandOnly(key, info.toByteArray(), length);
            return Bytes.of(KDF.getInstance("HKDF-SHA256").deriveData(expand));
        } catch (GeneralSecurityException e) {
            throw impossible(e);
        }
    }

    static KeyPair newX25519(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("X25519");
            generator.initialize(NamedParameterSpec.X25519, random);
            var secret = (XECPrivateKey) generator.generateKeyPair().getPrivate();
            Bytes scalar = Bytes.of(secret.getScalar().orElseThrow());
            return new KeyPair(scalar, x25519(scalar, X25519_BASE).orElseThrow());
        } catch (GeneralSecurityException e) {
            throw impossible(e);
        }
    }

    static KeyPair newEd25519(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(NamedParameterSpec.ED25519, random);
            var keys = generator.generateKeyPair();
            Bytes seed =
                    Bytes.of(((EdECPrivateKey) keys.getPrivate()).getBytes().orElseThrow());
            Bytes der = Bytes.of(keys.getPublic().getEncoded());
            return new KeyPair(seed, der.slice(der.length() - KEY_BYTES, der.length()));
        } catch (GeneralSecurityException e) {
            throw impossible(e);
        }
    }

    /**
     * X25519 (RFC 7748), or nothing if the result is zero: the peer's key is of small order, and anybody knows the
     * result.
     */
    static Optional<Bytes> x25519(Bytes secret, Bytes peer) {
        try {
            KeyFactory factory = KeyFactory.getInstance("X25519");
            KeyAgreement agreement = KeyAgreement.getInstance("X25519");
            agreement.init(
                    factory.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, secret.toByteArray())));
            agreement.doPhase(factory.generatePublic(encoded(X25519_PREFIX, peer)), true);
            Bytes result = Bytes.of(agreement.generateSecret());
            return result.equals(Bytes.of(new byte[KEY_BYTES])) ? Optional.empty() : Optional.of(result);
        } catch (InvalidKeyException e) {
            return Optional.empty(); // the JDK's own check of a zero result
        } catch (GeneralSecurityException e) {
            throw impossible(e);
        }
    }

    /**
     * Whether the bytes are the canonical encoding of a point that is not of small order. Under a key of small order
     * one signature fits many texts, or every one.
     */
    static boolean isUsableEd25519(Bytes publicKey) {
        byte[] y = publicKey.toByteArray();
        if (y.length != KEY_BYTES) {
            return false;
        }
        y[KEY_BYTES - 1] &= 0x7f; // the sign of x
        return isCanonical(y) && !SMALL_ORDER.contains(Bytes.of(y));
    }

    /** Whether the little-endian number is less than 2^255 - 19. */
    private static boolean isCanonical(byte[] y) {
        if (y[KEY_BYTES - 1] != 0x7f) {
            return true;
        }
        for (int i = 1; i < KEY_BYTES - 1; i++) {
            if ((y[i] & 0xff) != 0xff) {
                return true;
            }
        }
        return (y[0] & 0xff) < 0xed;
    }

    static Bytes signEd25519(Bytes seed, Bytes data) {
        try {
            var key = KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed.toByteArray()));
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            signature.update(data.toByteArray());
            return Bytes.of(signature.sign());
        } catch (GeneralSecurityException e) {
            throw impossible(e);
        }
    }

    /**
     * Verifies as RFC 8032, section 5.1.7, without the cofactor: S below the order, and the encoding of [S]B - [k]A
     * equal to R. A key that is not usable is refused, whatever the signature.
     */
    static boolean verifyEd25519(Bytes publicKey, Bytes data, Bytes signature) {
        if (!isUsableEd25519(publicKey) || signature.length() != SIGNATURE_BYTES) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(encoded(ED25519_PREFIX, publicKey)));
            verifier.update(data.toByteArray());
            return verifier.verify(signature.toByteArray());
        } catch (InvalidKeyException | SignatureException e) {
            return false; // no point of the curve, or no signature at all
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    static Bytes seal(Bytes key, Bytes nonce, Bytes plaintext) {
        try {
            return Bytes.of(new InsecureNonceXChaCha20Poly1305(key.toByteArray())
                    .encrypt(nonce.toByteArray(), plaintext.toByteArray(), new byte[0]));
        } catch (GeneralSecurityException e) {
            throw impossible(e);
        }
    }

    /** The plaintext, or nothing if the ciphertext was not made with this key and nonce. */
    static Optional<Bytes> open(Bytes key, Bytes nonce, Bytes ciphertext) {
        try {
            return Optional.of(Bytes.of(new InsecureNonceXChaCha20Poly1305(key.toByteArray())
                    .decrypt(nonce.toByteArray(), ciphertext.toByteArray(), new byte[0])));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private static X509EncodedKeySpec encoded(Bytes prefix, Bytes key) {
        return new X509EncodedKeySpec(Bytes.concat(prefix, key).toByteArray());
    }

    private static Bytes hex(String text) {
        return Bytes.of(HexFormat.of().parseHex(text));
    }
}
