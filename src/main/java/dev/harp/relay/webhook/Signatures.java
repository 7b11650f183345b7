package dev.harp.relay.webhook;

import dev.harp.relay.protocol.Callback;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The header fields that authenticate a webhook: HARP's own, and those of Standard Webhooks 1.0.0, for which there are
 * libraries ({@code docs/protocol.md}, section 7.11).
 */
final class Signatures {
    private static final String HMAC = "HmacSHA256";
    private static final String STANDARD_PREFIX = "whsec_";

    private Signatures() {}

    /** The fields for one attempt; {@code seconds} is the time of the attempt. */
    static Map<String, String> of(Callback callback, String eventId, long seconds, byte[] body) {
        byte[] secret = callback.secret().getBytes(StandardCharsets.UTF_8);
        byte[] own = sign(secret, seconds + ".", body);
        byte[] standard = sign(standardKey(callback.secret(), secret), eventId + "." + seconds + ".", body);
        return Map.of(
                "X-HumanAuth-Timestamp", String.valueOf(seconds),
                "X-HumanAuth-Signature", HexFormat.of().formatHex(own),
                "webhook-id", eventId,
                "webhook-timestamp", String.valueOf(seconds),
                "webhook-signature", "v1," + Base64.getEncoder().encodeToString(standard));
    }

    /** A secret in the form of Standard Webhooks is decoded; any other one is used as it is. */
    private static byte[] standardKey(String text, byte[] bytes) {
        if (text.startsWith(STANDARD_PREFIX)) {
            try {
                byte[] key = Base64.getDecoder().decode(text.substring(STANDARD_PREFIX.length()));
                return key.length == 0 ? bytes : key;
            } catch (IllegalArgumentException _) {
                // It only looks like one.
            }
        }
        return bytes;
    }

    private static byte[] sign(byte[] key, String before, byte[] body) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            mac.update(before.getBytes(StandardCharsets.UTF_8));
            return mac.doFinal(body);
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new AssertionError("every Java platform has HMAC-SHA256, for any key", e);
        }
    }
}
