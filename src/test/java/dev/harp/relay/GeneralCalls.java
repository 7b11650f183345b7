package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.testing.HttpAnswer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Sections 3, 9 and 12. */
@SuppressWarnings({"CanonicalDuration", "StringConcatToTextBlock"}) // seconds, as the protocol counts
abstract class GeneralCalls extends RequestCalls {
    // --- 3, 9, 12 ---

    /** 9.3, 9.2 */
    @Test
    void rateLimitFields() {
        TestRelay relay = frozen("RATE_LIMIT_CLIENT=100", "RATE_LIMIT_PAIR=10");
        HttpAnswer device = relay.post("/v1/devices", NO_TOKEN, "{}").is(201);
        assertThat(device.header("RateLimit-Policy").orElse(""), is("\"client\";q=100;w=60"));
        assertThat(device.header("RateLimit").orElse(""), startsWith("\"client\";r=99;t="));
        Pair pair = relay.pair();
        HttpAnswer submitted = relay.submit(pair, relay.newId()).is(201);
        assertThat(submitted.header("RateLimit-Policy").orElse(""), is("\"client\";q=100;w=60, \"pair\";q=10;w=60"));
        assertThat(submitted.header("RateLimit").orElse(""), containsString(", \"pair\";r=9;t="));
        HttpAnswer health = relay.get("/health", NO_TOKEN).is(200);
        assertThat(health.header("RateLimit").isPresent(), is(false));
        assertThat(
                start().post("/v1/devices", NO_TOKEN, "{}").header("RateLimit").isPresent(), is(false));
    }

    /** 9.3: {@code t} is the seconds after which more is available, and something is gone. */
    @Test
    void rateLimitSaysWhenMoreIsAvailable() {
        TestRelay relay = frozen("RATE_LIMIT_CLIENT=100");
        assertThat(relay.post("/v1/devices", NO_TOKEN, "{}").header("RateLimit").orElse(""), is("\"client\";r=99;t=1"));
    }

    /** 12.1, 12.2 */
    @Test
    void documents() {
        TestRelay limited = frozen("RATE_LIMIT_CLIENT=1");
        limited.get("/openapi.yaml", NO_TOKEN).is(200);
        limited.get("/openapi.yaml", NO_TOKEN).is(429, "rate_limited");
        for (int i = 0; i < 3; i++) {
            assertThat(limited.get("/health", NO_TOKEN).is(200).body(), is("{\"status\":\"ok\"}"));
            limited.call("HEAD", "/health", NO_TOKEN, NO_BODY).is(200);
        }
        TestRelay relay = start();
        HttpAnswer description = relay.get("/openapi.yaml", NO_TOKEN).is(200);
        assertThat(description.body(), startsWith("openapi: 3.1.0"));
        String known = "If-None-Match: " + description.header("ETag").orElse("");
        assertThat(
                relay.call("GET", "/openapi.yaml", NO_TOKEN, NO_BODY, known)
                        .is(304)
                        .body(),
                is(""));
        relay.call("HEAD", "/openapi.yaml", NO_TOKEN, NO_BODY, known).is(304);
        relay.call("HEAD", "/openapi.yaml", NO_TOKEN, NO_BODY).is(200);
        for (String path : List.of("/health", "/openapi.yaml")) {
            assertThat(
                    relay.call("OPTIONS", path, NO_TOKEN, NO_BODY)
                            .is(405, "method_not_allowed")
                            .header("Allow")
                            .orElse(""),
                    is("GET, HEAD"));
            relay.call("POST", path, NO_TOKEN, "{}").is(405, "method_not_allowed");
        }
    }

