package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.relay.TestRelay.SECRET;
import static dev.harp.relay.TestRelay.UNKNOWN_PLATFORM;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.testing.HttpAnswer;
import dev.harp.testing.LogCapture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the log tells of calls over real sockets: enough for an operator, and nothing that an attacker has written. */
class LoggedEventsTest extends WithRelay {
    private final LogCapture log = LogCapture.of("dev.harp");

    @AfterEach
    void endCapture() {
        log.close();
    }

    /**
     * The calls that are logged when there are this many. A call is logged after its response has been read, so calls
     * one after another may be logged in another order.
     */
    private List<String> calls(int count) {
        until(() -> log.events("http_call").size() >= count);
        return log.events("http_call");
    }

    /** The only one of this many calls that says this. */
    private String call(int count, String part) {
        List<String> found =
                calls(count).stream().filter(call -> call.contains(part)).toList();
        assertThat(found.toString(), found, hasSize(1));
        return found.getFirst();
    }

    @Test
    void aCallIsOneEvent() {
        TestRelay relay = start();
        TestRelay.Pair pair = relay.pair();
        String id = relay.submitted(pair);
        relay.respond(pair, id).is(200);
        assertThat(
                call(5, "POST, route=/v1/requests,"),
                allOf(
                        containsString("method=POST, route=/v1/requests, status=201, duration_ms="),
                        containsString("client=127.0.0.0/24, pair_id=" + pair.id() + ", request_id=" + id),
                        containsString("bytes_in=")));
        assertThat(
                call(5, "{id}/response"),
                allOf(
                        containsString("method=PUT, route=/v1/requests/{id}/response, status=200"),
                        containsString("device_id=" + pair.phone().id() + ", request_id=" + id)));
    }

    @Test
    void aRefusalHasItsCode() {
        TestRelay relay = start();
        TestRelay.Pair pair = relay.pair();
        relay.post("/v1/requests", pair.platform(), "{").is(400);
        assertThat(call(4, "status=400"), containsString("code=invalid_json"));
        relay.call("GET", "/nowhere", NO_TOKEN, NO_BODY).is(404);
        assertThat(call(5, "status=404"), containsString("route=unmatched, status=404, code=not_found"));
    }

    @Test
    void aLongPollTellsItsWait() throws Exception {
        TestRelay relay = start();
        TestRelay.Pair session = relay.session();
        CompletableFuture<HttpAnswer> poll = relay.park("/v1/pairs/" + session.id(), session.platform());
        relay.bind(session, relay.phone()).is(200);
        poll.get().is(200);
        assertThat(calls(4).stream().filter(call -> call.contains("waited_ms=")).toList(), hasSize(1));
    }

    /** A client that goes away in the middle of its body. */
    @Test
    void aBrokenCallIsAnEventToo() {
        TestRelay relay = start();
        var _ = relay.answers("POST /v1/devices HTTP/1.1\r\nHost: r\r\nContent-Type: application/json\r\n"
                + "Content-Length: 100\r\n\r\n{");
        assertThat(calls(1), hasSize(1));
        assertThat(calls(1).getFirst(), containsString("method=POST, route=/v1/devices, aborted=true, duration_ms="));
    }

    /** Path, query, method, header fields, ids: a stranger chooses them, and none is repeated. */
    @Test
    void nothingThatAStrangerWritesIsLogged() {
        TestRelay relay = start();
        TestRelay.Pair pair = relay.pair();
        relay.get("/v1/requests/" + relay.newId() + "?x=CANARY", UNKNOWN_PLATFORM)
                .is(401);
        relay.get("/v1/pairs/pair_c0ffeec0ffee", UNKNOWN_PLATFORM).is(401);
        relay.delete("/v1/devices/CANARY", pair.phone().token()).is(401);
        relay.send("GET", "/v1/CANARY", "CANARY /v1/CANARY?CANARY HTTP/1.1\r\nHost: CANARY\r\nCANARY: CANARY\r\n\r\n");
        relay.call("GET", "/CANARY", NO_TOKEN, NO_BODY, "X-Forwarded-For: CANARY")
                .is(404);
        assertThat(calls(8), hasSize(8));
        String all = log.text();
        assertThat(all, not(containsString("CANARY")));
        assertThat(all, not(containsString("c0ffee")));
        assertThat(call(8, "method=other"), containsString("route=unmatched"));
    }

    @Test
    void healthIsNoEventUnlessAskedFor() {
        TestRelay relay = start();
        relay.get("/health", NO_TOKEN).is(200);
        relay.get("/openapi.yaml", NO_TOKEN).is(200);
        assertThat(calls(1), hasSize(1));
        log.capture(Level.ALL);
        relay.get("/health", NO_TOKEN).is(200);
        assertThat(calls(2), hasItem(containsString("FINE call http_call{method=GET, route=/health, status=200")));
    }

    @Test
    void noEntryAtWarning() {
        log.capture(Level.WARNING);
        TestRelay relay = start();
        relay.pair();
        assertThat(log.events("http_call"), hasSize(0));
    }

