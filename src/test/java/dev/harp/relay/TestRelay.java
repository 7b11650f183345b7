package dev.harp.relay;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.config.ConfigReader;
import dev.harp.relay.config.InvalidConfig;
import dev.harp.relay.http.api.AppFiles;
import dev.harp.relay.http.edge.GuardedListener;
import dev.harp.relay.net.FileDescriptors;
import dev.harp.relay.outbound.AddressGuard;
import dev.harp.relay.outbound.Post;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import dev.harp.testing.RequestIds;
import dev.harp.testing.TestApp;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.SSLSocketFactory;

/**
 * A relay on a free port of the loopback address, whose wall clock stands still until a test moves it. Rate limits are
 * off unless asked for. Every answer is checked against {@code openapi.yaml}, and {@link #assertWell} looks for damage.
 */
final class TestRelay implements AutoCloseable {
    static final Instant START = Instant.parse("2026-03-04T05:06:07.890Z");
    static final String SECRET = "8ed32ea2b2203bf42a7b108551bb68f8d028d9432bb0ae7f6b9ee01abf44f904";
    static final String NO_TOKEN = "";
    static final String NO_BODY = "";
    private static final String UNKNOWN = "A".repeat(43);

    /** A token of the right form that nobody has been given. */
    static final String UNKNOWN_PLATFORM = "hpt_" + UNKNOWN;

    /** A token of the right form that nobody has been given. */
    static final String UNKNOWN_DEVICE = "hdt_" + UNKNOWN;

    private static final Executor THREADS = Executors.newVirtualThreadPerTaskExecutor();
    private static final Logger ROOT = Logger.getLogger("");

    static {
        ROOT.setLevel(Level.WARNING); // a line a call is too much for the output of tests
    }

