package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.testing.HttpAnswer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What browsers are told ({@code docs/protocol.md}, section 16). */
@Timeout(300)
class CorsTest {
    private static final String APP = "https://app.example.org";

    private static Optional<String> origin(HttpAnswer answer) {
        return answer.header("Access-Control-Allow-Origin");
    }

    private static HttpAnswer preflight(TestRelay relay, String path, String origin) {
        return relay.call(
                "OPTIONS",
                path,
                NO_TOKEN,
                NO_BODY,
                "Origin: " + origin,
                "Access-Control-Request-Method: GET",
                "Access-Control-Request-Headers: authorization, last-event-id");
    }

    /** Off unless asked for: no answer has anything of it, and OPTIONS is a method like others. */
    @Test
    void offByDefault() {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.pair();
            preflight(relay, "/v1/pairs/" + pair.id(), APP).is(405, "method_not_allowed");
            HttpAnswer answer = relay.call("GET", "/v1/pairs/" + pair.id(), pair.platform(), NO_BODY, "Origin: " + APP)
                    .is(200);
            assertThat(String.join("\n", answer.lines()).contains("Access-Control"), is(false));
            assertThat(answer.header("Vary").isPresent(), is(false));
        }
    }

    /** Whatever the answer is, a page of a listed origin can read it; and nobody is told of credentials. */
    @Test
    void listedOriginReadsEverything() {
        try (TestRelay relay = TestRelay.start("CORS_ORIGINS=http://localhost:3000, " + APP + ":443", "MAX_STREAM=1")) {
            Pair pair = relay.pair();
            for (HttpAnswer answer : List.of(
                    relay.call("GET", "/v1/pairs/" + pair.id(), pair.platform(), NO_BODY, "Origin: " + APP)
                            .is(200),
                    relay.call("GET", "/v1/pairs/" + pair.id(), NO_TOKEN, NO_BODY, "Origin: " + APP)
                            .is(401),
                    relay.call("GET", "/v1/nothing", NO_TOKEN, NO_BODY, "Origin: " + APP)
                            .is(404),
                    relay.call("PUT", "/v1/pairs", NO_TOKEN, NO_BODY, "Origin: " + APP)
                            .is(405),
                    relay.call("POST", "/v1/devices", NO_TOKEN, "[]", "Origin: " + APP)
                            .is(400),
                    relay.call("GET", "/health", NO_TOKEN, NO_BODY, "Origin: " + APP)
                            .is(200),
                    relay.call("GET", "/nothing", NO_TOKEN, NO_BODY, "Origin: " + APP)
                            .is(404),
                    relay.call(
                                    "GET",
                                    "/v1/devices/" + pair.phone().id() + "/events",
                                    pair.phone().token(),
                                    NO_BODY,
                                    "Origin: " + APP)
                            .is(200))) {
                assertThat(origin(answer), is(Optional.of(APP)));
                assertThat(answer.header("Vary").orElse(""), is("Origin"));
                assertThat(answer.header("Access-Control-Expose-Headers").orElse(""), containsString("Retry-After"));
                assertThat(answer.header("Access-Control-Allow-Credentials").isPresent(), is(false));
            }
        }
    }

    /** Refusals of the limits can be read, too; the question before the call is none. */
    @Test
    void limitedCallsCanBeRead() {
        try (TestRelay relay = TestRelay.frozen("CORS_ORIGINS=" + APP, "RATE_LIMIT_CLIENT=1")) {
            for (int i = 0; i < 5; i++) {
                preflight(relay, "/v1/devices", APP).is(204);
            }
            relay.call("POST", "/v1/devices", NO_TOKEN, "{}", "Origin: " + APP).is(201);
            HttpAnswer limited = relay.call("POST", "/v1/devices", NO_TOKEN, "{}", "Origin: " + APP)
                    .is(429, "rate_limited");
            assertThat(origin(limited), is(Optional.of(APP)));
            preflight(relay, "/v1/devices", APP).is(204);
        }
    }

    /** An origin that only looks like a listed one is not told anything; the call itself is answered as ever. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://app.example.org.evil.example",
                "https://evil.example/https://app.example.org",
                "https://xapp.example.org",
                "http://app.example.org",
                "https://app.example.org:8443",
                "https://APP.example.org",
                "https://app.example.org/",
                "https://app.example.org,https://evil.example",
                "https://app.example.org https://evil.example",
                "null",
                "*",
                "file://",
                "x"
            })
    void otherOriginsAreToldNothing(String origin) {
        try (TestRelay relay = TestRelay.start("CORS_ORIGINS=" + APP)) {
            HttpAnswer answer = relay.call("POST", "/v1/devices", NO_TOKEN, "{}", "Origin: " + origin)
                    .is(201);
            assertThat(origin(answer), is(Optional.empty()));
            assertThat(answer.header("Vary").orElse(""), is("Origin"));
            assertThat(origin(preflight(relay, "/v1/devices", origin).is(405)), is(Optional.empty()));
        }
    }

    /** Two origins are none. */
    @Test
    void originTwice() {
        try (TestRelay relay = TestRelay.start("CORS_ORIGINS=" + APP)) {
            HttpAnswer answer = relay.call(
                            "POST", "/v1/devices", NO_TOKEN, "{}", "Origin: " + APP, "Origin: https://evil.example")
                    .is(201);
            assertThat(origin(answer), is(Optional.empty()));
        }
    }

    /** All that a path has is allowed, and nothing beside it. */
    @Test
    void preflightSaysWhatAPathHas() {
        try (TestRelay relay = TestRelay.start("CORS_ORIGINS=" + APP)) {
            HttpAnswer answer = preflight(relay, "/v1/requests/x", APP).is(204);
            assertThat(origin(answer), is(Optional.of(APP)));
            assertThat(answer.header("Access-Control-Allow-Methods").orElse(""), is("DELETE, GET"));
            assertThat(
                    answer.header("Access-Control-Allow-Headers").orElse(""),
                    is("Authorization, Content-Type, Last-Event-ID, traceparent, tracestate, baggage, sentry-trace,"
                            + " X-Requested-With"));
            assertThat(answer.header("Access-Control-Max-Age").orElse(""), is("7200"));
            assertThat(answer.header("Access-Control-Allow-Credentials").isPresent(), is(false));
            preflight(relay, "/v1/nothing", APP).is(404);
            // Without the browser's question it is a method that no path has.
            relay.call("OPTIONS", "/v1/devices", NO_TOKEN, NO_BODY, "Origin: " + APP)
                    .is(405);
        }
    }

    /** Their pages have no host, and so a scheme of their own. */
    @Test
    void packagedAppsHaveOrigins() {
        List<String> apps = List.of(
                "capacitor://localhost",
                "tauri://localhost",
                "http://tauri.localhost",
                "ionic://localhost",
                "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
                "moz-extension://8c2c71f5-1f0e-4d4e-9b1e-0a6b4c2d9f10",
                "http://my_service:3000");
        try (TestRelay relay = TestRelay.start("CORS_ORIGINS=" + String.join(", ", apps))) {
            for (String app : apps) {
                assertThat(origin(preflight(relay, "/v1/devices", app).is(204)), is(Optional.of(app)));
            }
            preflight(relay, "/v1/devices", "capacitor://other").is(405);
        }
    }

    /** All may read, and still nobody's cookies count: then it is the star itself, the same for everybody. */
    @Test
    void starNeverMeetsCredentials() {
        try (TestRelay relay = TestRelay.start("CORS_ORIGINS=*")) {
            for (String from : List.of(APP, "null")) {
                HttpAnswer answer = relay.call("POST", "/v1/devices", NO_TOKEN, "{}", "Origin: " + from)
                        .is(201);
                assertThat(origin(answer), is(Optional.of("*")));
                assertThat(answer.header("Vary").isPresent(), is(false));
                assertThat(answer.header("Access-Control-Allow-Credentials").isPresent(), is(false));
                assertThat(origin(preflight(relay, "/v1/devices", from).is(204)), is(Optional.of("*")));
            }
        }
    }
}
