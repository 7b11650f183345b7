package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RequestIds;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Calls that come again, with other clocks or for other pairings, and answers that repeat what a stranger wrote. */
@SuppressWarnings({"CanonicalDuration", "StringConcatToTextBlock"}) // seconds, as the protocol counts
class HardeningReplayTest extends Hardening {
    /**
     * Sending an accepted envelope again, at any later time: it takes effect once, whatever the clocks and the end
     * were.
     */
    @Test
    void replayNeverTakesEffectTwice() {
        for (int ahead : new int[] {-300, -1, 0, 150, 299, 300}) {
            for (String end : List.of("expired", "cancelled", "responded")) {
                TestRelay relay = TestRelay.start();
                try (relay) {
                    Pair pair = relay.pair();
                    String id = RequestIds.at(relay.now().plusSeconds(ahead));
                    relay.post("/v1/requests", pair.platform(), TestRelay.envelope(pair, id, ",\"ttl\":1"))
                            .is(201);
                    if (end.equals("cancelled")) {
                        relay.delete("/v1/requests/" + id, pair.platform()).is(204);
                    } else if (end.equals("responded")) {
                        relay.respond(pair, id).is(200);
                    }
                    boolean forgotten = false;
                    for (int second = 0; second < 700; second += 20) {
                        relay.advance(Duration.ofSeconds(20));
                        HttpAnswer again = relay.submit(pair, id);
                        forgotten |= again.code().equals("stale_request_id");
                        assertThat(
                                ahead + " " + end + " " + second + " " + again,
                                again.status(),
                                is(forgotten ? 400 : 200));
                    }
                    assertThat(forgotten, is(true));
                    assertThat(
                            relay.list(pair.phone())
                                    .json()
                                    .getJsonArray("requests")
                                    .isEmpty(),
                            is(true));
                    relay.assertWell();
                }
            }
        }
    }

