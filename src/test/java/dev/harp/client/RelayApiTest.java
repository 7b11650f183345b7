package dev.harp.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.client.RelayException.Kind;
import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.testing.FakeClock;
import dev.harp.testing.FakeServer;
import dev.harp.testing.FakeServer.Reply;
import dev.harp.testing.FakeServer.Request;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the SDK calls a relay that is busy, full, restarting, or out of reach. */
@Timeout(300)
class RelayApiTest {
    private static final Members BODY = JsonTree.object().add("push_token", "a").build();

    private final Scripted relay = new Scripted();
    private final FakeClock clock = new FakeClock();
    private final List<Duration> pauses = new ArrayList<>();
    private final RelayApi api = new RelayApi(
            "http://127.0.0.1:" + relay.port(),
            new Environment(
                    clock,
                    clock,
                    pause -> {
                        pauses.add(pause);
                        clock.advance(pause);
                    },
                    new SecureRandom()));

    /** Answers in the order of its script, and hangs up at its end. */
    private static final class Scripted extends FakeServer {
        private final Queue<Reply> script = new ConcurrentLinkedQueue<>();

        Scripted() {
            start();
        }

        Scripted then(Reply... replies) {
            script.addAll(List.of(replies));
            return this;
        }

        @Override
        protected Reply answer(Request request) {
            Reply next = script.poll();
            return next == null ? hangUp() : next;
        }
    }

    @AfterEach
    void close() {
        api.close();
        relay.close();
    }

    private static Reply full(String... headers) {
        return HostileRelay.problem(503, "relay_full", headers);
    }

    private static Reply ok() {
        return FakeServer.response(200, "{\"device_id\":\"d\"}");
    }

    private static void assertBetween(long least, long most, Duration pause) {
        assertTrue(least <= pause.toMillis() && pause.toMillis() <= most, pause.toString());
    }

    @Test
    void aCallIsOneRequestWithItsTokenAndBody() throws Exception {
        relay.then(ok());
        assertEquals("d", api.send("POST", "/v1/devices", "token", BODY).required("device_id"));
        Request request = relay.received().getFirst();
        assertEquals("POST /v1/devices", request.call());
        assertEquals("Bearer token", request.header("Authorization"));
        assertEquals("application/json", request.header("Content-Type"));
        assertEquals(new String(ExactJson.write(BODY), java.nio.charset.StandardCharsets.UTF_8), request.body());
        assertEquals(List.of(), pauses);
    }

    @Test
    void withoutATokenNoneIsSent() throws Exception {
        relay.then(ok());
        api.get("/v1/about", "");
        assertEquals(List.of(), relay.received().getFirst().headers("Authorization"));
    }

    @Test
    void anAnswerWithoutAnObjectHasAnEmptyBody() throws Exception {
        relay.then(FakeServer.response(204, ""), FakeServer.response(404, "<html>"), FakeServer.response(200, "[1]"));
        for (int status : new int[] {204, 404, 200}) {
            RelayApi.Answer answer = api.get("/", "");
            assertEquals(status, answer.status());
            assertEquals(new Members(Map.of()), answer.body());
        }
    }

    @Test
    void aFullRelayIsAskedAgainWhenItSaysSo() throws Exception {
        relay.then(full("Retry-After: 7"), ok());
        assertEquals(200, api.send("POST", "/v1/devices", "", BODY).status());
        assertEquals(List.of(Duration.ofSeconds(7)), pauses);
    }

    @Test
    void aDrainedRelayAnOutageOfItsStoreAndARestartingProxyAreWaitedFor() throws Exception {
        relay.then(
                HostileRelay.problem(503, "shutting_down", "Retry-After: 1"),
                HostileRelay.problem(503, "store_unavailable", "Retry-After: 2"),
                FakeServer.response(502, "<html>Bad Gateway</html>"),
                FakeServer.response(504, ""),
                HostileRelay.problem(408, "request_timeout"),
                HostileRelay.problem(429, "rate_limited", "Retry-After: 3"),
                ok());
        assertEquals(200, api.get("/v1/about", "").status());
        assertEquals(Duration.ofSeconds(1), pauses.get(0));
        assertEquals(Duration.ofSeconds(2), pauses.get(1));
        assertEquals(Duration.ofSeconds(3), pauses.get(5));
        assertEquals(6, pauses.size());
    }

