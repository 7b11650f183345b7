package dev.harp.message;

import dev.harp.message.TestCurves.Edwards;
import dev.harp.testing.FixedRandom;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Signatures that a lenient verifier takes: section 6. */
final class Ed25519Vectors {
    private static final HexFormat HEX = HexFormat.of();
    private static final Bytes IDENTITY = hex("01" + "00".repeat(31));

    /**
     * Both signs of x for each y of small order; the encodings of order 1 and 2 with a sign are no points of RFC 8032.
     */
    private static final List<String> SMALL_ORDER = List.of(
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa");

    private final Vectors vectors = new Vectors(
            "ed25519",
            "kind ed25519: first whether the key may stand in a join, then whether the signature is right. All in hex."
                    + " Those of small order fit their message under the bare equation.");

    private Ed25519Vectors() {}

    static Vectors make() {
        Ed25519Vectors signatures = new Ed25519Vectors();
        signatures.valid();
        signatures.smallOrder();
        signatures.malleable();
        return signatures.vectors;
    }

    private void valid() {
        vectors.valid(
                "ed25519",
                "RFC 8032, 7.1, test 2",
                v -> v.add("public_key", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
                        .add("message", "72")
                        .add(
                                "signature",
                                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                                        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"));
    }

    private void smallOrder() {
        for (int i = 0; i < SMALL_ORDER.size(); i++) {
            Bytes key = hex(SMALL_ORDER.get(i));
            add(
                    "key of small order " + (i + 1),
                    Reason.WEAK_KEY,
                    key,
                    fitting(key),
                    Bytes.concat(IDENTITY, Bytes.of(new byte[32])));
        }
        Bytes notCanonical = hex("ee" + "ff".repeat(30) + "7f");
        add(
                "key of small order, not canonical",
                Reason.WEAK_KEY,
                notCanonical,
                fitting(notCanonical),
                Bytes.concat(IDENTITY, Bytes.of(new byte[32])));
        add("key of 31 bytes", Reason.WEAK_KEY, hex("11".repeat(31)), Bytes.utf8("a"), Bytes.of(new byte[64]));
    }

    private void malleable() {
        Crypto.KeyPair keys = Crypto.newEd25519(new FixedRandom("ed25519"));
        Bytes message = Bytes.utf8("approved");
        Bytes honest = Crypto.signEd25519(keys.secret(), message);
        BigInteger s = TestCurves.ofLittle(honest.slice(32, 64));
        add(
                "S not reduced",
                Reason.SIGNATURE,
                keys.publicKey(),
                message,
                Bytes.concat(honest.slice(0, 32), TestCurves.little(s.add(Edwards.L), 32)));
        add("R with a part of small order", Reason.SIGNATURE, keys.publicKey(), message, withTorsion(keys, message));
        add("another message", Reason.SIGNATURE, keys.publicKey(), Bytes.utf8("denied"), honest);
    }

    /**
     * A signature that fits if both sides of the equation are multiplied by 8, and does not fit as RFC 8032 allows to
     * require.
     */
    private static Bytes withTorsion(Crypto.KeyPair keys, Bytes message) {
        byte[] expanded = sha512(keys.secret()).toByteArray();
        expanded[0] &= (byte) 0xf8;
        expanded[31] &= 0x7f;
        expanded[31] |= 0x40;
        BigInteger secret = TestCurves.ofLittle(Bytes.of(expanded).slice(0, 32));
        // The nonce of the honest signature of another message, so that its point is known without multiplying.
        Bytes other = Bytes.utf8("another");
        Bytes otherSignature = Crypto.signEd25519(keys.secret(), other);
        Bytes point = otherSignature.slice(0, 32);
        BigInteger nonce = TestCurves.ofLittle(otherSignature.slice(32, 64))
                .subtract(hash(point, keys.publicKey(), other).multiply(secret))
                .mod(Edwards.L);
        Bytes mixed = Edwards.add(point, hex(Edwards.SMALL_ORDER_8));
        BigInteger s = nonce.add(hash(mixed, keys.publicKey(), message).multiply(secret))
                .mod(Edwards.L);
        return Bytes.concat(mixed, TestCurves.little(s, 32));
    }

    /** A message whose challenge is a multiple of 8, so that the key vanishes from the equation. */
    private static Bytes fitting(Bytes key) {
        for (int i = 0; ; i++) {
            Bytes message = Bytes.utf8("approved " + i);
            if (hash(IDENTITY, key, message).mod(BigInteger.valueOf(8)).signum() == 0) {
                return message;
            }
        }
    }

    private static BigInteger hash(Bytes point, Bytes key, Bytes message) {
        return TestCurves.ofLittle(sha512(Bytes.concat(point, key, message))).mod(Edwards.L);
    }

    private static Bytes sha512(Bytes data) {
        try {
            return Bytes.of(MessageDigest.getInstance("SHA-512").digest(data.toByteArray()));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private void add(String name, Reason reason, Bytes key, Bytes message, Bytes signature) {
        vectors.refused(
                "ed25519",
                name,
                reason,
                v -> v.add("public_key", HEX.formatHex(key.toByteArray()))
                        .add("message", HEX.formatHex(message.toByteArray()))
                        .add("signature", HEX.formatHex(signature.toByteArray())));
    }

    private static Bytes hex(String text) {
        return Bytes.of(HEX.parseHex(text));
    }
}
