package dev.harp.relay;

import static dev.harp.testing.Await.until;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.relay.TestRelay.Phone;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import dev.harp.testing.RequestIds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Calls of a relay, each on a connection of its own, and the usual steps of an approval. */
abstract class RelayCalls {
    static final Instant START = Instant.parse("2026-03-04T05:06:07.890Z");
    static final String SECRET = "8ed32ea2b2203bf42a7b108551bb68f8d028d9432bb0ae7f6b9ee01abf44f904";
    static final String NO_TOKEN = "";
    static final String NO_BODY = "";
    static final String UNKNOWN = "A".repeat(43);

    /** A token of the right form that nobody has been given. */
    static final String UNKNOWN_PLATFORM = "hpt_" + UNKNOWN;

    /** A token of the right form that nobody has been given. */
    static final String UNKNOWN_DEVICE = "hdt_" + UNKNOWN;

    static final Executor THREADS = Executors.newVirtualThreadPerTaskExecutor();

    final Map<Integer, AtomicInteger> statuses = new java.util.concurrent.ConcurrentHashMap<>();

    abstract Relay relay();

    abstract Instant now();

    abstract RawClient connect() throws IOException;

    // --- calls ---

    /** One call on a connection of its own, with further headers written as {@code Name: value}. */
    HttpAnswer call(String method, String target, String token, String body, String... headers) {
        return send(method, target, request(method, target, token, body, headers));
    }

    /** One request of these very bytes; {@code method} and {@code target} tell what to hold the answer against. */
    HttpAnswer send(String method, String target, byte[] request) {
        try (RawClient wire = connect()) {
            HttpAnswer answer = wire.sendUntilClosed(request).answer(method);
            note(method, target, answer);
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + target, e);
        }
    }

    /** The same with text, a byte for each character. */
    HttpAnswer send(String method, String target, String request) {
        return send(method, target, request.getBytes(StandardCharsets.ISO_8859_1));
    }

    /**
     * All answers to what is sent on one connection, until the relay closes it; the client says that it has sent all.
     */
    List<HttpAnswer> answers(byte[] requests) {
        List<HttpAnswer> answers = new ArrayList<>();
        try (RawClient wire = connect()) {
            wire.sendUntilClosed(requests);
            try {
                wire.endOfRequest();
            } catch (IOException closed) {
                // by the relay, which is as good
            }
            for (Optional<HttpAnswer> next = wire.next(); next.isPresent(); next = wire.next()) {
                saw(next.get());
                answers.add(next.get());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return answers;
    }

    List<HttpAnswer> answers(String requests) {
        return answers(requests.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Counts an answer that is not to be checked, because nobody could say what was asked. */
    void saw(HttpAnswer answer) {
        statuses.computeIfAbsent(answer.status(), status -> new AtomicInteger()).incrementAndGet();
    }

    /** Checks an answer that came some other way. */
    void note(String method, String target, HttpAnswer answer) {
        saw(answer);
        OpenApiCheck.API.check(method, target, answer);
    }

    static byte[] request(String method, String target, String token, String body, String... headers) {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: relay\r\n");
        if (!token.isEmpty()) {
            head.append("Authorization: Bearer ").append(token).append("\r\n");
        }
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        if (!body.isEmpty()) {
            if (!String.join("\n", headers).contains("Content-Type:")) {
                head.append("Content-Type: application/json\r\n");
            }
            head.append("Content-Length: ").append(content.length).append("\r\n");
        }
        byte[] start = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = java.util.Arrays.copyOf(start, start.length + content.length);
        System.arraycopy(content, 0, all, start.length, content.length);
        return all;
    }

    HttpAnswer get(String target, String token) {
        return call("GET", target, token, NO_BODY);
    }

    HttpAnswer delete(String target, String token) {
        return call("DELETE", target, token, NO_BODY);
    }

    HttpAnswer post(String target, String token, String body) {
        return call("POST", target, token, body);
    }

    HttpAnswer put(String target, String token, String body) {
        return call("PUT", target, token, body);
    }

    HttpAnswer patch(String target, String token, String body) {
        return call("PATCH", target, token, body);
    }

    /** A call on a thread of its own. */
    CompletableFuture<HttpAnswer> later(String method, String target, String token, String body) {
        return CompletableFuture.supplyAsync(() -> call(method, target, token, body), THREADS);
    }

    /** A long poll, which is parked when this returns: nothing else may be parking or leaving meanwhile. */
    CompletableFuture<HttpAnswer> park(String target, String token) {
        int before = relay().waiters();
        CompletableFuture<HttpAnswer> poll =
                later("GET", target + (target.contains("?") ? "&" : "?") + "wait=500", token, NO_BODY);
        until(() -> relay().waiters() > before || poll.isDone());
        return poll;
    }

    // --- the usual steps ---

    Phone phone() {
        HttpAnswer registered = post("/v1/devices", NO_TOKEN, "{}").is(201);
        return new Phone(registered.text("device_id"), registered.text("device_token"));
    }

    /** An opened session: the phone is not one of it yet. */
    Pair session() {
        HttpAnswer opened = post("/v1/pairs", NO_TOKEN, "{\"secret_hash\":\"" + SECRET + "\"}")
                .is(201);
        return new Pair(opened.text("pair_id"), opened.text("platform_token"), new Phone("", ""));
    }

    Pair pair() {
        return pair(phone());
    }

    Pair pair(Phone phone) {
        Pair session = session();
        bind(session, phone).is(200);
        return new Pair(session.id(), session.platform(), phone);
    }

    HttpAnswer bind(Pair session, Phone phone) {
        return put("/v1/pairs/" + session.id() + "/device", phone.token(), "{\"secret_hash\":\"" + SECRET + "\"}");
    }

    /** A new request id by the relay's clock. */
    String newId() {
        return RequestIds.at(now());
    }

    static String envelope(Pair pair, String id, String more) {
        return "{\"request_id\":\"" + id + "\",\"pair_id\":\"" + pair.id()
                + "\",\"nonce\":\"bm9uY2U\",\"ciphertext\":\"Y2lwaGVydGV4dA\"" + more + "}";
    }

    HttpAnswer submit(Pair pair, String id) {
        return post("/v1/requests", pair.platform(), envelope(pair, id, ""));
    }

    /** A new request, and its id. */
    String submitted(Pair pair) {
        String id = newId();
        submit(pair, id).is(201);
        return id;
    }

    /** A new request that is open for so long, and its id. */
    String submitted(Pair pair, int ttl) {
        String id = newId();
        post("/v1/requests", pair.platform(), envelope(pair, id, ",\"ttl\":" + ttl))
                .is(201);
        return id;
    }

    HttpAnswer respond(Pair pair, String id) {
        return respond(pair, id, "YW5zd2Vy");
    }

    HttpAnswer respond(Pair pair, String id, String ciphertext) {
        return put(
                "/v1/requests/" + id + "/response",
                pair.phone().token(),
                "{\"nonce\":\"bm9uY2U\",\"ciphertext\":\"" + ciphertext + "\"}");
    }

    HttpAnswer list(Phone phone) {
        return get("/v1/devices/" + phone.id() + "/requests", phone.token());
    }

    HttpAnswer list(Phone phone, String cursor) {
        return get("/v1/devices/" + phone.id() + "/requests?after=" + cursor, phone.token());
    }

    String state(Pair pair, String id) {
        return get("/v1/requests/" + id, pair.platform()).is(200).text("state");
    }
}
