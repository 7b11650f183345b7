package dev.harp.relay.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What the platform shows and the phone scans:
 * {@code harp://pair?v=1&relay=<url>&pair_id=<id>&secret=<base64url>&key=<base64url>}. It goes from screen to camera,
 * past the relay, so the device may trust the platform's key in it. The layout is ours, see {@link Messages}.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record QrCode(URI relay, String pairId, byte[] secret, byte[] platformKey) {

    public String text() {
        return "harp://pair?v=1"
                + "&relay=" + URLEncoder.encode(relay.toString(), UTF_8)
                + "&pair_id=" + pairId
                + "&secret=" + Crypto.base64(secret)
                + "&key=" + Crypto.base64(platformKey);
    }

    public static QrCode parse(String text) throws GeneralSecurityException {
        String prefix = "harp://pair?";
        if (!text.startsWith(prefix)) {
            throw new GeneralSecurityException("not a HARP pairing code");
        }
        Map<String, String> fields = Arrays.stream(
                        text.substring(prefix.length()).split("&"))
                .map(field -> field.split("=", 2))
                .filter(field -> field.length == 2)
                .collect(Collectors.toMap(field -> field[0], field -> URLDecoder.decode(field[1], UTF_8), (a, b) -> a));
        if (!fields.keySet().containsAll(Arrays.asList("v", "relay", "pair_id", "secret", "key"))
                || !"1".equals(fields.get("v"))) {
            throw new GeneralSecurityException("not a HARP pairing code of version 1");
        }
        return new QrCode(
                URI.create(fields.getOrDefault("relay", "")),
                fields.getOrDefault("pair_id", ""),
                Crypto.base64(fields.getOrDefault("secret", "")),
                Crypto.base64(fields.getOrDefault("key", "")));
    }

    /** Without the secret: a record's own form would show it in a log. */
    @Override
    public String toString() {
        return "QrCode[" + relay + " " + pairId + "]";
    }
}
