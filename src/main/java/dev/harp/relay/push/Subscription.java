package dev.harp.relay.push;

import com.zerodeplibs.webpush.UserAgentMessageEncryptionKeyInfo;
import dev.harp.json.Json;
import dev.harp.relay.outbound.TargetUrl;
import jakarta.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A subscription of a browser or a UnifiedPush application: a {@code PushSubscription} of the Push API, as JSON.
 *
 * @param endpoint the push resource (RFC 8030); its path is a secret
 * @param keys the application's public key, checked to be a point on P-256, and its secret (RFC 8291, section 2)
 */
record Subscription(TargetUrl endpoint, UserAgentMessageEncryptionKeyInfo keys) {
    private static final int POINT = 65;
    private static final int SECRET = 16;

    /** The push services of Chrome and most others, of Firefox, of Safari, and of Edge on Windows. */
    private static final Pattern BROWSERS = Pattern.compile(
            "fcm\\.googleapis\\.com|.+\\.(push\\.services\\.mozilla\\.com|push\\.apple\\.com|notify\\.windows\\.com)");

    /**
     * Parses {@code {"endpoint": ..., "keys": {"p256dh": ..., "auth": ...}}} and ignores further members. Empty if any
     * part is missing or malformed.
     */
    static Optional<Subscription> parse(String token) {
        Optional<JsonObject> json = Json.tryObject(token.getBytes(StandardCharsets.UTF_8));
        Optional<JsonObject> keys = json.flatMap(object -> Json.object(object, "keys"));
        Optional<byte[]> point = bytes(keys, "p256dh", POINT);
        Optional<byte[]> secret = bytes(keys, "auth", SECRET);
        if (point.isEmpty() || secret.isEmpty()) {
            return Optional.empty();
        }
        return json.flatMap(object -> Json.string(object, "endpoint"))
                .flatMap(text -> TargetUrl.parse(text) instanceof TargetUrl.Good(TargetUrl url)
                        ? Optional.of(url)
                        : Optional.empty())
                .flatMap(url -> keys(point.get(), secret.get()).map(checked -> new Subscription(url, checked)));
    }

    /** Of base64 in either alphabet, with or without padding: browsers encode one way, applications another. */
    private static Optional<byte[]> bytes(Optional<JsonObject> keys, String name, int length) {
        try {
            return keys.flatMap(object -> Json.string(object, name))
                    .map(text ->
                            Base64.getUrlDecoder().decode(text.replace('+', '-').replace('/', '_')))
                    .filter(bytes -> bytes.length == length);
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /** The library checks that the point is on the curve: a point that is not could reveal bits of the private key. */
    private static Optional<UserAgentMessageEncryptionKeyInfo> keys(byte[] point, byte[] secret) {
        try {
            return Optional.of(UserAgentMessageEncryptionKeyInfo.of(point, secret));
        } catch (RuntimeException _) {
            // The library throws several kinds of exceptions.
            return Optional.empty();
        }
    }

    /** Whether it is at the push service of a browser's vendor, which no stranger can make up. */
    boolean ofBrowser() {
        return endpoint.https()
                && endpoint.port() == 443
                && BROWSERS.matcher(endpoint.host()).matches();
    }

    /** The push service: the origin of the endpoint. */
    String origin() {
        return endpoint.toString();
    }

    /** Without the path, which is a secret. */
    @Override
    public String toString() {
        return "Subscription[" + origin() + "]";
    }
}
