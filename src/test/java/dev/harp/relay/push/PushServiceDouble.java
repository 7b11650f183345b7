package dev.harp.relay.push;

import dev.harp.testing.FakeServer;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A push service (RFC 8030) with browsers behind it: takes a message only if the relay has introduced itself (RFC 8292)
 * with the key that the subscription is for, and if its browser can decrypt it (RFC 8291).
 */
final class PushServiceDouble extends FakeServer {
    private final InstantSource clock;
    private final String applicationKey;
    private final Map<String, Browser> browsers = new ConcurrentHashMap<>();
    private final Queue<Reply> replies = new ConcurrentLinkedQueue<>();
    final List<Got> got = new CopyOnWriteArrayList<>();

    /** A message that was taken, decrypted. */
    record Got(String path, String text, String type, String ttl, String urgency, String topic) {}

    PushServiceDouble(String applicationKey, InstantSource clock) {
        this.applicationKey = applicationKey;
        this.clock = clock;
        start();
    }

    String origin() {
        return "http://127.0.0.1:" + port();
    }

    /** A browser's subscription, as its application gives it to the relay. */
    String subscribe(String path) throws GeneralSecurityException {
        Browser browser = Browser.fresh();
        browsers.put(path, browser);
        return browser.subscription(origin() + path);
    }

    /** The response to the next message; status 0 is none until this closes. */
    void next(int status, Map<String, String> headers) {
        String[] lines = headers.entrySet().stream()
                .map(header -> header.getKey() + ": " + header.getValue())
                .toArray(String[]::new);
        replies.add(status == 0 ? silence() : response(status, "", lines));
    }

    @Override
    protected Reply answer(Request request) {
        Reply reply = replies.poll();
        return reply == null ? response(deserved(request), "") : reply;
    }

    private int deserved(Request request) {
        String path = request.target();
        Browser browser = browsers.get(path);
        if (browser == null) {
            return 404;
        }
        try {
            if (!introduced(request.headerOrEmpty("Authorization"))) {
                return 403;
            }
            if (!request.headerOrEmpty("Content-Encoding").equals("aes128gcm")
                    || !request.headerOrEmpty("TTL").matches("[0-9]+")
                    || !request.headerOrEmpty("Topic").matches("[A-Za-z0-9_-]{1,32}")
                    || request.bytes().length > 4096) {
                return 400;
            }
            got.add(new Got(
                    path,
                    browser.decrypted(request.bytes()),
                    request.headerOrEmpty("Content-Type"),
                    request.headerOrEmpty("TTL"),
                    request.headerOrEmpty("Urgency"),
                    request.headerOrEmpty("Topic")));
            return 201;
        } catch (GeneralSecurityException | RuntimeException e) {
            return 400;
        }
    }

    /** RFC 8292, sections 2 and 3. */
    private boolean introduced(String authorization) throws GeneralSecurityException {
        var form = java.util.regex.Pattern.compile("vapid t=([\\w-]+)\\.([\\w-]+)\\.([\\w-]+), k=([\\w-]+)")
                .matcher(authorization);
        if (!form.matches() || !form.group(4).equals(applicationKey)) {
            return false;
        }
        byte[] point = Browser.bytes(form.group(4));
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initVerify(
                Browser.publicKey(point, Browser.privateKey(new byte[] {1}).getParams()));
        signature.update((form.group(1) + "." + form.group(2)).getBytes(StandardCharsets.US_ASCII));
        JsonObject header = json(form.group(1));
        JsonObject claims = json(form.group(2));
        long now = clock.instant().getEpochSecond();
        long until = claims.getJsonNumber("exp").longValueExact();
        return signature.verify(Browser.bytes(form.group(3)))
                && header.getString("alg").equals("ES256")
                && claims.getString("aud").equals(origin())
                && claims.getString("sub").equals("mailto:ops@example.org")
                && until > now
                && until <= now + 24 * 3600;
    }

    private static JsonObject json(String base64) {
        return Json.createReader(new StringReader(new String(Browser.bytes(base64), StandardCharsets.UTF_8)))
                .readObject();
    }
}
