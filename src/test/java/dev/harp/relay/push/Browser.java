package dev.harp.relay.push;

import jakarta.json.Json;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The receiver of RFC 8291 and 8188, with the JDK's primitives only, and tested by the RFC's example. */
public final class Browser {
    private final ECPrivateKey privateKey;
    private final byte[] point;
    private final byte[] secret;

    Browser(ECPrivateKey privateKey, byte[] point, byte[] secret) {
        this.privateKey = privateKey;
        this.point = point.clone();
        this.secret = secret.clone();
    }

    /** One with a key pair of its own. */
    public static Browser fresh() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        byte[] secret = new byte[16];
        new SecureRandom().nextBytes(secret);
        return new Browser((ECPrivateKey) pair.getPrivate(), point((ECPublicKey) pair.getPublic()), secret);
    }

    /** What its application gives to the relay. */
    public String subscription(String endpoint) {
        return subscription(endpoint, base64(point), base64(secret));
    }

    static String subscription(String endpoint, String point, String secret) {
        return Json.createObjectBuilder()
                .add("endpoint", endpoint)
                .add("expirationTime", jakarta.json.JsonValue.NULL)
                .add("keys", Json.createObjectBuilder().add("p256dh", point).add("auth", secret))
                .build()
                .toString();
    }

    String decrypted(byte[] body) throws GeneralSecurityException {
        ByteBuffer in = ByteBuffer.wrap(body);
        byte[] salt = next(in, 16);
        int recordSize = in.getInt();
        byte[] sender = next(in, in.get() & 0xff);
        byte[] sealed = next(in, in.remaining());
        if (sealed.length > recordSize || sender.length != 65) {
            throw new GeneralSecurityException("not one record with a key");
        }
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(privateKey);
        var _ = agreement.doPhase(publicKey(sender, privateKey.getParams()), true);
        byte[] keyInfo = concat("WebPush: info\0".getBytes(StandardCharsets.US_ASCII), point, sender);
        byte[] input = derive(secret, agreement.generateSecret(), keyInfo, 32);
        byte[] key = derive(salt, input, "Content-Encoding: aes128gcm\0".getBytes(StandardCharsets.US_ASCII), 16);
        byte[] nonce = derive(salt, input, "Content-Encoding: nonce\0".getBytes(StandardCharsets.US_ASCII), 12);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        byte[] padded = cipher.doFinal(sealed);
        int end = padded.length - 1;
        while (end > 0 && padded[end] == 0) {
            end--;
        }
        if (padded[end] != 2) {
            throw new GeneralSecurityException("not the last record");
        }
        return new String(Arrays.copyOf(padded, end), StandardCharsets.UTF_8);
    }

    private static byte[] derive(byte[] salt, byte[] input, byte[] info, int length) throws GeneralSecurityException {
        return KDF.getInstance("HKDF-SHA256")
                .deriveData(HKDFParameterSpec.ofExtract()
                        .addIKM(input)
                        .addSalt(salt)
                        .thenExpand(info, length));
    }

    static ECPublicKey publicKey(byte[] point, ECParameterSpec curve) throws GeneralSecurityException {
        ECPoint at = new ECPoint(
                new BigInteger(1, Arrays.copyOfRange(point, 1, 33)),
                new BigInteger(1, Arrays.copyOfRange(point, 33, 65)));
        return (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(at, curve));
    }

    static ECPrivateKey privateKey(byte[] scalar) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        ECParameterSpec curve = ((ECPublicKey) generator.generateKeyPair().getPublic()).getParams();
        return (ECPrivateKey)
                KeyFactory.getInstance("EC").generatePrivate(new ECPrivateKeySpec(new BigInteger(1, scalar), curve));
    }

    private static byte[] point(ECPublicKey key) {
        byte[] point = new byte[65];
        point[0] = 4;
        put(key.getW().getAffineX(), point, 33);
        put(key.getW().getAffineY(), point, 65);
        return point;
    }

    private static void put(BigInteger number, byte[] to, int end) {
        byte[] bytes = number.toByteArray();
        int length = Math.min(32, bytes.length);
        System.arraycopy(bytes, bytes.length - length, to, end - length, length);
    }

    static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static byte[] bytes(String base64) {
        return Base64.getUrlDecoder().decode(base64);
    }

    byte[] point() {
        return point.clone();
    }

    private static byte[] next(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