    /** The reason tells an operator whose fault it may be. */
    @Test
    void aBadTokenIsAWarning() {
        TestRelay relay = frozen();
        TestRelay.Pair pair = relay.pair();
        TestRelay.Pair other = relay.pair();
        relay.get("/v1/pairs/" + pair.id(), NO_TOKEN).is(401);
        relay.pass(Duration.ofSeconds(1));
        relay.get("/v1/pairs/" + pair.id(), UNKNOWN_PLATFORM).is(401);
        relay.pass(Duration.ofSeconds(1));
        relay.get("/v1/pairs/" + pair.id(), other.platform()).is(401);
        List<String> failed = log.events("auth_failed");
        assertThat(failed, hasSize(3));
        assertThat(
                failed.get(0),
                is("WARNING a token is missing or not valid for the call auth_failed{route=/v1/pairs/{id},"
                        + " reason=no_token, client=127.0.0.0/24, suppressed=0}"));
        assertThat(failed.get(1), containsString("reason=unknown_token, client"));
        assertThat(failed.get(2), containsString("reason=not_its_own, pair_id=" + other.id()));
    }

    @Test
    void aFloodIsOneWarningASecond() {
        TestRelay relay = frozen();
        for (int i = 0; i < 50; i++) {
            relay.get("/v1/pairs/pair_000000000000", NO_TOKEN).is(401);
        }
        assertThat(log.events("auth_failed"), hasSize(1));
        relay.pass(Duration.ofSeconds(1));
        relay.get("/v1/pairs/pair_000000000000", NO_TOKEN).is(401);
        assertThat(log.events("auth_failed").getLast(), containsString("suppressed=49"));
    }

    @Test
    void aWrongSecretIsAWarning() {
        TestRelay relay = frozen();
        TestRelay.Pair session = relay.session();
        TestRelay.Phone phone = relay.phone();
        relay.put(
                        "/v1/pairs/" + session.id() + "/device",
                        phone.token(),
                        "{\"secret_hash\":\"" + SECRET.replace('8', '7') + "\"}")
                .is(403);
        assertThat(
                log.events("wrong_secret").getFirst(),
                allOf(
                        containsString("pair_id=" + session.id() + ", device_id=" + phone.id()),
                        not(containsString(SECRET.substring(1, 7)))));
    }

    @Test
    void aRateLimitIsAWarningWithItsScope() {
        TestRelay relay = frozen("RATE_LIMIT_PAIR=1", "RATE_LIMIT_CLIENT=6");
        TestRelay.Pair pair = relay.pair();
        relay.submit(pair, relay.newId()).is(201);
        relay.submit(pair, relay.newId()).is(429);
        relay.pass(Duration.ofSeconds(1));
        relay.get("/v1/requests/x", NO_TOKEN).is(401);
        relay.get("/v1/requests/x", NO_TOKEN).is(429);
        List<String> limited = log.events("rate_limited");
        assertThat(limited, hasSize(2));
        assertThat(limited.get(0), containsString("scope=pair, pair_id=" + pair.id()));
        assertThat(limited.get(1), containsString("scope=client, client=127.0.0.0/24"));
    }

    @Test
    void aForwardedAddressFromAStrangerIsAWarning() {
        TestRelay relay = frozen("TRUSTED_PROXIES=10.0.0.0/8", "LOG_CLIENT=full");
        relay.call("GET", "/v1/x", NO_TOKEN, NO_BODY, "X-Forwarded-For: 198.51.100.7")
                .is(404);
        assertThat(
                log.events("forwarded_ignored").getFirst(),
                allOf(containsString("client=127.0.0.1, suppressed=0"), not(containsString("198.51"))));
        assertThat(calls(1).getFirst(), containsString("client=127.0.0.1"));
    }

    /** Behind a proxy that is not listed the share of one network is what everybody gets. */
    @Test
    void anUnlistedProxyIsNamedOnceAnHour() {
        TestRelay relay = frozen("TRUSTED_PROXIES=10.0.0.0/8", "LOG_CLIENT=full");
        for (int minute = 0; minute <= 60; minute++) {
            relay.call("GET", "/v1/x", NO_TOKEN, NO_BODY, "X-Forwarded-For: 198.51.100.7")
                    .is(404);
            relay.pass(Duration.ofMinutes(1));
        }
        assertThat(log.events("forwarded_ignored"), hasSize(61));
        List<String> hourly = log.events("proxy_untrusted");
        assertThat(hourly, hasSize(2));
        assertThat(
                hourly.getFirst(),
                allOf(
                        containsString("add it to TRUSTED_PROXIES"),
                        containsString("NETWORK_SHARE"),
                        containsString("{client=127.0.0.1, suppressed=0}"),
                        not(containsString("198.51"))));
        assertThat(hourly.getLast(), containsString("suppressed=59"));
    }

    @Test
    void theClientIsWhomATrustedProxyNames() {
        TestRelay relay = frozen("LOG_CLIENT=full");
        relay.call("GET", "/v1/x", NO_TOKEN, NO_BODY, "X-Forwarded-For: 198.51.100.7")
                .is(404);
        assertThat(calls(1).getFirst(), containsString("client=198.51.100.7"));
        assertThat(log.events("forwarded_ignored"), hasSize(0));
    }

    @Test
    void noClientIfNotWanted() {
        TestRelay relay = frozen("LOG_CLIENT=none");
        relay.get("/v1/requests/x", NO_TOKEN).is(401);
        assertThat(calls(1).toString() + log.events("auth_failed"), not(containsString("client=")));
    }

    @Test
    void aRefusedRegistrationIsAWarning() {
        TestRelay relay = frozen("REGISTRATION_KEY=correct-horse-battery-staple");
        relay.post("/v1/pairs", "wrong-horse-battery-staple", "{}").is(401);
        assertThat(log.events("registration_refused"), hasSize(1));
        assertThat(log.events("auth_failed"), hasSize(0));
        assertThat(log.text(), not(containsString("horse")));
    }
}