    @Test
    void aLostConnectionIsTriedAgainWithTheSameBytes() throws Exception {
        relay.then(FakeServer.hangUp(), new Reply("HTTP/1.1 200 OK\r\nContent-", FakeServer.End.RESET), ok());
        assertEquals(200, api.send("POST", "/v1/requests", "t", BODY).status());
        List<Request> seen = relay.received();
        assertTrue(seen.size() >= 3, "requests: " + seen.size());
        assertEquals(1, seen.stream().map(Request::body).distinct().count());
        assertBetween(375, 500, pauses.get(0));
        assertBetween(750, 1_000, pauses.get(1));
    }

    @Test
    void pausesDoubleUpToHalfAMinute() {
        assertBetween(375, 500, api.pause(0));
        assertBetween(3_000, 4_000, api.pause(3));
        assertBetween(22_500, 30_000, api.pause(6));
        assertBetween(22_500, 30_000, api.pause(1_000));
    }

    @Test
    void theLastFailureIsTheCallersWhenPatienceEnds() {
        for (int i = 0; i < 40; i++) {
            relay.then(full());
        }
        RelayException e = assertThrows(RelayException.class, () -> api.send("POST", "/v1/devices", "", BODY));
        assertEquals(Kind.UNREACHABLE, e.kind());
        assertEquals("the relay answers 503 (relay_full)", e.line());
        Duration waited = pauses.stream().reduce(Duration.ZERO, Duration::plus);
        assertTrue(waited.compareTo(RelayApi.PATIENCE) < 0, waited.toString());
        assertTrue(pauses.size() > 3, "pauses: " + pauses.size());
    }

    @Test
    void aRelayThatIsAwayIsNamedInTheFailure() {
        String url = api.relay();
        relay.close();
        RelayException e = assertThrows(RelayException.class, () -> api.get("/v1/about", ""));
        assertEquals(Kind.UNREACHABLE, e.kind());
        assertTrue(e.line().startsWith("the relay at " + url + " cannot be reached: "), e.line());
    }

    @Test
    void aRelayThatWantsToBeLeftAloneForLongIsNotWaitedFor() {
        relay.then(HostileRelay.problem(429, "rate_limited", "Retry-After: 3600"));
        RelayException e = assertThrows(RelayException.class, () -> api.get("/v1/about", ""));
        assertEquals("the relay answers 429 (rate_limited)", e.line());
        assertEquals(List.of(), pauses);
    }

    @Test
    void aRefusalIsNotTriedAgain() throws Exception {
        for (int status : new int[] {400, 401, 403, 404, 409, 410, 413, 500}) {
            relay.then(HostileRelay.problem(status, "some_code"));
            assertEquals(status, api.send("POST", "/v1/devices", "", BODY).status());
        }
        assertEquals(List.of(), pauses);
    }

    @Test
    void refusalsAreToldApart() throws Exception {
        relay.then(
                HostileRelay.problem(401, "unauthorized"),
                HostileRelay.problem(410, "pair_revoked"),
                HostileRelay.problem(409, "not_paired"),
                FakeServer.response(404, "<html>"),
                FakeServer.response(200, "{}"));
        assertEquals(Kind.UNAUTHORIZED, refusal().kind());
        assertEquals(Kind.ENDED, refusal().kind());
        RelayException refused = refusal();
        assertEquals(Kind.REFUSED, refused.kind());
        assertEquals("not_paired", refused.code());
        assertEquals("the relay refused (not_paired): as the test says", refused.line());
        assertEquals(Kind.UNEXPECTED, refusal().kind());
        RelayApi.Answer empty = api.get("/", "");
        assertEquals(
                Kind.UNEXPECTED,
                assertThrows(RelayException.class, () -> empty.required("cursor"))
                        .kind());
        assertEquals(
                Kind.UNEXPECTED,
                assertThrows(RelayException.class, () -> empty.requiredWhole("time"))
                        .kind());
    }

