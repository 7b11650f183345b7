package dev.harp.relay.push;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A push service (RFC 8030) with browsers behind it: takes a message only if the relay has introduced itself (RFC 8292)
 * with the key that the subscription is for, and if its browser can decrypt it (RFC 8291).
 */
final class PushServiceDouble implements AutoCloseable {
    private final HttpServer server;
    private final InstantSource clock;
    private final String applicationKey;
    private final Map<String, Browser> browsers = new ConcurrentHashMap<>();
    private final BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    final List<Got> got = new CopyOnWriteArrayList<>();

    /** A message that was taken, decrypted. */
    record Got(String path, String text, String ttl, String urgency, String topic, String authorization) {}

    /** What to answer next; status 0 is no answer until the end. */
    record Reply(int status, Map<String, String> headers) {}

    PushServiceDouble(String applicationKey, InstantSource clock) throws IOException {
        this.applicationKey = applicationKey;
        this.clock = clock;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
        server.createContext("/", this::handle);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    String origin() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** A browser's subscription, as its application gives it to the relay. */
    String subscribe(String path) throws GeneralSecurityException {
        Browser browser = Browser.fresh();
        browsers.put(path, browser);
        return browser.subscription(origin() + path);
    }

    void next(int status, Map<String, String> headers) {
        replies.add(new Reply(status, headers));
    }

    int open() {
        return open.get();
    }

    int mostOpen() {
        return mostOpen.get();
    }

    private void handle(HttpExchange exchange) throws IOException {
        mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Reply reply = replies.poll();
            if (reply != null && reply.status() == 0) {
                closing.await();
            } else if (reply != null) {
                reply.headers().forEach(exchange.getResponseHeaders()::set);
                exchange.sendResponseHeaders(reply.status(), -1);
            } else {
                exchange.sendResponseHeaders(deserved(exchange, body), -1);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            open.decrementAndGet();
        }
    }

    private int deserved(HttpExchange exchange, byte[] body) {
        String path = exchange.getRequestURI().toString();
        String authorization = header(exchange, "Authorization");
        Browser browser = browsers.get(path);
        if (browser == null) {
            return 404;
        }
        try {
            if (!introduced(authorization)) {
                return 403;
            }
            if (!header(exchange, "Content-Encoding").equals("aes128gcm")
                    || !header(exchange, "TTL").matches("[0-9]+")
                    || !header(exchange, "Topic").matches("[A-Za-z0-9_-]{1,32}")
                    || body.length > 4096) {
                return 400;
            }
            got.add(new Got(
                    path,
                    browser.decrypted(body),
                    header(exchange, "TTL"),
                    header(exchange, "Urgency"),
                    header(exchange, "Topic"),
                    authorization));
            return 201;
        } catch (GeneralSecurityException | RuntimeException e) {
            return 400;
        }
    }

    private static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
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

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
    }
}
