package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.relay.TestRelay.UNKNOWN_PLATFORM;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.testing.HttpAnswer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Floods of calls, at every rate limit. */
@SuppressWarnings("CanonicalDuration") // seconds, as the protocol counts
class HardeningRatesTest extends Hardening {
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
            relay.get("/openapi.yaml", NO_TOKEN).is(429, "rate_limited");
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
}