    private RelayException refusal() throws Exception {
        RelayApi.Answer answer = api.get("/", "");
        return assertThrows(RelayException.class, () -> answer.expect(200));
    }

    /** Text of the relay's cannot move the terminal's cursor. */
    @Test
    void theRelaysTextIsOneLineOfPrintableCharacters() throws Exception {
        relay.then(HostileRelay.json(
                409, JsonTree.object().add("code", "a\u001b[2J").add("detail", "x\r\n\u202e" + "y".repeat(500))));
        String line = refusal().line();
        assertTrue(line.matches("[ -~]{1,300}"), line);
    }

    @Test
    void redirectsAreNotFollowed() throws Exception {
        relay.then(FakeServer.response(307, "", "Location: http://127.0.0.1:" + relay.port() + "/elsewhere"));
        assertEquals(307, api.send("POST", "/v1/devices", "secret", BODY).status());
        assertEquals(1, relay.received().size());
    }

    @Test
    void anAnswerWithoutAnEndIsNoAnswer() {
        relay.then(
                new Reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", FakeServer.End.CLOSE),
                new Reply(
                        "HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + "x".repeat(5_000_000),
                        FakeServer.End.CLOSE));
        assertEquals(
                Kind.UNREACHABLE,
                assertThrows(RelayException.class, () -> api.get("/v1/about", ""))
                        .kind());
    }

    @Test
    void aPollAsksForWholeSecondsRoundedUp() throws Exception {
        relay.then(ok(), ok(), ok(), ok());
        api.poll("/v1/pairs/p", "t", Duration.ofMillis(1_001), api.environment().in(Duration.ofHours(1)));
        api.poll(
                "/v1/devices/d?after=5",
                "t",
                Duration.ofHours(1),
                api.environment().in(Duration.ofSeconds(9)));
        api.poll("/v1/pairs/p", "t", Duration.ofSeconds(55), api.environment().in(Duration.ofMillis(300)));
        api.poll("/v1/pairs/p", "t", Duration.ZERO, api.environment().in(Duration.ofSeconds(9)));
        assertEquals(
                List.of(
                        "/v1/pairs/p?wait=2",
                        "/v1/devices/d?after=5&wait=9",
                        "/v1/pairs/p?wait=1",
                        "/v1/pairs/p?wait=0"),
                relay.received().stream().map(Request::target).toList());
    }

    @Test
    void anAddressHasOneSpelling() {
        for (String wrong : List.of("relay.example.org", "https://relay.example.org/", "HTTPS://a.example", "")) {
            assertThrows(IllegalArgumentException.class, () -> new RelayApi(wrong, Environment.system()), wrong);
        }
    }

    @Test
    void whatTheRelayTellsAboutItselfIsRead() throws Exception {
        relay.then(
                FakeServer.response(200, "{\"time\":5,\"client_address\":\"::1\",\"forwarded\":\"none\"}"),
                FakeServer.response(
                        200,
                        "{\"time\":5,\"app\":true,\"public_url\":\"https://relay.example.org\","
                                + "\"vapid_public_key\":\"B\",\"limits\":{\"max_ciphertext\":2048},\"more\":null}"),
                FakeServer.response(200, "{\"time\":5,\"public_url\":\"javascript:alert(1)\"}"),
                FakeServer.response(200, "{}"));
        About old = About.of(api);
        assertFalse(old.servesApp());
        assertTrue(old.publicUrl().isEmpty() && old.maxCiphertext().isEmpty());
        About about = About.of(api);
        assertTrue(about.servesApp());
        assertEquals("https://relay.example.org", about.linkAddress("http://localhost:8787"));
        assertEquals(2048, about.maxCiphertext().orElseThrow());
        assertEquals("B", about.vapidKey().orElseThrow());
        assertEquals(
                Kind.UNEXPECTED,
                assertThrows(RelayException.class, () -> About.of(api)).kind());
        assertEquals(
                Kind.UNEXPECTED,
                assertThrows(RelayException.class, () -> About.of(api)).kind());
    }
}
