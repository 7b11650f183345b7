package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.relay.TestRelay.SECRET;
import static dev.harp.relay.TestRelay.UNKNOWN_PLATFORM;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.relay.TestRelay.Phone;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import jakarta.json.JsonObject;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Hostile numbers: races between those who may, and floods at every limit. */
@SuppressWarnings("CanonicalDuration") // seconds, as the protocol counts
class HardeningLoadTest extends WithRelay {
    private static final String LARGE = "Q".repeat(1 << 16);
    /** What a stream reads at once, as it is held meanwhile: the event's text, and its bytes. */
    private static final long PIECE = 1 << 20;

    private static final String OPENING = "{\"secret_hash\":\"" + SECRET + "\"}";

    private static List<HttpAnswer> all(List<CompletableFuture<HttpAnswer>> calls) {
        return calls.stream().map(CompletableFuture::join).toList();
    }

    // --- races ---

    /** A hundred phones that have all seen the code. */
    @Test
    void hundredDevicesForOnePairing() {
        TestRelay relay = start();
        Pair session = relay.session();
        List<Phone> phones =
                IntStream.range(0, 100).mapToObj(i -> relay.phone()).toList();
        CompletableFuture<HttpAnswer> platform = relay.park("/v1/pairs/" + session.id(), session.platform());
        List<HttpAnswer> answers = all(phones.stream()
                .map(phone -> relay.later("PUT", "/v1/pairs/" + session.id() + "/device", phone.token(), OPENING))
                .toList());
        List<Phone> bound = IntStream.range(0, 100)
                .filter(i -> answers.get(i).status() == 200)
                .mapToObj(phones::get)
                .toList();
        assertThat(bound, hasSize(1));
        assertThat(
                answers.stream()
                        .filter(answer -> answer.code().equals("already_paired"))
                        .count(),
                is(99L));
        assertThat(
                platform.join().is(200).text("device_id"), is(bound.getFirst().id()));
        assertThat(
                relay.get("/v1/pairs/" + session.id(), session.platform()).text("device_id"),
                is(bound.getFirst().id()));
    }

