package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.relay.TestRelay.SECRET;
import static dev.harp.relay.TestRelay.UNKNOWN_PLATFORM;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.relay.TestRelay.Phone;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The interface, call by call, as {@code docs/protocol.md} states it; the numbers are its sections. One class for
 * JUnit, because its last test counts what all of them have seen.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@SuppressWarnings({"CanonicalDuration", "StringConcatToTextBlock"}) // seconds, as the protocol counts
class ApiTest extends GeneralCalls {
    private static int ran;

    @BeforeAll
    static void forget() {
        OpenApiCheck.API.forgetSeen();
        ran = 0;
    }

    ApiTest() {
        ran++;
    }

    // --- everything that is described has been seen ---

    private record Operation(String method, String target, String token, String body) {}

    private static List<Operation> operations(TestRelay relay) {
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        String phone = pair.phone().token();
        return List.of(
                new Operation("POST", "/v1/pairs", NO_TOKEN, OPENING),
                new Operation("GET", "/v1/pairs/" + pair.id(), pair.platform(), NO_BODY),
                new Operation("GET", "/v1/pairs/" + pair.id() + "/events", pair.platform(), NO_BODY),
                new Operation("PUT", "/v1/pairs/" + pair.id() + "/device", phone, OPENING),
                new Operation("POST", "/v1/devices", NO_TOKEN, "{}"),
                new Operation("PATCH", "/v1/devices/" + pair.phone().id(), phone, "{\"push_token\":null}"),
                new Operation("GET", "/v1/devices/" + pair.phone().id(), phone, NO_BODY),
                new Operation("GET", "/v1/devices/" + pair.phone().id() + "/requests", phone, NO_BODY),
                new Operation("GET", "/v1/devices/" + pair.phone().id() + "/events", phone, NO_BODY),
                new Operation("POST", "/v1/requests", pair.platform(), TestRelay.envelope(pair, relay.newId(), "")),
                new Operation("GET", "/v1/requests/" + id, pair.platform(), NO_BODY),
                new Operation("PUT", "/v1/requests/" + id + "/response", phone, ANSWER),
                new Operation("GET", "/v1/about", NO_TOKEN, NO_BODY),
                new Operation("GET", "/health", NO_TOKEN, NO_BODY),
                new Operation("HEAD", "/health", NO_TOKEN, NO_BODY),
                new Operation("GET", "/openapi.yaml", NO_TOKEN, NO_BODY),
                new Operation("HEAD", "/openapi.yaml", NO_TOKEN, NO_BODY),
                new Operation("POST", "/v1/pairs/" + pair.id() + "/token", pair.platform(), NO_BODY),
                new Operation("POST", "/v1/devices/" + pair.phone().id() + "/token", phone, NO_BODY),
                new Operation("DELETE", "/v1/requests/" + id, pair.platform(), NO_BODY),
                new Operation("DELETE", "/v1/pairs/" + pair.id(), pair.platform(), NO_BODY),
                new Operation("DELETE", "/v1/devices/" + pair.phone().id(), phone, NO_BODY));
    }

    /** 3.1, 3.2, 9.5: what any call may be answered before anything looks at what it asks. */
    @Test
    void malformedCalls() {
        TestRelay relay = start();
        for (Operation operation : operations(relay)) {
            String method = operation.method();
            String target = operation.target();
            String start = method + " " + target + " HTTP/1.1\r\nHost: r\r\n";
            int head = method.equals("HEAD") ? 0 : 1;
            for (HttpAnswer answer : List.of(
                    relay.send(method, target, method + " " + target + " HTTP/1.1\r\n\r\n")
                            .is(400),
                    relay.send(method, target, start + "Content-Length: 999999999\r\n\r\n")
                            .is(413),
                    relay.send(
                                    method,
                                    target,
                                    method + " " + target + "?" + "x".repeat(9000) + " HTTP/1.1\r\nHost: r\r\n\r\n")
                            .is(414),
                    relay.send(method, target, start + "Content-Length: 1\r\nExpect: x\r\n\r\n")
                            .is(417),
                    relay.send(method, target, start + "X-A: " + "x".repeat(20_000) + "\r\n\r\n")
                            .is(431),
                    relay.send(method, target, method + " " + target + " HTTP/1.0\r\nHost: r\r\n\r\n")
                            .is(target.equals("/health") ? 200 : 505))) {
                assertThat(answer.headers("Connection"), is(List.of("close")));
                assertThat(answer.body().isEmpty(), is(head == 0));
            }
            if (!operation.body().isEmpty()) {
                relay.call(method, target, operation.token(), "[]").is(400, "invalid_json");
                relay.call(method, target, operation.token(), "{\"push_token\":1}")
                        .is(400, "invalid_request");
                relay.call(method, target, operation.token(), "{}", "Content-Type: text/plain")
                        .is(415, "unsupported_media_type");
                relay.call(method, target, operation.token(), "{\"x\":\"" + "x".repeat(140_000) + "\"}")
                        .is(413, "payload_too_large");
            }
            if (method.equals("GET") && target.startsWith("/v1") && !target.equals("/v1/about")) {
                String parameter = target.endsWith("/events") ? "" : "?wait=x&after=x";
                relay.call(method, target + parameter, operation.token(), NO_BODY, "Last-Event-ID: x")
                        .is(400, "invalid_parameter");
            }
            if (target.startsWith("/v1/") && !operation.token().isEmpty()) {
                relay.call(method, target, UNKNOWN_PLATFORM, operation.body()).is(401, "unauthorized");
            }
        }
    }

