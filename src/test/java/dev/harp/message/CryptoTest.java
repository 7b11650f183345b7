package dev.harp.message;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.crypto.tink.aead.internal.InsecureNonceXChaCha20Poly1305;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Each primitive against the vectors of the document that defines it. */
class CryptoTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @Nested
    class Sha256 {
        @Test
        void rfc6234_abc() {
            assertEquals(
                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                    hex(Crypto.sha256(Bytes.utf8("abc"))));
        }
    }

    @Nested
    class HkdfSha256 {
        @Test
        void rfc5869_a1_basic() {
            assertEquals(
                    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
                    hkdf("0b".repeat(22), "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9", 42));
        }

        @Test
        void rfc5869_a2_longInputs() {
            assertEquals(
                    "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
                            + "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
                    hkdf(range(0x00, 0x4f), range(0x60, 0xaf), range(0xb0, 0xff), 82));
        }

        @Test
        void rfc5869_a3_noSaltNoInfo() {
            assertEquals(
                    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
                    hkdf("0b".repeat(22), "", "", 42));
        }

        private static String hkdf(String secret, String salt, String info, int length) {
            return hex(Crypto.hkdfExpand(Crypto.hkdfExtract(hex(salt), hex(secret)), hex(info), length));
        }
    }

    @Nested
    class X25519 {
        private static final String ALICE_PRIVATE = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
        private static final String ALICE_PUBLIC = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
        private static final String BOB_PRIVATE = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
        private static final String BOB_PUBLIC = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
        private static final String SHARED = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

        @Test
        void rfc7748_6_1_bothSidesAgree() {
            assertEquals(Optional.of(hex(SHARED)), Crypto.x25519(hex(ALICE_PRIVATE), hex(BOB_PUBLIC)));
            assertEquals(Optional.of(hex(SHARED)), Crypto.x25519(hex(BOB_PRIVATE), hex(ALICE_PUBLIC)));
        }

        @Test
        void keysOfSmallOrderAreRefused() {
            Bytes own = Crypto.newX25519(RANDOM).secret();
            for (Bytes point : Forgeries.weakX25519()) {
                assertEquals(Optional.empty(), Crypto.x25519(own, point));
            }
        }

        @Test
        void whatIsPublishedIsWhatAPeerNeeds() {
            Crypto.KeyPair a = Crypto.newX25519(RANDOM);
            Crypto.KeyPair b = Crypto.newX25519(RANDOM);
            assertEquals(Crypto.x25519(a.secret(), b.publicKey()), Crypto.x25519(b.secret(), a.publicKey()));
        }
    }

    @Nested
    class Ed25519 {
        @Test
        void rfc8032_7_1_test1_emptyMessage() {
            check(
                    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                    "",
                    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                            + "d25bf5f0595bbe24655141438e7a100b");
        }

        @Test
        void rfc8032_7_1_test2_oneByte() {
            check(
                    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                    "72",
                    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                            + "387b2eaeb4302aeeb00d291612bb0c00");
        }

        @Test
        void rfc8032_7_1_test3_twoBytes() {
            check(
                    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                    "af82",
                    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                            + "4a7c15e9716ed28dc027beceea1ec40a");
        }

        @Test
        void nonsenseIsAWrongSignature() {
            Bytes key = Crypto.newEd25519(RANDOM).publicKey();
            Bytes data = Bytes.utf8("data");
            assertFalse(Crypto.verifyEd25519(key, data, Bytes.of()));
            assertFalse(Crypto.verifyEd25519(key, data, Bytes.of(new byte[64])));
            assertFalse(Crypto.verifyEd25519(key, data, Bytes.of(new byte[65])));
            assertFalse(Crypto.verifyEd25519(hex("ff".repeat(32)), data, Bytes.of(new byte[64])));
            assertFalse(Crypto.verifyEd25519(Bytes.of(new byte[31]), data, Bytes.of(new byte[64])));
        }

        private static void check(String seed, String publicKey, String message, String signature) {
            assertEquals(signature, hex(Crypto.signEd25519(hex(seed), hex(message))));
            assertTrue(Crypto.verifyEd25519(hex(publicKey), hex(message), hex(signature)));
            assertFalse(Crypto.verifyEd25519(hex(publicKey), hex(message + "00"), hex(signature)));
        }
    }

    @Nested
    class XChaCha20Poly1305 {
        private static final String KEY = range(0x80, 0x9f);
        private static final String AAD = "50515253c0c1c2c3c4c5c6c7";
        private static final String NONCE = range(0x40, 0x57);
        private static final String PLAINTEXT =
                "Ladies and Gentlemen of the class of '99: If I could offer you only one"
                        + " tip for the future, sunscreen would be it.";
        private static final String CIPHERTEXT =
                "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39"
                    + "ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
                    + "21f9664c97637da9768812f615c68b13b52e";
        private static final String TAG = "c0875924c1c7987947deafd8780acf49";

        /** The draft's vector has associated data, and the messages have none: so it checks Tink itself. */
        @Test
        void draftIrtfCfrgXchacha_a_3_1() throws Exception {
            byte[] plaintext = new InsecureNonceXChaCha20Poly1305(hex(KEY).toByteArray())
                    .decrypt(hex(NONCE).toByteArray(), hex(CIPHERTEXT + TAG).toByteArray(), hex(AAD).toByteArray());
            assertEquals(PLAINTEXT, new String(plaintext, US_ASCII));
        }

        @Test
        void theCiphertextIsThatOfTheVectorAndTheTagAnother() {
            String sealed = hex(Crypto.seal(hex(KEY), hex(NONCE), Bytes.utf8(PLAINTEXT)));
            assertTrue(sealed.startsWith(CIPHERTEXT));
            assertEquals(CIPHERTEXT.length() + TAG.length(), sealed.length());
            assertFalse(sealed.endsWith(TAG));
        }

        @Test
        void everyPartIsAuthenticated() {
            Bytes sealed = Crypto.seal(hex(KEY), hex(NONCE), Bytes.utf8(PLAINTEXT));
            assertEquals(Optional.of(Bytes.utf8(PLAINTEXT)), Crypto.open(hex(KEY), hex(NONCE), sealed));
            assertEquals(Optional.empty(), Crypto.open(changed(hex(KEY)), hex(NONCE), sealed));
            assertEquals(Optional.empty(), Crypto.open(hex(KEY), changed(hex(NONCE)), sealed));
            assertEquals(Optional.empty(), Crypto.open(hex(KEY), hex(NONCE), changed(sealed)));
            assertEquals(Optional.empty(), Crypto.open(hex(KEY), hex(NONCE), sealed.slice(0, 15)));
        }

        @Test
        void theNonceCannotBorrowFromTheCiphertext() {
            Bytes sealed = Crypto.seal(hex(KEY), hex(NONCE), Bytes.utf8(PLAINTEXT));
            Envelope shifted = new Envelope(
                    hex(NONCE).slice(0, 23).base64(),
                    Bytes.concat(hex(NONCE).slice(23, 24), sealed).base64());
            Refusal refusal = assertThrows(Refusal.class, () -> shifted.open(hex(KEY)));
            assertEquals(Reason.ENVELOPE, refusal.reason());
        }

        @Test
        void eachEnvelopeHasItsOwnNonceOf24Bytes() {
            Envelope first = Envelope.seal(hex(KEY), Bytes.utf8(PLAINTEXT), RANDOM);
            Envelope second = Envelope.seal(hex(KEY), Bytes.utf8(PLAINTEXT), RANDOM);
            assertEquals(24, Bytes.ofBase64(first.nonce()).orElseThrow().length());
            assertNotEquals(first.nonce(), second.nonce());
            assertEquals(Bytes.utf8(PLAINTEXT), first.open(hex(KEY)));
        }

        private static Bytes changed(Bytes part) {
            byte[] bytes = part.toByteArray();
            bytes[bytes.length - 1] ^= 1;
            return Bytes.of(bytes);
        }
    }

    @Nested
    class Base64Url {
        @Test
        void thereAndBackInOneSpelling() {
            assertEquals("-_8A", hex("fbff00").base64());
            assertEquals(Optional.of(hex("fbff00")), Bytes.ofBase64("-_8A"));
            for (String other : new String[] {"+/8A", "-_8A=", "-_8B=", "-_9", "-_8A\n", "-"}) {
                assertEquals(Optional.empty(), Bytes.ofBase64(other), other);
            }
        }
    }

    private static Bytes hex(String text) {
        return Bytes.of(HexFormat.of().parseHex(text));
    }

    private static String hex(Bytes bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    /** The bytes from first to last, in hex. */
    private static String range(int first, int last) {
        StringBuilder text = new StringBuilder();
        for (int value = first; value <= last; value++) {
            HexFormat.of().toHexDigits(text, (byte) value);
        }
        return text.toString();
    }
}