    /**
     * A thousand times: response, cancellation and the end of the time at once. One of them is the end, and everyone
     * sees the same one.
     */
    @Test
    void thousandRacesForTheEnd() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String[] ends = new String[1000];
        String cursor = relay.list(pair.phone()).text("cursor");
        for (int round = 0; round < ends.length; round++) {
            String id = relay.submitted(pair, 1);
            String request = "/v1/requests/" + id;
            CompletableFuture<HttpAnswer> poll = relay.later("GET", request + "?wait=500", pair.platform(), NO_BODY);
            CompletableFuture<HttpAnswer> response = relay.later(
                    "PUT", request + "/response", pair.phone().token(), "{\"nonce\":\"AAAA\",\"ciphertext\":\"AAAA\"}");
            CompletableFuture<HttpAnswer> cancel = relay.later("DELETE", request, pair.platform(), NO_BODY);
            if (round % 2 == 0) {
                relay.advance(Duration.ofSeconds(1));
            }
            String end = poll.join().is(200).text("state");
            ends[round] = end;
            assertThat(
                    response.join().status() + " " + response.join().code(),
                    is(
                            switch (end) {
                                case "responded" -> "200 ";
                                case "cancelled" -> "410 request_cancelled";
                                default -> "410 request_expired";
                            }));
            assertThat(
                    cancel.join().status() + " " + cancel.join().code(),
                    is(end.equals("cancelled") ? "204 " : "409 already_decided"));
            if (round % 2 == 1) {
                relay.advance(Duration.ofSeconds(1));
            }
            assertThat(relay.state(pair, id), is(end));
            assertThat(relay.get(request, pair.phone().token()).text("state"), is(end));
            JsonObject list = relay.list(pair.phone(), cursor).is(200).json();
            assertThat(list.getJsonArray("requests").size(), is(end.equals("cancelled") ? 1 : 0));
            cursor = list.getString("cursor");
        }
        var counted = Stream.of(ends).collect(Collectors.groupingBy(end -> end, Collectors.counting()));
        System.out.println("ends of a thousand races: " + counted);
        assertThat(counted.size(), greaterThan(1));
    }

    /** Ten different answers to one question at once: the first one stands, and it is told to all alike. */
    @Test
    void racingResponses() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        for (int round = 0; round < 50; round++) {
            String id = relay.submitted(pair);
            List<HttpAnswer> answers = all(IntStream.range(0, 10)
                    .mapToObj(i -> relay.later(
                            "PUT",
                            "/v1/requests/" + id + "/response",
                            pair.phone().token(),
                            "{\"nonce\":\"AAAA\",\"ciphertext\":\"AAA" + i + "\"}"))
                    .toList());
            List<Integer> won = IntStream.range(0, 10)
                    .filter(i -> answers.get(i).status() == 200)
                    .boxed()
                    .toList();
            assertThat(won, hasSize(1));
            JsonObject response =
                    relay.get("/v1/requests/" + id, pair.platform()).json().getJsonObject("response");
            assertThat(response.getString("ciphertext"), is("AAA" + won.getFirst()));
        }
    }

    /** One envelope, sent by twenty impatient clients at once: one request. */
    @Test
    void racingSubmissions() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        for (int round = 0; round < 20; round++) {
            String id = relay.newId();
            List<HttpAnswer> answers = all(IntStream.range(0, 20)
                    .mapToObj(
                            i -> relay.later("POST", "/v1/requests", pair.platform(), TestRelay.envelope(pair, id, "")))
                    .toList());
            assertThat(answers.stream().filter(answer -> answer.status() == 201).count(), is(1L));
            assertThat(answers.stream().filter(answer -> answer.status() == 200).count(), is(19L));
        }
        assertThat(relay.list(pair.phone()).json().getJsonArray("requests").size(), is(20));
    }

    /** Submitting while the pairing is revoked: whatever was accepted is cancelled, nothing stays open. */
    @Test
    void submissionsAgainstRevocation() {
        TestRelay relay = start();
        for (int round = 0; round < 50; round++) {
            Pair pair = relay.pair();
            List<String> ids =
                    IntStream.range(0, 6).mapToObj(i -> relay.newId()).toList();
            List<CompletableFuture<HttpAnswer>> submissions = ids.stream()
                    .map(id -> relay.later("POST", "/v1/requests", pair.platform(), TestRelay.envelope(pair, id, "")))
                    .toList();
            CompletableFuture<HttpAnswer> revocation =
                    relay.later("DELETE", "/v1/pairs/" + pair.id(), pair.phone().token(), NO_BODY);
            List<HttpAnswer> answers = all(submissions);
            revocation.join().is(204);
            for (int i = 0; i < ids.size(); i++) {
                if (answers.get(i).status() == 201) {
                    assertThat(relay.state(pair, ids.get(i)), is("cancelled"));
                } else {
                    answers.get(i).is(410, "pair_revoked");
                }
            }
            assertThat(relay.list(pair.phone()).json().getJsonArray("requests").size(), is(0));
        }
    }

    /** A phone that is removed while it joins must not be left bound: nobody could ever answer. */
    @Test
    void bindingAgainstRemoval() {
        TestRelay relay = start();
        for (int round = 0; round < 50; round++) {
            Pair session = relay.session();
            Phone phone = relay.phone();
            CompletableFuture<HttpAnswer> bind =
                    relay.later("PUT", "/v1/pairs/" + session.id() + "/device", phone.token(), OPENING);
            relay.later("DELETE", "/v1/devices/" + phone.id(), phone.token(), NO_BODY)
                    .join()
                    .is(204);
            int status = bind.join().status();
            String after =
                    relay.get("/v1/pairs/" + session.id(), session.platform()).code();
            assertThat(
                    status + " " + after,
                    Set.of("200 pair_revoked", "401 pair_revoked", "401 ").contains(status + " " + after),
                    is(true));
        }
    }

    /** What happens between a poll's look and its wait must wake it all the same. */
    @Test
    void wakeUpBetweenLookAndWait() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        for (int round = 0; round < 200; round++) {
            CompletableFuture<HttpAnswer> list = relay.later(
                    "GET",
                    "/v1/devices/" + pair.phone().id() + "/requests?wait=500",
                    pair.phone().token(),
                    NO_BODY);
            String id = relay.submitted(pair);
            assertThat(
                    list.join().json().getJsonArray("requests").getJsonObject(0).getString("request_id"), is(id));
            CompletableFuture<HttpAnswer> outcome =
                    relay.later("GET", "/v1/requests/" + id + "?wait=500", pair.platform(), NO_BODY);
            relay.respond(pair, id).is(200);
            assertThat(outcome.join().text("state"), is("responded"));
            Pair session = relay.session();
            CompletableFuture<HttpAnswer> pairing =
                    relay.later("GET", "/v1/pairs/" + session.id() + "?wait=500", session.platform(), NO_BODY);
            relay.bind(session, pair.phone()).is(200);
            assertThat(pairing.join().text("status"), is("active"));
        }
    }

    // --- polls ---

    /** A fifth poll, and a sixth: the oldest goes, as if its time were over. */
    @Test
    void fifthPollDisplacesTheOldest() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        Pair session = relay.session();
        String id = relay.submitted(pair);
        relay.list(pair.phone());
        String after = relay.list(pair.phone()).text("cursor");
        record Poll(String target, String token) {}
        for (Poll poll : List.of(
                new Poll("/v1/pairs/" + session.id(), session.platform()),
                new Poll("/v1/requests/" + id, pair.platform()),
                new Poll(
                        "/v1/devices/" + pair.phone().id() + "/requests?after=" + after,
                        pair.phone().token()))) {
            List<CompletableFuture<HttpAnswer>> polls = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                polls.add(relay.park(poll.target(), poll.token()));
            }
            for (int i = 4; i < 10; i++) {
                polls.add(relay.later(
                        "GET",
                        poll.target() + (poll.target().contains("?") ? "&" : "?") + "wait=500",
                        poll.token(),
                        NO_BODY));
                polls.get(i - 4).join().is(200);
                relay.untilWaiting(4);
            }
            assertThat(polls.stream().filter(CompletableFuture::isDone).count(), is(6L));
            switch (poll.target().substring(0, 6)) {
                case "/v1/pa" ->
                    relay.delete("/v1/pairs/" + session.id(), session.platform())
                            .is(204);
                case "/v1/re" -> relay.respond(pair, id).is(200);
                default -> relay.submitted(pair);
            }
            all(polls);
            relay.untilWaiting(0);
        }
    }

    /** No place is left to wait: who has something to hear hears it, who would have to wait is told. */
    @Test
    void waitersFull() throws Exception {
        TestRelay relay = start("MAX_WAITERS=3");
        Pair pair = relay.pair();
        List<Pair> sessions =
                IntStream.range(0, 3).mapToObj(i -> relay.session()).toList();
        List<RawClient> waiting = new ArrayList<>();
        for (Pair session : sessions) {
            waiting.add(relay.connect()
                    .send(TestRelay.request(
                            "GET", "/v1/pairs/" + session.id() + "?wait=500", session.platform(), NO_BODY)));
        }
        relay.untilWaiting(3);
        String list = "/v1/devices/" + pair.phone().id() + "/requests";
        relay.get(list + "?wait=500", pair.phone().token()).is(503, "relay_full");
        relay.get(
                        "/v1/pairs/" + sessions.getFirst().id() + "?wait=1",
                        sessions.getFirst().platform())
                .is(503, "relay_full");
        relay.get("/v1/pairs/" + pair.id() + "?wait=500", pair.platform()).is(200);
        relay.get(list, pair.phone().token()).is(200);
        String id = relay.submitted(pair);
        relay.get("/v1/requests/" + id + "?wait=500", pair.platform()).is(503, "relay_full");
        assertThat(relay.get(list + "?wait=500", pair.phone().token()).is(200).body(), containsString(id));
        relay.respond(pair, id).is(200);
        relay.get("/v1/requests/" + id + "?wait=500", pair.platform()).is(200);
        for (int i = 0; i < 3; i++) {
            relay.delete("/v1/pairs/" + sessions.get(i).id(), sessions.get(i).platform())
                    .is(204);
            waiting.get(i).answer().is(410, "pair_revoked");
            waiting.get(i).close();
        }
    }

    /** A poll is parked while its pairing is revoked, its phone removed, its time over: it hears of it. */
    @Test
    void pollsOnWhatEnds() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        relay.list(pair.phone());
        Pair session = relay.session();
        CompletableFuture<HttpAnswer> request = relay.park("/v1/requests/" + id, pair.platform());
        CompletableFuture<HttpAnswer> pairing = relay.park("/v1/pairs/" + session.id(), session.platform());
        Phone other = relay.phone();
        CompletableFuture<HttpAnswer> list = relay.park("/v1/devices/" + other.id() + "/requests", other.token());
        relay.delete("/v1/devices/" + other.id(), other.token()).is(204);
        list.join().is(401, "unauthorized");
        relay.advance(Duration.ofSeconds(300));
        assertThat(request.join().is(200).text("state"), is("expired"));
        pairing.join().is(410, "pairing_expired");
    }

    // --- floods ---

    /** As many open requests as a pairing may have, and one more. */
    @Test
    void openRequestsFlood() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        List<String> ids =
                IntStream.range(0, 100).mapToObj(i -> relay.submitted(pair)).toList();
        String more = relay.newId();
        for (int i = 0; i < 10; i++) {
            relay.submit(pair, more).is(429, "too_many_open_requests");
        }
        relay.submit(pair, ids.getFirst()).is(200);
        Pair neighbour = relay.pair();
        relay.submitted(neighbour);
        relay.delete("/v1/requests/" + ids.get(7), pair.platform()).is(204);
        relay.submit(pair, more).is(201);
        relay.submit(pair, relay.newId()).is(429, "too_many_open_requests");
        relay.respond(pair, ids.get(9)).is(200);
        relay.submitted(pair);
        assertThat(relay.list(pair.phone()).json().getJsonArray("requests").size(), is(100));
    }

    /** New requests faster than the limit. Retries and refusals are free; the next one comes after its time. */
    @Test
    void submissionRate() {
        TestRelay relay = frozen("RATE_LIMIT_PAIR=10");
        Pair pair = relay.pair();
        List<String> ids = new ArrayList<>();
        for (int left = 9; left >= 0; left--) {
            String id = relay.newId();
            ids.add(id);
            assertThat(
                    relay.submit(pair, id).is(201).header("RateLimit").orElse(""),
                    containsString("\"pair\";r=" + left + ";"));
            relay.submit(pair, id).is(200);
            relay.post(
                            "/v1/requests",
                            pair.platform(),
                            TestRelay.envelope(pair, id, "").replace("bm9uY2U", "AAAA"))
                    .is(409, "duplicate_request");
            relay.submit(pair, "00000000-0000-7000-8000-000000000000").is(400, "stale_request_id");
            relay.post("/v1/requests", pair.platform(), "{").is(400, "invalid_json");
        }
        String next = relay.newId();
        for (int i = 0; i < 50; i++) {
            HttpAnswer refused = relay.submit(pair, next).is(429, "rate_limited");
            assertThat(refused.header("Retry-After").orElse(""), is("6"));
            assertThat(refused.header("RateLimit").orElse(""), is("\"pair\";r=0;t=6"));
            assertThat(refused.header("RateLimit-Policy").orElse(""), is("\"pair\";q=10;w=60"));
        }
        relay.submit(pair, ids.getFirst()).is(200);
        relay.submitted(relay.pair(pair.phone()));
        relay.pass(Duration.ofSeconds(6));
        relay.submit(pair, next).is(201);
        relay.submit(pair, relay.newId()).is(429, "rate_limited");
    }

    /**
     * One address calls without end, with whatever it likes: it is limited, others are not, and {@code /health} never
     * is.
     */
    @Test
    void clientRate() {
        TestRelay relay = frozen("RATE_LIMIT_CLIENT=20");
        String other = "X-Forwarded-For: 203.0.113.7";
        for (int left = 19; left >= 0; left--) {
            HttpAnswer answer = switch (left % 5) {
                case 0 -> relay.get("/v1/requests/x", UNKNOWN_PLATFORM).is(401);
                case 1 -> relay.get("/v1/nowhere", NO_TOKEN).is(404);
                case 2 -> relay.call("BREW", "/v1/pairs", NO_TOKEN, NO_BODY).is(405);
                case 3 -> relay.post("/v1/pairs", NO_TOKEN, "{").is(400);
                default -> relay.post("/v1/devices", NO_TOKEN, "{}").is(201);
            };
            assertThat(answer.header("RateLimit").orElse(""), containsString("\"client\";r=" + left + ";"));
        }
        for (int i = 0; i < 30; i++) {
            HttpAnswer refused = relay.post("/v1/devices", NO_TOKEN, "{}").is(429, "rate_limited");
            assertThat(refused.header("Retry-After").orElse(""), is("3"));
            relay.get("/v1/requests/x", UNKNOWN_PLATFORM).is(429, "rate_limited");
            relay.answers("garbage\r\n\r\n");
            relay.answers("POST /v1/devices HTTP/1.1\r\nHost: r\r\nContent-Length: x\r\n\r\n");
            relay.call(
                            "POST",
                            "/v1/devices",
                            NO_TOKEN,
                            "{}",
                            "X-Real-IP: 203.0.113." + i,
                            "Forwarded: for=203.0.113." + i,
                            "X-Client-IP: 203.0.113." + i)
                    .is(429);
            relay.call("POST", "/v1/devices", NO_TOKEN, "{}", "X-Forwarded-For: nonsense" + i)
                    .is(429);
            relay.get("/health", NO_TOKEN).is(200);
            relay.get("/openapi.yaml", NO_TOKEN).is(200);
        }
        relay.call("POST", "/v1/devices", NO_TOKEN, "{}", other).is(201);
        relay.pass(Duration.ofSeconds(3));
        relay.post("/v1/devices", NO_TOKEN, "{}").is(201);
        relay.post("/v1/devices", NO_TOKEN, "{}").is(429);
    }

    /** Behind a trusted proxy: whatever the client writes to the left, its own address counts. */
    @Test
    void forgedHeaderBehindAProxy() {
        TestRelay relay = frozen("RATE_LIMIT_CLIENT=3", "TRUSTED_PROXIES=127.0.0.0/8, 10.0.0.0/8");
        for (int i = 0; i < 3; i++) {
            relay.call("POST", "/v1/devices", NO_TOKEN, "{}", "X-Forwarded-For: 198.51.100." + i + ", 203.0.113.9")
                    .is(201);
        }
        for (String forged : List.of(
                "203.0.113.9",
                "1.1.1.1, 203.0.113.9",
                "203.0.113.9:4711",
                "203.0.113.9, 10.1.2.3",
                "x, 203.0.113.9, 127.0.0.1",
                "203.0.113.9,,10.1.2.3, 10.0.0.1".replace(",,", ","),
                "::ffff:203.0.113.9",
                "[::ffff:203.0.113.9]:80")) {
            relay.call("POST", "/v1/devices", NO_TOKEN, "{}", "X-Forwarded-For: " + forged)
                    .is(429, "rate_limited");
        }
        relay.call("POST", "/v1/devices", NO_TOKEN, "{}", "X-Forwarded-For: 5.5.5.5", "X-Forwarded-For: 203.0.113.9")
                .is(429, "rate_limited");
        relay.call("POST", "/v1/devices", NO_TOKEN, "{}", "X-Forwarded-For: 203.0.113.10")
                .is(201);
    }

    /** From anyone else the header is nothing. */
    @Test
    void forgedHeaderFromAnyone() {
        TestRelay relay = frozen("RATE_LIMIT_CLIENT=3", "TRUSTED_PROXIES=10.0.0.0/8");
        for (int i = 0; i < 10; i++) {
            relay.call("POST", "/v1/devices", NO_TOKEN, "{}", "X-Forwarded-For: 198.51.100." + i)
                    .is(i < 3 ? 201 : 429);
        }
    }

    /** Somebody with a whole IPv6 network, which is one customer's. */
    @Test
    void ipv6Network() {
        TestRelay relay = frozen("RATE_LIMIT_CLIENT=3");
        for (int i = 0; i < 10; i++) {
            relay.call("POST", "/v1/devices", NO_TOKEN, "{}", "X-Forwarded-For: 2001:db8:1:2:" + i + "::" + i)
                    .is(i < 3 ? 201 : 429);
        }
        relay.call("POST", "/v1/devices", NO_TOKEN, "{}", "X-Forwarded-For: [2001:0db8:0001:0002:ffff::1]:443")
                .is(429);
        relay.call("POST", "/v1/devices", NO_TOKEN, "{}", "X-Forwarded-For: 2001:db8:1:3::1")
                .is(201);
    }

    /**
     * Memory is full: new work is refused, and everything accepted is answered, with the longest answers, byte for
     * byte.
     */
    @Test
    void storedBytesFull() {
        TestRelay relay = start("MAX_STORED_BYTES=1048576");
        Pair pair = relay.pair();
        List<String> ids = new ArrayList<>();
        String question = "Q".repeat(20_000);
        while (true) {
            String id = relay.newId();
            HttpAnswer answer = relay.post(
                    "/v1/requests",
                    pair.platform(),
                    TestRelay.envelope(pair, id, "").replace("Y2lwaGVydGV4dA", question));
            if (answer.status() != 201) {
                answer.is(503, "relay_full");
                break;
            }
            ids.add(id);
        }
        assertThat(ids.size(), greaterThan(5));
        for (int i = 0; i < 50; i++) {
            relay.post(
                            "/v1/requests",
                            pair.platform(),
                            TestRelay.envelope(pair, relay.newId(), "").replace("Y2lwaGVydGV4dA", question))
                    .is(503, "relay_full");
        }
        for (boolean full = false; !full; ) {
            full = relay.post("/v1/devices", NO_TOKEN, "{\"push_token\":\"" + "p".repeat(4096) + "\"}")
                            .status()
                    == 503;
        }
        for (boolean full = false; !full; ) {
            full = relay.post("/v1/devices", NO_TOKEN, "{}").status() == 503;
        }
        relay.post("/v1/pairs", NO_TOKEN, OPENING).is(503, "relay_full");
        relay.patch(
                        "/v1/devices/" + pair.phone().id(),
                        pair.phone().token(),
                        "{\"push_token\":\"" + "p".repeat(4096) + "\"}")
                .is(503, "relay_full");
        relay.get("/health", NO_TOKEN).is(200);
        relay.submit(pair, ids.getFirst()).is(409, "duplicate_request");
        assertThat(relay.list(pair.phone()).json().getJsonArray("requests").size(), is(ids.size()));
        String nonce = "N".repeat(256);
        for (String id : ids) {
            String answer = "A".repeat(65_532) + id.substring(32).replaceAll("[^a-f0-9]", "0");
            String body = "{\"nonce\":\"" + nonce + "\",\"ciphertext\":\"" + answer + "\",\"signature\":\""
                    + "S".repeat(1024) + "\"}";
            relay.put("/v1/requests/" + id + "/response", pair.phone().token(), body)
                    .is(200);
            JsonObject got = relay.get("/v1/requests/" + id, pair.platform()).json();
            assertThat(got.getJsonObject("response").getString("ciphertext"), is(answer));
            assertThat(relay.get("/v1/requests/" + id, pair.phone().token()).text("ciphertext"), is(question));
        }
        relay.post(
                        "/v1/requests",
                        pair.platform(),
                        TestRelay.envelope(pair, relay.newId(), "").replace("Y2lwaGVydGV4dA", question))
                .is(503, "relay_full");
        relay.advance(Duration.ofSeconds(601));
        relay.post(
                        "/v1/requests",
                        pair.platform(),
                        TestRelay.envelope(pair, relay.newId(), "").replace("Y2lwaGVydGV4dA", question))
                .is(201);
    }

    /**
     * Clients that open streams and never read, each of more than any buffer on the way holds: what the relay holds for
     * each of them is one piece, however much there is to tell and however much comes on top; others have their
     * approvals meanwhile; and in the end their connections are cut, and what they have not been told is told when they
     * come back.
     */
    @Test
    void deafStreams() throws Exception {
        TestRelay relay = start("MAX_OPEN_REQUESTS=1000");
        int each = 160;
        List<Pair> deaf = IntStream.range(0, 4).mapToObj(i -> relay.pair()).toList();
        for (Pair pair : deaf) {
            large(relay, pair, each / 2);
        }
        long before = usedHeap();
        List<EventClient> streams = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            Phone phone = deaf.get(i % 4).phone();
            streams.add(
                    EventClient.open(relay.port(), 4096, "/v1/devices/" + phone.id() + "/events", phone.token(), ""));
        }
        relay.untilWaiting(16);
        until("all are waited for", () -> relay.waitingFor("ANSWER") == 16);
        for (Pair pair : deaf) {
            large(relay, pair, each / 2);
        }
        until("all are waited for", () -> relay.waitingFor("ANSWER") == 16);
        // By so much what is stored has grown; whole answers of all of it would be eight times as much on top.
        long stored = 4L * (each / 2) * LARGE.length();
        until("one piece each", () -> usedHeap() - before < stored + 16 * 2 * PIECE);
        System.out.println("sixteen deaf streams of " + each * LARGE.length() + " characters, MiB of heap: "
                + (usedHeap() - before - stored) / (1 << 20));

        Pair other = relay.pair();
        try (EventClient well = EventClient.of(relay, other.phone())) {
            assertThat(well.event().name(), is("current"));
            for (int i = 0; i < 50; i++) {
                String id = relay.submitted(other);
                assertThat(well.event().fact(), is(id + " delivered"));
                CompletableFuture<HttpAnswer> outcome =
                        relay.later("GET", "/v1/requests/" + id + "?wait=500", other.platform(), NO_BODY);
                relay.respond(other, id).is(200);
                assertThat(outcome.join().is(200).text("state"), is("responded"));
            }
            relay.pass(Duration.ofMinutes(10));
            relay.untilWaiting(1);
            until("cut", () -> relay.connections() == 1);
            relay.delete("/v1/devices/" + other.phone().id(), other.phone().token())
                    .is(204);
            assertThat(well.next().isPresent(), is(false));
        }
        List<String> told = new ArrayList<>();
        try (EventClient first = streams.getFirst()) {
            assertThrows(EOFException.class, () -> collect(first, told));
            assertThat(told.size(), lessThan(each));
            Phone phone = deaf.getFirst().phone();
            try (EventClient again = EventClient.open(
                    relay.port(), "/v1/devices/" + phone.id() + "/events", phone.token(), first.lastId())) {
                while (told.size() < each) {
                    told.add(again.event().text("request_id"));
                }
                assertThat(again.event().name(), is("current"));
                relay.delete("/v1/devices/" + phone.id(), phone.token()).is(204);
                while (again.next().isPresent()) {
                    // what the removal withdraws
                }
            }
        }
        assertThat(Set.copyOf(told).size(), is(each));
        streams.forEach(EventClient::close);
    }

    private static void collect(EventClient stream, List<String> told) throws IOException {
        for (Optional<EventClient.Event> next = stream.next(); next.isPresent(); next = stream.next()) {
            told.add(next.get().text("request_id"));
        }
    }

    private static void large(TestRelay relay, Pair pair, int count) {
        for (int i = 0; i < count; i++) {
            String envelope = TestRelay.envelope(pair, relay.newId(), "").replace("Y2lwaGVydGV4dA", LARGE);
            relay.post("/v1/requests", pair.platform(), envelope).is(201);
        }
    }

    /** After a collection, so that only what is held counts. */
    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** As many pairings as fit, and more; those that are there go on, and forgotten ones make room. */
    @Test
    void pairingsFull() {
        TestRelay relay = start("MAX_PAIRINGS=5");
        Pair pair = relay.pair();
        for (int i = 0; i < 4; i++) {
            relay.session();
        }
        for (int i = 0; i < 20; i++) {
            relay.post("/v1/pairs", NO_TOKEN, OPENING).is(503, "relay_full");
        }
        String id = relay.submitted(pair);
        relay.respond(pair, id).is(200);
        relay.advance(Duration.ofSeconds(601));
        relay.session();
        relay.get("/v1/pairs/" + pair.id(), pair.platform()).is(200);
    }

    /** As many phones as fit, and more; unused ones make room. */
    @Test
    void devicesFull() {
        TestRelay relay = start("MAX_DEVICES=5");
        Pair pair = relay.pair();
        for (int i = 0; i < 4; i++) {
            relay.phone();
        }
        for (int i = 0; i < 20; i++) {
            relay.post("/v1/devices", NO_TOKEN, "{}").is(503, "relay_full");
        }
        relay.list(pair.phone()).is(200);
        relay.advance(Duration.ofSeconds(600));
        relay.phone();
        relay.list(pair.phone()).is(200);
    }

    /** A crowd that connects and says nothing: others still get through. */
    @Test
    void connectionsFull() throws Exception {
        TestRelay relay = start("MAX_CONNECTIONS=20");
        List<RawClient> crowd = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            RawClient wire = relay.connect();
            crowd.add(i % 2 == 0 ? wire : wire.send("GET /health HTTP/1.1\r\nHost: r\r\n\r\n"));
        }
        relay.get("/health", NO_TOKEN).is(200);
        relay.phone();
        for (RawClient wire : crowd) {
            wire.close();
        }
    }
}
