package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.http.api.AppFiles;
import dev.harp.relay.outbound.Post;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import dev.harp.testing.TestApp;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docs/protocol.md}, section 12.4, at a whole relay. */
class AppTest extends WithRelay {
    private static boolean told(TestRelay relay) {
        return relay.get("/v1/about", NO_TOKEN).is(200).json().getBoolean("app");
    }

    @Test
    void theAppIsServedUnlessItIsSwitchedOff() {
        TestRelay on = start();
        assertThat(on.get("/app/", NO_TOKEN).is(200).body(), is(TestApp.INDEX));
        assertThat(told(on), is(true));

        TestRelay off = start("APP=off");
        for (String path : List.of("/", "/app", "/app/", "/app/sw.js", "/app/hashes.json")) {
            off.get(path, NO_TOKEN).is(404, "not_found");
        }
        assertThat(told(off), is(false));
    }

    @Test
    void aRelayThatWasBuiltWithoutSaysWhy() {
        AppFiles missing = TestApp.missing("it needs Node 20.19 or newer with npm, and there is none.");
        try (TestRelay relay = TestRelay.start(new TestRelay.Outside(_ -> List.of(), Post.publicTrust(), missing))) {
            for (String path : List.of("/app", "/app/")) {
                HttpAnswer answer = relay.get(path, NO_TOKEN).is(404);
                assertThat(
                        answer.body(),
                        is("This relay was built without the approver's app: it needs Node 20.19 or newer with npm,"
                                + " and there is none. To have it here, install Node 20.19 or newer with npm, build the"
                                + " relay again (./mvnw -q -DskipTests package), and start it again.\n"));
                assertThat(answer.header("Content-Type").orElseThrow(), is("text/plain; charset=utf-8"));
            }
            for (String path : List.of("/", "/app/sw.js", "/app/hashes.json", "/app/missing.txt")) {
                relay.get(path, NO_TOKEN).is(404, "not_found");
            }
            assertThat(told(relay), is(false));
            relay.assertWell();
        }
    }

    /** A page of many files must not use up the calls of an office behind one address. */
    @Test
    void filesHaveARateLimitOfTheirOwn() {
        TestRelay relay = frozen("RATE_LIMIT_CLIENT=2");
        for (int i = 0; i < 6; i++) {
            relay.get("/app/nothing", NO_TOKEN).is(404);
            relay.get("/", NO_TOKEN).is(302);
            HttpAnswer page = relay.get("/app/", NO_TOKEN).is(200);
            assertThat(page.header("RateLimit-Policy").orElse(""), is("\"files\";q=20;w=60"));
        }
        relay.get("/v1/about", NO_TOKEN).is(200);
        relay.get("/v1/about", NO_TOKEN).is(200);
        relay.get("/v1/about", NO_TOKEN).is(429, "rate_limited");
        relay.get("/app/", NO_TOKEN).is(200);
        relay.get("/app/", NO_TOKEN).is(200);
        HttpAnswer refused = relay.get("/app/", NO_TOKEN).is(429, "rate_limited");
        assertThat(refused.text("detail"), is("At most 20 files of one client address a minute are allowed."));
    }

    @Test
    void originsAreAnotherReasonToVary() {
        TestRelay relay = start("CORS_ORIGINS=https://app.example.org");
        HttpAnswer answer = relay.call("GET", "/app/", NO_TOKEN, NO_BODY, "Origin: https://app.example.org")
                .is(200);
        assertThat(
                answer.headers("Vary").stream()
                        .flatMap(value -> List.of(value.split(", ?")).stream())
                        .toList(),
                contains("Accept-Encoding", "Origin"));
    }

    /** Nobody reads a file of the app with a body, so one is never waited for. */
    @Test
    void aBodyThatNeverComesHoldsNothing() throws IOException {
        TestRelay relay = start();
        try (RawClient client = relay.connect()) {
            client.send("GET /app/ HTTP/1.1\r\nHost: relay\r\nContent-Length: 100000\r\n\r\n");
            assertThat(client.answer().is(200).body(), is(TestApp.INDEX));
        }
    }
}