    /** 3.2, 11.1: a refusal says what is wrong, so that its reader need not guess, and quotes nothing. */
    @Test
    void refusedBodiesAreExplained() {
        TestRelay relay = start();
        for (String[] wrong : new String[][] {
            {" ", "empty"},
            {"\uFEFF{}", "byte order mark"},
            {"[]", "not an object"},
            {"{\"a\":1,\"a\":2}", "twice"},
            {"{\"b\":{\"a\":1,\"a\":2}}", "twice"},
            {"{\"a\":1} {\"b\":2}", "line 1, column 9."},
            {"{\"a\":1,}", "line 1, column 8."},
            {"{\"a\":" + "[".repeat(65) + "]".repeat(65) + "}", "nested at most 64 deep"}
        }) {
            HttpAnswer answer = relay.post("/v1/pairs", NO_TOKEN, wrong[0]).is(400, "invalid_json");
            assertThat(answer.text("detail"), containsString(wrong[1]));
        }
        for (String[] wrong : new String[][] {
            {"ab", "given were 2 characters."},
            {"x" + SECRET.substring(1), "given were 64 characters, not all of them hex digits."}
        }) {
            HttpAnswer answer = relay.post("/v1/pairs", NO_TOKEN, "{\"secret_hash\":\"" + wrong[0] + "\"}")
                    .is(400, "invalid_request");
            assertThat(answer.text("detail"), containsString(wrong[1]));
        }
    }