    /** An id from a clock that is wrong: to the millisecond. */
    @Test
    void wrongClocks() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        Instant now = relay.now();
        for (Duration off : List.of(Duration.ofSeconds(300), Duration.ofSeconds(-300), Duration.ZERO)) {
            relay.submit(pair, RequestIds.at(now.plus(off))).is(201);
        }
        for (Duration off : List.of(
                Duration.ofSeconds(300).plusMillis(1),
                Duration.ofSeconds(-300).minusMillis(1),
                Duration.ofDays(365),
                Duration.ofDays(-365))) {
            assertThat(
                    relay.submit(pair, RequestIds.at(now.plus(off)))
                            .is(400, "stale_request_id")
                            .text("detail"),
                    containsString("" + off.abs().toSeconds()));
        }
        relay.submit(pair, "ffffffff-ffff-7fff-bfff-ffffffffffff").is(400, "stale_request_id");
        relay.submit(pair, "00000000-0000-7000-8000-000000000000").is(400, "stale_request_id");
    }

    /** Another envelope under an id that is taken, in every state. */
    @Test
    void sameIdOtherEnvelope() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        for (String end : List.of("pending", "delivered", "responded", "cancelled", "expired")) {
            String id = relay.submitted(pair, 5);
            switch (end) {
                case "delivered" ->
                    relay.get("/v1/requests/" + id, pair.phone().token()).is(200);
                case "responded" -> relay.respond(pair, id).is(200);
                case "cancelled" ->
                    relay.delete("/v1/requests/" + id, pair.platform()).is(204);
                case "expired" -> relay.advance(Duration.ofSeconds(5));
                default -> {}
            }
            String other = TestRelay.envelope(pair, id, "").replace("Y2lwaGVydGV4dA", "b3RoZXI");
            relay.post("/v1/requests", pair.platform(), other).is(409, "duplicate_request");
            relay.post(
                            "/v1/requests",
                            pair.platform(),
                            TestRelay.envelope(pair, id, "").replace("bm9uY2U", "bm9uY2Uy"))
                    .is(409, "duplicate_request");
            assertThat(relay.submit(pair, id.toUpperCase(Locale.ROOT)).is(200).text("state"), is(end));
        }
    }

    /** One platform uses another's ids: they are not its business, and not in its way. */
    @Test
    void idOfAnotherPairing() {
        TestRelay relay = start();
        Pair first = relay.pair();
        Pair second = relay.pair(first.phone());
        Pair third = relay.pair();
        String id = relay.submitted(first);
        relay.submit(second, id).is(201);
        relay.submit(third, id).is(201);
        relay.respond(first, id).is(200);
        assertThat(relay.state(first, id), is("responded"));
        assertThat(relay.state(second, id), is("pending"));
        assertThat(relay.state(third, id), is("pending"));
        relay.delete("/v1/requests/" + id, second.platform()).is(204);
        assertThat(relay.state(first, id), is("responded"));
    }

    /** Looking for one's own input in an error, or for a place where it becomes a header. */
    @Test
    void errorsEchoNothing() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String canary = "cAnArY0123";
        List<HttpAnswer> answers = new ArrayList<>();
        answers.add(relay.get("/v1/requests/" + canary + "?wait=" + canary + "&" + canary, pair.platform()));
        answers.add(relay.get("/v1/pairs/" + pair.id() + "?wait=" + canary, pair.platform()));
        answers.add(relay.get(
                "/v1/devices/" + pair.phone().id() + "/requests?after=" + canary,
                pair.phone().token()));
        answers.add(relay.get("/" + canary, canary));
        answers.add(relay.call(canary.toUpperCase(Locale.ROOT), "/v1/pairs", canary, NO_BODY));
        answers.add(relay.call("POST", "/v1/pairs", NO_TOKEN, canary, "Content-Type: text/" + canary));
        answers.add(relay.post("/v1/pairs", NO_TOKEN, "{\"" + canary + "\":" + canary + "}"));
        answers.add(
                relay.post("/v1/pairs", NO_TOKEN, "{\"secret_hash\":\"" + canary + "\",\"ttl\":\"" + canary + "\"}"));
        answers.add(relay.post("/v1/pairs", NO_TOKEN, opening("\"ttl\":\"" + canary + "\"")));
        answers.add(relay.call("GET", "/health", NO_TOKEN, NO_BODY, "Expect: " + canary));
        for (String member : List.of("request_id", "pair_id", "nonce", "ciphertext")) {
            answers.add(relay.post(
                    "/v1/requests",
                    pair.platform(),
                    TestRelay.envelope(pair, relay.newId(), "")
                            .replaceFirst("(\"" + member + "\":\")[^\"]*", "$1" + canary + "!")));
        }
        for (String member : List.of("callback_url", "callback_secret", "ttl")) {
            answers.add(relay.post(
                    "/v1/requests",
                    pair.platform(),
                    TestRelay.envelope(pair, relay.newId(), ",\"" + member + "\":\"" + canary + "\"")));
        }
        answers.add(relay.post("/v1/devices", NO_TOKEN, "{\"push_token\":\"" + canary + "\\u0000\"}"));
        for (HttpAnswer answer : answers) {
            assertThat(answer.status(), greaterThan(399));
            assertThat(answer.status(), lessThan(500));
            assertThat(answer.lines() + answer.body(), not(containsString(canary)));
            assertThat(answer.lines() + answer.body(), not(containsString(canary.toUpperCase(Locale.ROOT))));
        }
    }

    /** CR and LF, encoded every way, in everything that might be written into an answer's head. */
    @Test
    void responseSplitting() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.newId();
        for (String crlf : List.of("%0d%0a", "%0a", "%0D", "%E5%98%8A%E5%98%8D", "\\r\\n", "%250d%250a")) {
            String injected = crlf + "X-Injected:%201";
            for (HttpAnswer answer : List.of(
                    relay.get("/v1/pairs/" + pair.id() + injected, pair.platform()),
                    relay.get("/health?x=" + injected, NO_TOKEN),
                    relay.get("/v1/requests/" + id + injected, pair.platform()),
                    relay.call("GET", "/health", NO_TOKEN, NO_BODY, "X-Forwarded-For: 1.2.3.4" + injected),
                    relay.post(
                            "/v1/requests",
                            pair.platform(),
                            TestRelay.envelope(
                                    pair, id + (crlf.startsWith("\\") ? crlf : "") + "X-Injected: 1", "")))) {
                assertThat(answer.headers("X-Injected"), is(List.of()));
                assertThat(answer.body(), not(containsString("X-Injected")));
            }
        }
    }

    /** A webhook that is silently dropped would be a broken promise, and one that is called a way into the network. */
    @Test
    void webhooksAreRefused() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        for (String more : List.of(
                "\"callback_url\":\"http://169.254.169.254/\"",
                "\"callback_url\":\"https://example.org/\",\"callback_secret\":\"x\"",
                "\"callback_secret\":\"x\"",
                "\"callback_url\":1",
                "\"callback_url\":false")) {
            relay.post("/v1/requests", pair.platform(), TestRelay.envelope(pair, relay.newId(), "," + more))
                    .is(400, "invalid_request");
        }
        relay.post(
                        "/v1/requests",
                        pair.platform(),
                        TestRelay.envelope(pair, relay.newId(), ",\"callback_url\":null,\"callback_secret\":null"))
                .is(201);
    }
}
