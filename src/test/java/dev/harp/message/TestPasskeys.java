package dev.harp.message;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.List;

/** An authenticator in memory, with three passkeys whose keys are fixed. They are published: they protect nothing. */
final class TestPasskeys {
    static final String ORIGIN = "https://relay.example.org";
    static final String HOST = "relay.example.org";
    static final int UP = 0x01;
    static final int UV = 0x04;
    static final int BE = 0x08;

    static final BigInteger BOUND_SECRET = TestCurves.P256.secret("passkey that stays");
    static final BigInteger SYNCED_SECRET = TestCurves.P256.secret("passkey that is synchronised");

    /** PKCS #8, RSA of 2,048 bits. */
    static final String RSA_SECRET = """
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC44iIyLnMXO6wjFc0nQnlbwfzQQgQO2i2ley5JibKdS2l0qewO
        YWpbNLD229U32gkJ0cH3AS3yWmpg2mOuA351F7xwNq0JVZqkwv4lf5px2DGuPHBr/JjrMKM7jMP9VgF7Y5rneRJG61T/gxf3zSTR
        PgnH+K97mfFX8uEgjoeGTOoC35AB4FvU0qQkSzDaSq2WKZNL1ld8n1fHA1N1HTMiK98twzSigLc487IqxxgXyRWReLLpLV2wX7ih
        CtFjfTjyEG91vbKDsATaEA7MznkTmGI0j26cW0+t+aMGpOTe3/j97WNrvjcOx5ZL5dU1zYf43foMItNuH8h6CLJRZlYjAgMBAAEC
        ggEAPGIa8hHKpBlosLLTpNFoqofShsAw7BrlEqmHJhxzej0hjalbwByf7Hbqn02QN2QeVJcuBvrbI07VdJmPOcvJVvvwHyQ0YpqT
        XeGTuPKSokEOhM4Xl6VR2mqxvWbNsiWPaVnQQ25/AiulQKhzwQq+zho5fpbh1XgjY2qfjY8Pg1R4b4nuipMT4NbfU9+tTUmWealS
        OD6yJoFQz9LArQXcC1KFtppqLm6KWBY4bFS6Q5aT8MR2qP4R0MWwhsqR8GcE/23tNPHhNXLGkK6HGfFc7W8Fod8a0V2F8SoLayzZ
        ZJdXZRC6ITcNOJqGLUzaS7tPgymN6phzaSYbgCvB40bz4QKBgQDcwJQIqzmqP7yI76WViMfJq42HaKfJ1fmfU9XnnIaORT6RQNQC
        S6WUsDN/3CsJhwMSxC2dDnY8jAQhYnIQT9Oriceck6z2VGp7H3HuibR9RdO5SOcgIq8ygoupijR10V5HWWCt1niuB6c6B5VVDDGv
        XsAqNhPY67uaUuT2y9AlgwKBgQDWZ2KIcFDsIMiH8y7oFbG0eUWncJG3PWSTdi27dIYaNRWGmlqz3PAjt3plsWqKevjb5cba+CV7
        TJXkiXKlhWQz8kfxbLrRX8CJGHk1MVE3h2tjjBfo88r3oviRNZWX0EGR63Kaoz6tSfyGS/fz73CGENBNsMZEXJ15Lmb6O/TK4QKB
        gAXHtRiVAymGCbW8MKW9sx2AtG/7OYl7ZNHbLBqoao2HGqBLBkIZIPjHtFGAvk+9jUMMh/U4z7e+Is2M+lea/3vaW7Op2jmI9FDM
        /fq0+FjfXy/WzNZ2kgfMi0OhLsZ2+PT9Th6/IuHLqYFHeY2EiDiDTpzMVbC0W3ErAnvD0mtpAoGBAKZycH43o7sM4GEam6m1XdYb
        58VLkPROhwwrzOkgVxN1bpamsg+8T/mKcU0NZQbI3PXp9mz8BC0qkZtwUT7KxbXGO6/jl00AJvrHsyFmfgS77tTDZ7SDv2hsbshc
        bxwCo0TjIn+GiBwDujWQOJh5pEOQPgZyXBmqRN5U9cECVtJBAoGAK5LeJVYTTdOdoF1Yz4i+PNpL4HLmX7K1lSG0HMipQCc8EnB+
        17hTfgDy4s93vm0P6UHLYhHQxFdlI+OtPIfpK1jacpsTqTuHLk/8ZKVF2979QS/eXPmV6wal0TyRNZ3/zBE8Qo4ywqQ9GhMvm7dl
        fK2eJl5umgEHIj5fmW0M5jw=
        """.replace("\n", "");

    static final Passkey BOUND = new Passkey(PasskeyAlgorithm.ES256, TestCurves.P256.publicKey(BOUND_SECRET), false);
    static final Passkey SYNCED = new Passkey(PasskeyAlgorithm.ES256, TestCurves.P256.publicKey(SYNCED_SECRET), true);
    static final Passkey RSA = new Passkey(PasskeyAlgorithm.RS256, rsaPublicKey(), true);
    static final List<Passkey> ALL = List.of(BOUND, SYNCED, RSA);

    private TestPasskeys() {}

    /** What a browser writes. */
    static Bytes client(Bytes challenge) {
        return client("webauthn.get", challenge, ORIGIN, ",\"crossOrigin\":false");
    }

    static Bytes client(String type, Bytes challenge, String origin, String more) {
        return Bytes.utf8("{\"type\":\"" + type + "\",\"challenge\":\"" + challenge.base64() + "\",\"origin\":\""
                + origin + "\"" + more + "}");
    }

    static Bytes data(String host, int flags) {
        return Bytes.concat(Crypto.sha256(Bytes.utf8(host)), Bytes.of((byte) flags), Bytes.of(new byte[4]));
    }

    /** An honest assertion. */
    static Assertion sign(Passkey passkey, Bytes challenge) {
        int flags = UP | UV | (passkey.backedUp() ? BE : 0);
        return sign(passkey, data(HOST, flags), client(challenge));
    }

    static Assertion sign(Passkey passkey, Bytes data, Bytes client) {
        Bytes signed = Bytes.concat(data, Crypto.sha256(client));
        Bytes signature = passkey.equals(RSA)
                ? rsaSign(signed)
                : TestCurves.P256.sign(passkey.equals(BOUND) ? BOUND_SECRET : SYNCED_SECRET, signed);
        return new Assertion(data, client, signature);
    }

    private static Bytes rsaSign(Bytes data) {
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(rsaSecret());
            signature.update(data.toByteArray());
            return Bytes.of(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static Bytes rsaPublicKey() {
        try {
            RSAPrivateCrtKey secret = rsaSecret();
            return Bytes.of(KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(secret.getModulus(), secret.getPublicExponent()))
                    .getEncoded());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static RSAPrivateCrtKey rsaSecret() throws GeneralSecurityException {
        var spec = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(RSA_SECRET));
        return (RSAPrivateCrtKey) KeyFactory.getInstance("RSA").generatePrivate(spec);
    }
}