    /** 3.3: what a value lacks. */
    @Test
    void refusedValuesAreExplained() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.newId();
        for (String[] wrong : new String[][] {
            {"request_id", id.substring(0, 14) + "4" + id.substring(15), "a UUID of version 4"},
            {"request_id", "x", "a text of 1 characters that is no UUID"},
            {"nonce", "AA+_", "character 4 "},
            {"nonce", "", "0 characters"},
            {"ciphertext", "AAAA\\nAAAA", "character 5 "}
        }) {
            Map<String, String> members = new TreeMap<>(
                    Map.of("request_id", id, "pair_id", pair.id(), "nonce", "AAAA", "ciphertext", "AAAA"));
            members.put(wrong[0], wrong[1]);
            String body = members.entrySet().stream()
                    .map(member -> "\"" + member.getKey() + "\":\"" + member.getValue() + "\"")
                    .collect(Collectors.joining(",", "{", "}"));
            HttpAnswer answer =
                    relay.post("/v1/requests", pair.platform(), body).is(400, "invalid_request");
            assertThat(answer.text("detail"), containsString(wrong[2]));
        }
        assertThat(
                relay.post("/v1/devices", NO_TOKEN, "{\"push_token\":\"\u00e9\"}")
                        .is(400)
                        .text("detail"),
                containsString("not all of them printable ASCII"));
    }

    /** 15: a stream of each kind; {@link DeviceStreamTest} has the rest. */
    @Test
    void streams() {
        TestRelay relay = start("MAX_STREAM=1");
        Pair pair = relay.pair();
        String target = "/v1/devices/" + pair.phone().id() + "/events";
        assertThat(relay.get(target, pair.phone().token()).is(200).body(), containsString("event: current"));
        String events = "/v1/pairs/" + pair.id() + "/events";
        assertThat(relay.get(events, pair.platform()).is(200).body(), containsString("event: current"));
        relay.delete("/v1/pairs/" + pair.id(), pair.platform()).is(204);
        relay.get(events, pair.platform()).is(410, "pair_revoked");
        Pair session = relay.session();
        relay.advance(Duration.ofMinutes(5));
        relay.get("/v1/pairs/" + session.id() + "/events", session.platform()).is(410, "pairing_expired");
    }

    /** 9.2: every call under {@code /v1} counts and is refused. */
    @Test
    void limitedCalls() {
        TestRelay generous = start();
        TestRelay relay = frozen("RATE_LIMIT_CLIENT=1");
        relay.get("/v1/x", NO_TOKEN).is(404);
        for (Operation operation : operations(generous)) {
            HttpAnswer answer = relay.call(operation.method(), operation.target(), operation.token(), operation.body());
            assertThat(answer.status() == 429, is(!operation.target().equals("/health")));
        }
        Pair pair = generous.pair();
        TestRelay few = frozen("MAX_OPEN_REQUESTS=1", "RATE_LIMIT_PAIR=1");
        Pair one = few.pair();
        String id = few.submitted(one);
        few.submit(one, few.newId()).is(429, "too_many_open_requests");
        few.respond(one, id).is(200);
        few.submit(one, few.newId()).is(429, "rate_limited");
        assertThat(pair.id(), not(one.id()));
    }

    /** 9.4, 8.4 */
    @Test
    void fullRelay() {
        TestRelay relay = start("MAX_STORED_BYTES=1048576", "MAX_WAITERS=1", "MAX_PAIRINGS=20");
        Pair pair = relay.pair();
        Pair session = relay.session();
        Pair late = relay.session();
        Phone phone = relay.phone();
        String id = relay.submitted(pair);
        CompletableFuture<HttpAnswer> parked = relay.park("/v1/pairs/" + session.id(), session.platform());
        relay.get("/v1/pairs/" + late.id() + "?wait=500", late.platform()).is(503, "relay_full");
        relay.get("/v1/requests/" + id + "?wait=500", pair.platform()).is(503, "relay_full");
        relay.get("/v1/devices/" + phone.id() + "/requests?wait=500", phone.token())
                .is(503, "relay_full");
        relay.get("/v1/devices/" + phone.id() + "/events", phone.token()).is(503, "relay_full");
        relay.get("/v1/pairs/" + late.id() + "/events", late.platform()).is(503, "relay_full");
        relay.bind(session, pair.phone()).is(200);
        parked.join().is(200);
        HttpAnswer full;
        do {
            full = relay.submit(pair, relay.newId());
        } while (full.status() == 201);
        full.is(503, "relay_full");
        for (boolean done = false; !done; ) {
            done = relay.post("/v1/devices", NO_TOKEN, "{}").status() == 503;
        }
        for (boolean done = false; !done; ) {
            done = relay.post("/v1/pairs", NO_TOKEN, OPENING).status() == 503;
        }
        String pushToken = "{\"push_token\":\"" + "p".repeat(4096) + "\"}";
        relay.patch("/v1/devices/" + pair.phone().id(), pair.phone().token(), pushToken)
                .is(503, "relay_full");
        relay.put(
                "/v1/pairs/" + late.id() + "/device",
                phone.token(),
                "{\"secret_hash\":\"" + SECRET + "\",\"payload\":\"" + "A".repeat(8192) + "\"}");
        relay.get("/health", NO_TOKEN).is(200);
    }

    /** 9.6, 12.1: polls that wait, and those who ask after the relay's health; {@link DrainTest} has the rest. */
    @Test
    void shuttingDown() throws Exception {
        try (TestRelay relay = TestRelay.start();
                RawClient inFlight = relay.connect()) {
            Pair pair = relay.pair();
            Pair session = relay.session();
            String id = relay.submitted(pair);
            Phone other = relay.phone();
            List<CompletableFuture<HttpAnswer>> polls = List.of(
                    relay.park("/v1/pairs/" + session.id(), session.platform()),
                    relay.park("/v1/requests/" + id, pair.platform()),
                    relay.park("/v1/devices/" + other.id() + "/requests", other.token()));
            until(() -> relay.connections() == 4);
            inFlight.send("POST /v1/devices HTTP/1.1\r\n"
                    + "Host: r\r\n"
                    + "Content-Type: application/json\r\n"
                    + "Content-Length: 2\r\n\r\n"
                    + "{");
            CompletableFuture<?> closing = relay.closing();
            polls.forEach(poll -> poll.join().is(503, "shutting_down"));
            relay.get("/health", NO_TOKEN).is(503);
            relay.call("HEAD", "/health", NO_TOKEN, NO_BODY).is(503);
            inFlight.send("}").answer().is(201);
            closing.join();
        }
    }

    /**
     * Whatever {@code openapi.yaml} describes, and a client can bring about, has been answered by some call of this
     * class.
     */
    @Test
    @Order(Integer.MAX_VALUE)
    void everyDescribedAnswerHasBeenSeen() {
        long tests = Stream.<Class<?>>iterate(ApiTest.class, type -> type != WithRelay.class, Class::getSuperclass)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(Test.class))
                .count();
        assumeTrue(ran == tests, "the whole class has to run");
        Set<String> unseen = new TreeSet<>(OpenApiCheck.API.unseen());
        // A late client's connection is closed, nobody provokes a 500, most calls are too short to meet a shutdown, and
        // memory is always within reach.
        unseen.removeIf(answer -> answer.endsWith(" request_timeout")
                || answer.endsWith(" internal_error")
                || answer.endsWith(" store_unavailable")
                || answer.endsWith(" shutting_down"));
        System.out.println(
                "described in openapi.yaml: " + OpenApiCheck.API.described().size() + " answers; not seen: " + unseen);
        assertThat(unseen, is(Set.of()));
    }
}
