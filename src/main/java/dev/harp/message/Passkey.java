package dev.harp.message;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A passkey (WebAuthn credential) that the device names in its join.
 *
 * @param algorithm how it signs
 * @param key its public key, a DER SubjectPublicKeyInfo: P-256, uncompressed; or RSA of 2,048 to 4,096 bits with
 *     exponent 65,537
 * @param backedUp whether it may leave its authenticator (WebAuthn's flag BE, backup eligible)
 */
public record Passkey(PasskeyAlgorithm algorithm, Bytes key, boolean backedUp) {
    private static final Bytes P256_PREFIX =
            Bytes.of(HexFormat.of().parseHex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"));
    private static final int P256_BYTES = 91;
    private static final BigInteger RSA_EXPONENT = BigInteger.valueOf(65_537);

    /** Whether the key is one of the permitted kinds, in its one encoding. */
    boolean isPermitted() {
        try {
            PublicKey publicKey = publicKey();
            return Arrays.equals(publicKey.getEncoded(), key.toByteArray())
                    && switch (publicKey) {
                        case ECPublicKey ec ->
                            key.length() == P256_BYTES
                                    && key.slice(0, P256_PREFIX.length()).equals(P256_PREFIX)
                                    && isOnCurve(ec);
                        case RSAPublicKey rsa ->
                            rsa.getPublicExponent().equals(RSA_EXPONENT)
                                    && rsa.getModulus().bitLength() >= 2_048
                                    && rsa.getModulus().bitLength() <= 4_096;
                        default -> false;
                    };
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    boolean verifies(Bytes data, Bytes signature) {
        try {
            Signature verifier = Signature.getInstance(
                    switch (algorithm) {
                        case ES256 -> "SHA256withECDSA";
                        case RS256 -> "SHA256withRSA";
                    });
            verifier.initVerify(publicKey());
            verifier.update(data.toByteArray());
            return verifier.verify(signature.toByteArray());
        } catch (GeneralSecurityException e) {
            return false; // a signature that is none at all
        }
    }

    Members toJson() {
        return JsonTree.object()
                .add("alg", algorithm.name())
                .add("key", key.base64())
                .add("be", backedUp)
                .build();
    }

    static Passkey read(JsonTree value) {
        MemberReader members = MemberReader.of(value, Reason.JOIN_MEMBER);
        String name = members.text("alg");
        PasskeyAlgorithm algorithm = Arrays.stream(PasskeyAlgorithm.values())
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(members::refusal);
        Passkey passkey = new Passkey(algorithm, members.bytes("key"), members.flag("be"));
        members.nothingElse();
        Refusal.unless(passkey.isPermitted(), Reason.PASSKEY_KEY);
        return passkey;
    }

    private PublicKey publicKey() throws GeneralSecurityException {
        String family = switch (algorithm) {
            case ES256 -> "EC";
            case RS256 -> "RSA";
        };
        return KeyFactory.getInstance(family).generatePublic(new X509EncodedKeySpec(key.toByteArray()));
    }

    /** y^2 = x^3 + ax + b, with both coordinates below p: the JDK does not look before it verifies. */
    private static boolean isOnCurve(ECPublicKey key) {
        var curve = key.getParams().getCurve();
        BigInteger p = ((ECFieldFp) curve.getField()).getP();
        BigInteger x = key.getW().getAffineX();
        BigInteger y = key.getW().getAffineY();
        BigInteger right = x.multiply(x).add(curve.getA()).multiply(x).add(curve.getB());
        return x.compareTo(p) < 0
                && y.compareTo(p) < 0
                && y.multiply(y).subtract(right).mod(p).signum() == 0;
    }
}