    /** 12.3 */
    @Test
    void about() {
        TestRelay trusting = start("TRUSTED_PROXIES=127.0.0.1", "RATE_LIMIT_CLIENT=100");
        HttpAnswer direct = trusting.get("/v1/about", NO_TOKEN).is(200);
        assertThat(direct.number("time"), is(TestRelay.START.getEpochSecond()));
        assertThat(direct.text("client_address") + " " + direct.text("forwarded"), is("127.0.0.1 none"));
        assertThat(direct.header("RateLimit").isPresent(), is(true));
        assertThat(direct.json().keySet(), is(Set.of("time", "client_address", "forwarded", "app", "limits")));
        assertThat(direct.json().getBoolean("app"), is(true));
        assertThat(seen(trusting, "203.0.113.7"), is("203.0.113.7 used"));
        assertThat(seen(trusting, "2001:DB8::7"), is("2001:db8:0:0:0:0:0:7 used"));
        assertThat(seen(trusting, "198.51.100.1, 203.0.113.7, 127.0.0.1"), is("203.0.113.7 used"));
        assertThat(seen(trusting, "<script>"), is("127.0.0.1 used"));
        assertThat(seen(start("TRUSTED_PROXIES=192.0.2.1"), "203.0.113.7"), is("127.0.0.1 ignored"));
    }

    private static String seen(TestRelay relay, String forwarded) {
        HttpAnswer answer = relay.call("GET", "/v1/about", NO_TOKEN, NO_BODY, "X-Forwarded-For: " + forwarded)
                .is(200);
        return answer.text("client_address") + " " + answer.text("forwarded");
    }

    /** 3.5 */
    @Test
    void methodsAndPaths() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        record Path(String path, String allow) {}
        for (Path path : List.of(
                new Path("/v1/about", "GET"),
                new Path("/v1/pairs", "POST"),
                new Path("/v1/pairs/" + pair.id(), "DELETE, GET"),
                new Path("/v1/pairs/" + pair.id() + "/device", "PUT"),
                new Path("/v1/pairs/" + pair.id() + "/token", "POST"),
                new Path("/v1/devices/" + pair.phone().id() + "/token", "POST"),
                new Path("/v1/pairs/" + pair.id() + "/events", "GET"),
                new Path("/v1/devices", "POST"),
                new Path("/v1/devices/" + pair.phone().id(), "DELETE, GET, PATCH"),
                new Path("/v1/devices/" + pair.phone().id() + "/requests", "GET"),
                new Path("/v1/devices/" + pair.phone().id() + "/events", "GET"),
                new Path("/v1/requests", "POST"),
                new Path("/v1/requests/x", "DELETE, GET"),
                new Path("/v1/requests/x/response", "PUT"))) {
            for (String method : List.of("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO")) {
                if (!path.allow().contains(method)) {
                    HttpAnswer answer =
                            relay.call(method, path.path(), NO_TOKEN, NO_BODY).is(405);
                    assertThat(
                            answer.header("Allow")
                                    .map(allow -> Arrays.stream(allow.split(", "))
                                            .sorted()
                                            .collect(Collectors.joining(", ")))
                                    .orElse(""),
                            is(path.allow()));
                }
            }
        }
        for (String path : List.of("/v1", "/v1/", "/v1/pair", "/v1/pairs/x/y", "/v2/pairs", "/metrics")) {
            relay.get(path, NO_TOKEN).is(404, "not_found");
        }
    }

    /** 3.7: what every answer carries; {@link OpenApiCheck} looks at it in every call of every test. */
    @Test
    void nothingIsCached() {
        TestRelay relay = start();
        for (HttpAnswer answer : List.of(
                relay.post("/v1/devices", NO_TOKEN, "{}"),
                relay.get("/v1/requests/x", NO_TOKEN),
                relay.get("/v1/x", NO_TOKEN),
                relay.call("PUT", "/v1/pairs", NO_TOKEN, NO_BODY))) {
            assertThat(answer.header("Cache-Control").orElse(""), is("no-store"));
        }
    }

    /** 11.2 and the description agree on the table, and each example fits its schema. */
    @Test
    void description() {
        assertThat(OpenApiCheck.API.wrongExamples(), is(empty()));
        Set<String> described = OpenApiCheck.API.described().stream()
                .map(answer -> answer.substring(answer.lastIndexOf(' ') + 1))
                .collect(Collectors.toCollection(TreeSet::new));
        described.remove("-");
        Set<String> known = Arrays.stream(dev.harp.relay.protocol.ErrorCode.values())
                .map(dev.harp.relay.protocol.ErrorCode::code)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(new TreeSet<>(OpenApiCheck.API.codes()), is(known));
        known.removeAll(Set.of("not_found", "method_not_allowed")); // of no operation
        assertThat(described, is(known));
    }
}
