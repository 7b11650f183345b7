package dev.harp.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.relay.client.RelayHttp.Exchange;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How the client behaves when the relay is busy, full, restarting or out of reach. */
class RelayHttpTest {
    private static final JsonObject BODY =
            Json.createObjectBuilder().add("push_token", "a").build();
    private static final String FULL = "{\"code\":\"relay_full\",\"detail\":\"no room\"}";

    private final ScriptedRelay relay = new ScriptedRelay();
    private final List<Duration> pauses = new ArrayList<>();
    private final List<Exchange> exchanges = new ArrayList<>();
    private final RelayHttp http = new RelayHttp(relay.uri(), new RetryPolicy(4, pauses::add), exchanges::add);

    @AfterEach
    void close() {
        http.close();
        relay.close();
    }

    @Test
    void aCallIsOneExchange() throws Exception {
        relay.then(503, Map.of("Retry-After", "7"), FULL);
        var answer = http.call("POST", "/v1/devices", "token", BODY);
        assertEquals(503, answer.status());
        assertEquals("relay_full", answer.code());
        assertEquals(FULL, answer.raw());
        assertEquals(Duration.ofSeconds(7), answer.retryAfter().orElseThrow());
        assertEquals(
                List.of(new ScriptedRelay.Seen("POST", "/v1/devices", "Bearer token", BODY.toString())), relay.seen());
        assertEquals(List.of(), pauses);
    }

    @Test
    void anAnswerWithoutJsonHasAnEmptyBody() throws Exception {
        relay.then(204, "").then(502, "<html>Bad Gateway</html>").then(200, "[1]");
        for (int status : new int[] {204, 502, 200}) {
            var answer = http.call("GET", "/", null, null);
            assertEquals(status, answer.status());
            assertTrue(answer.body().isEmpty());
        }
    }

    @Test
    void aFullRelayIsAskedAgainWhenItSaidSo() throws Exception {
        relay.then(503, Map.of("Retry-After", "7"), FULL).then(201, "{\"device_id\":\"d\"}");
        var answer = http.reliably("POST", "/v1/devices", null, BODY);
        assertEquals("d", answer.body().getString("device_id"));
        assertEquals(List.of(Duration.ofSeconds(7)), pauses);
    }

    @Test
    void aLostConnectionIsTriedAgainWithTheSameBytes() throws Exception {
        relay.thenHangUp().thenHangUp().then(201, "{}");
        assertEquals(201, http.reliably("POST", "/v1/requests", "t", BODY).status());
        assertEquals(3, relay.seen().size());
        assertEquals(relay.seen().get(0), relay.seen().get(2));
        assertEquals(2, pauses.size());
        assertBetween(750, 1000, pauses.get(0));
        assertBetween(1500, 2000, pauses.get(1));
    }

    @Test
    void theLastAnswerIsTheCallersWhenPatienceEnds() throws Exception {
        for (int i = 0; i < 4; i++) {
            relay.then(503, FULL);
        }
        var answer = http.reliably("POST", "/v1/devices", null, BODY);
        assertEquals(503, answer.status());
        assertEquals(3, pauses.size());
        var refusal = assertThrows(RelayRefusal.class, () -> answer.expect(201));
        assertEquals(503, refusal.status());
        assertEquals("relay_full", refusal.code());
        assertEquals("503 relay_full: no room", refusal.getMessage());
    }

    @Test
    void theLastFailureIsTheCallersWhenPatienceEnds() {
        relay.close();
        assertThrows(IOException.class, () -> http.reliably("POST", "/v1/devices", null, BODY));
        assertEquals(3, pauses.size());
    }

    @Test
    void aRelayThatWantsToBeLeftAloneForLongIsNotWaitedFor() throws Exception {
        relay.then(429, Map.of("Retry-After", "3600"), "{\"code\":\"rate_limited\"}");
        assertEquals(
                "rate_limited", http.reliably("POST", "/v1/devices", null, BODY).code());
        assertEquals(List.of(), pauses);
    }

    @Test
    void aRefusalIsNotTriedAgain() throws Exception {
        for (int status : new int[] {400, 401, 403, 404, 409, 410, 413, 500}) {
            relay.then(status, "{}");
            assertEquals(
                    status, http.reliably("POST", "/v1/devices", null, BODY).status());
        }
        assertEquals(List.of(), pauses);
    }

    @Test
    void aPollAsksForWholeSecondsUpToItsMaximum() throws Exception {
        relay.then(200, "{}").then(200, "{}").then(200, "{}");
        http.poll("/v1/pairs/p", "t", Duration.ofMillis(1001));
        http.poll("/v1/devices/d/requests?after=5", "t", Duration.ofHours(1));
        http.poll("/v1/pairs/p", "t", Duration.ZERO);
        assertEquals(
                List.of("/v1/pairs/p?wait=2", "/v1/devices/d/requests?after=5&wait=50", "/v1/pairs/p?wait=0"),
                relay.seen().stream().map(ScriptedRelay.Seen::path).toList());
    }

    @Test
    void anObserverSeesEveryExchangeAndNoCredential() throws Exception {
        relay.then(503, FULL).then(200, "{\"device_id\":\"d\"}");
        http.reliably("PATCH", "/v1/devices/d", "hdt_secret", BODY);
        assertEquals(
                List.of(503, 200),
                exchanges.stream().map(e -> e.answer().status()).toList());
        assertEquals("PATCH", exchanges.getFirst().method());
        assertEquals("/v1/devices/d", exchanges.getFirst().path());
        assertEquals(BODY.toString(), exchanges.getFirst().requestBody().orElseThrow());
        assertTrue(exchanges.stream().noneMatch(e -> e.toString().contains("hdt_secret")));
    }

    private static void assertBetween(long min, long max, Duration pause) {
        assertTrue(min <= pause.toMillis() && pause.toMillis() <= max, pause::toString);
    }
}