    private final Relay relay;
    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private final AtomicLong nanos = new AtomicLong();
    private final Map<Integer, AtomicInteger> statuses = new java.util.concurrent.ConcurrentHashMap<>();
    private final List<LogRecord> severe = java.util.Collections.synchronizedList(new ArrayList<>());
    private final Handler log = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().intValue() >= Level.SEVERE.intValue()) {
                severe.add(entry);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    /** A registered phone. */
    record Phone(String id, String token) {}

    /** A pairing with its phone. */
    record Pair(String id, String platform, Phone phone) {}

    /**
     * What the relay finds when it calls somebody.
     *
     * @param names where names lead
     * @param trust whose certificates it believes
     * @param app the approver's app that it was built with
     */
    record Outside(AddressGuard.Names names, SSLSocketFactory trust, AppFiles app) {
        /** Names lead nowhere. */
        static final Outside NONE = new Outside(_ -> List.of(), Post.publicTrust());

        Outside(AddressGuard.Names names, SSLSocketFactory trust) {
            this(names, trust, TestApp.files());
        }
    }

    private TestRelay(boolean frozen, Outside outside, String... options) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "HOST", "127.0.0.1", "PORT", "0", "ADMIN_PORT", "0", "RATE_LIMIT_PAIR", "0", "RATE_LIMIT_CLIENT", "0"));
        for (String option : options) {
            int equals = option.indexOf('=');
            environment.put(option.substring(0, equals), option.substring(equals + 1));
        }
        LongSupplier nanoTime = frozen ? nanos::get : () -> System.nanoTime() + nanos.get();
        ROOT.addHandler(log);
        try {
            relay = Relay.start(
                    ConfigReader.read(
                            Optional.empty(),
                            new ConfigReader.Environment(
                                    environment, Runtime.getRuntime().maxMemory(), FileDescriptors.limit())),
                    new Relay.Sources(
                            now::get, nanoTime, new SecureRandom(), outside.names(), outside::trust, outside::app));
        } catch (InvalidConfig e) {
            throw new IllegalArgumentException(String.join("\n", e.lines()), e);
        }
    }

    /** Starts one, with options written as {@code NAME=value}. */
    static TestRelay start(String... options) {
        return new TestRelay(false, Outside.NONE, options);
    }

    /** The same in another world outside. */
    static TestRelay start(Outside outside, String... options) {
        return new TestRelay(false, outside, options);
    }

    /** The same with a monotonic clock that stands still too: no wait and no rate limit goes on by itself. */
    static TestRelay frozen(String... options) {
        return new TestRelay(true, Outside.NONE, options);
    }

    Relay relay() {
        return relay;
    }

    int port() {
        return relay.port();
    }

    Instant now() {
        return now.get();
    }

    /** Moves the wall clock, and has the relay end and forget what is due by then. */
    void advance(Duration time) {
        now.updateAndGet(instant -> instant.plus(time));
        relay.processDue();
    }

    /** Moves the wall clock, and nothing else notices yet. */
    void advanceUnnoticed(Duration time) {
        now.updateAndGet(instant -> instant.plus(time));
    }

    /** Moves the monotonic clock: rate limits, and deadlines of connections. */
    void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    void untilWaiting(int polls) {
        until(() -> relay.waiters() == polls);
    }

    RawClient connect() throws IOException {
        return new RawClient(port());
    }

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
        int before = relay.waiters();
        CompletableFuture<HttpAnswer> poll =
                later("GET", target + (target.contains("?") ? "&" : "?") + "wait=500", token, NO_BODY);
        until(() -> relay.waiters() > before || poll.isDone());
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

    // --- damage ---

    /** After whatever a test has done: the relay is alive, nothing hangs on, nothing has failed inside. */
    void assertWell() {
        get("/health", NO_TOKEN).is(200);
        until(() -> relay.waiters() == 0);
        until(() -> connections() == 0);
        assertThat("statuses " + statuses, statuses.containsKey(500), is(false));
        assertThat(
                severe.stream()
                        .map(entry -> entry.getLoggerName() + ": " + entry.getMessage())
                        .toList(),
                empty());
    }

    /** Connections that the relay has open. The relay itself has no use for the number outside of its listener. */
    int connections() {
        try {
            return field(Relay.class, "server", relay, GuardedListener.class).connections();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the relay is built otherwise", e);
        }
    }

    /** Connections that wait for their client in that stage. */
    long waitingFor(String stage) {
        try {
            GuardedListener server = field(Relay.class, "server", relay, GuardedListener.class);
            Object guard = field(GuardedListener.class, "guard", server, Object.class);
            Class<?> stages = Class.forName("dev.harp.relay.http.edge.ReadDeadlines$Stage");
            var waitingIn = guard.getClass().getDeclaredMethod("waitingIn", stages);
            waitingIn.setAccessible(true);
            return (long) waitingIn.invoke(
                    guard,
                    java.util.stream.Stream.of(stages.getEnumConstants())
                            .filter(one -> one.toString().equals(stage))
                            .findFirst()
                            .orElseThrow());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the relay is built otherwise", e);
        }
    }

    /** The public listener ends, as if by itself. */
    void stopListening() {
        try {
            GuardedListener server = field(Relay.class, "server", relay, GuardedListener.class);
            field(GuardedListener.class, "server", server, WebServer.class).stop();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the relay is built otherwise", e);
        }
    }

    private static <T> T field(Class<?> owner, String name, Object of, Class<T> type)
            throws ReflectiveOperationException {
        Field field = owner.getDeclaredField(name);
        field.setAccessible(true);
        return type.cast(field.get(of));
    }

    /** Shuts down on a thread of its own, and returns when that has begun: every poll has been called away. */
    CompletableFuture<?> closing() {
        CompletableFuture<?> closing = CompletableFuture.runAsync(relay::close, THREADS);
        until(() -> relay.waiters() == 0);
        return closing;
    }

    @Override
    public void close() {
        relay.close();
        ROOT.removeHandler(log);
    }
}
