package dev.harp.relay.push;

import com.zerodeplibs.webpush.VAPIDKeyPair;
import com.zerodeplibs.webpush.VAPIDKeyPairs;
import com.zerodeplibs.webpush.jwt.VAPIDJWTParam;
import com.zerodeplibs.webpush.key.PrivateKeySources;
import com.zerodeplibs.webpush.key.PublicKeySources;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The key pair by which push services identify this relay (RFC 8292). Its text is {@code PUBLIC.PRIVATE}, each part in
 * base64url. An application subscribes with the public part ({@code applicationServerKey}); the private part is a
 * secret. A new pair invalidates all subscriptions that were made for the old one.
 */
public final class VapidKeys {
    private static final Pattern FORM = Pattern.compile("([A-Za-z0-9_-]{87})\\.([A-Za-z0-9_-]{43})");

    /** Without the two characters that have to be escaped in JSON. */
    private static final Pattern SUBJECT = Pattern.compile("(mailto:[!#-\\[\\]-~]+@|https://)[!#-\\[\\]-~]+");

    private static final int SUBJECT_MOST = 256;

    private final String publicText;
    private final String privateText;
    private final VAPIDKeyPair pair;

    private VapidKeys(ECPublicKey publicKey, ECPrivateKey privateKey) {
        this.pair = VAPIDKeyPairs.of(
                PrivateKeySources.ofECPrivateKey(privateKey), PublicKeySources.ofECPublicKey(publicKey));
        this.publicText = pair.extractPublicKeyInUncompressedFormAsString();
        this.privateText = scalar(privateKey.getS());
    }

    /** Generates a pair. */
    public static VapidKeys generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            return new VapidKeys((ECPublicKey) pair.getPublic(), (ECPrivateKey) pair.getPrivate());
        } catch (GeneralSecurityException e) {
            throw new AssertionError("this Java platform has P-256", e);
        }
    }

    /** Parses a pair; empty if the text is malformed, or its keys do not belong together. */
    public static Optional<VapidKeys> parse(String text) {
        var form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        try {
            Base64.Decoder decoder = Base64.getUrlDecoder();
            ECPublicKey publicKey = PublicKeySources.ofUncompressedBytes(decoder.decode(form.group(1)))
                    .extract();
            ECPrivateKey privateKey = (ECPrivateKey) KeyFactory.getInstance("EC")
                    .generatePrivate(new ECPrivateKeySpec(
                            new BigInteger(1, decoder.decode(form.group(2))), publicKey.getParams()));
            return belong(publicKey, privateKey) ? Optional.of(new VapidKeys(publicKey, privateKey)) : Optional.empty();
        } catch (GeneralSecurityException | RuntimeException _) {
            return Optional.empty();
        }
    }

    private static boolean belong(PublicKey publicKey, PrivateKey privateKey) throws GeneralSecurityException {
        byte[] something = "something to sign".getBytes(StandardCharsets.US_ASCII);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(privateKey);
        signature.update(something);
        byte[] signed = signature.sign();
        signature.initVerify(publicKey);
        signature.update(something);
        return signature.verify(signed);
    }

    private static String scalar(BigInteger number) {
        byte[] fixed = HexFormat.of().parseHex("%064x".formatted(number));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(fixed);
    }

    /** Whether the text is a contact for push services: {@code mailto:} and an address, or an {@code https://} URL. */
    public static boolean isSubject(String text) {
        return text.length() <= SUBJECT_MOST && SUBJECT.matcher(text).matches();
    }

    /** The public key, with which applications subscribe. */
    public String publicText() {
        return publicText;
    }

    /** Both keys, for the configuration. A secret. */
    public String text() {
        return publicText + "." + privateText;
    }

    /** The value of {@code Authorization} for a push service. */
    String authorization(String origin, Instant until, String subject) {
        return pair.generateAuthorizationHeaderValue(VAPIDJWTParam.getBuilder()
                .resourceURLString(origin + "/")
                .expirationTime(until)
                .subject(subject)
                .build());
    }

    /** The public key only. */
    @Override
    public String toString() {
        return "VapidKeys[" + publicText + "]";
    }
}
