package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.relay.TestRelay.UNKNOWN_PLATFORM;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Request lines and header fields in other forms than the strict one, and what comes after a request. */
@SuppressWarnings("StringConcatToTextBlock") // CR and LF are to be seen
class HardeningSyntaxTest extends HardeningWire {
    /** A header field continued on the next line. */
    @Test
    void foldedFields() {
        TestRelay relay = start();
        refused(relay, POST + "Transfer-Encoding:\r\n chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
        refused(relay, POST + "X-A: b\r\n\tContent-Length: 2\r\n\r\n{}");
        refused(relay, "POST /v1/devices HTTP/1.1\r\n Host: r\r\nContent-Length: 2\r\n\r\n{}");
    }

    /** Fields with a space before the colon, without a name, without a colon, with controls in them. */
    @Test
    void crookedFields() {
        TestRelay relay = start();
        for (String field : List.of(
                "Content-Length : 2",
                "Content-Length\t: 2",
                "Content-Length",
                "Content\u0000-Length: 2",
                "X-A: a\u0000b",
                "X-A: a\rb",
                "Content Length: 2",
                "X-\u00e9: 1",
                "X(A): 1",
                "X-A: \u0008",
                "X-A: \u007f")) {
            refused(relay, POST + field + "\r\n\r\n{}");
        }
    }

    /** Lines that end in LF alone. */
    @Test
    void bareLineFeeds() {
        TestRelay relay = start();
        refused(relay, "GET /health HTTP/1.1\nHost: r\n\n");
        refused(relay, "GET /health HTTP/1.1\r\nHost: r\nX-A: b\r\n\r\n");
        refused(relay, "POST /v1/devices HTTP/1.1\r\nHost: r\r\nX-A: b\nContent-Length: 2\r\n\r\n{}");
    }

    /** Request lines that are none. */
    @Test
    void crookedRequestLines() {
        TestRelay relay = start();
        for (String line : List.of(
                "GET",
                "GET /health",
                " GET /health HTTP/1.1",
                "GET  /health HTTP/1.1",
                "GET /health  HTTP/1.1",
                "GET /health HTTP/1.1 ",
                "GET\t/health\tHTTP/1.1",
                "GET /hea lth HTTP/1.1",
                "/health HTTP/1.1",
                "G\u0000T /health HTTP/1.1",
                "G@T /health HTTP/1.1",
                "GET /health\u0000 HTTP/1.1",
                "GET \\health HTTP/1.1",
                "GET  HTTP/1.1",
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001")) {
            List<HttpAnswer> answers = relay.answers(line + "\r\nHost: r\r\n\r\n" + SMUGGLED);
            assertThat(line + " " + answers, answers.size(), lessThan(2));
            for (HttpAnswer answer : answers) {
                answer.is(400, "malformed_http");
                assertThat(answer.headers("Connection"), is(List.of("close")));
            }
        }
    }

    /** Some clients send one after a body; RFC 9112, section 2.2. */
    @Test
    void anEmptyLineBeforeARequest() throws IOException {
        TestRelay relay = start();
        String health = "GET /health HTTP/1.1\r\nHost: r\r\n\r\n";
        String post = "POST /v1/devices HTTP/1.1\r\nHost: r\r\nContent-Type: application/json\r\n";
        String length = post + "Content-Length: 2\r\n\r\n{}";
        String chunks = post + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
        for (String two : List.of(
                "\r\n" + health + "\r\n" + health,
                length + "\r\n" + health,
                chunks + "\r\n" + health,
                "\r\n" + length + "\r\n" + chunks)) {
            List<HttpAnswer> answers = relay.answers(two);
            assertThat(two + answers, answers.size(), is(2));
            answers.forEach(answer -> assertThat(two, answer.status() / 100, is(2)));
        }
        try (RawClient wire = new RawClient(relay.port())) {
            wire.send(health).answer().is(200);
            wire.send("\r\n");
            wire.send(health).answer().is(200);
            wire.send("\r\n" + length).answer().is(201);
        }
        for (String wrong : List.of("\r\n\r\n", "\n", "\r", " \r\n", "\r\n\n", "\r\n \r\n")) {
            List<HttpAnswer> answers = relay.answers(wrong + health);
            assertThat(answers.size(), is(1));
            answers.getFirst().is(400, "malformed_http");
        }
    }

    /** No host, and two of them: caches and proxies pick one. */
    @Test
    void crookedHosts() {
        TestRelay relay = start();
        refused(relay, "GET /health HTTP/1.1\r\n\r\n");
        refused(relay, "GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
        refused(relay, "GET /health HTTP/1.1\r\nHost: a b\r\n\r\n");
        refused(relay, "GET /health HTTP/1.1\r\nHost: a/b\r\n\r\n");
    }

    /** Other versions, and the beginning of HTTP/2. */
    @Test
    void otherVersions() {
        TestRelay relay = start();
        for (String version : List.of(
                "HTTP/2.0",
                "HTTP/2",
                "HTTP/0.9",
                "HTTP/1.2",
                "HTTP/3",
                "HTTP/11",
                "http/1.1",
                "HTTP/1.1.1",
                "HTCPCP/1.0",
                "HTTP/-1.1")) {
            List<HttpAnswer> answers = relay.answers("GET /health " + version + "\r\nHost: r\r\n\r\n" + SMUGGLED);
            assertThat(version + " " + answers, answers.size(), is(1));
            assertThat(
                    version + " " + answers,
                    List.of(400, 505).contains(answers.getFirst().status()),
                    is(true));
            assertThat(answers.getFirst().headers("Connection"), is(List.of("close")));
        }
        refusedVersion(relay, "GET /v1/about HTTP/1.0\r\n\r\n");
        refusedVersion(relay, "POST /health HTTP/1.0\r\n\r\n");
        refusedVersion(relay, "GET /health/ HTTP/1.0\r\n\r\n");
        refusedVersion(relay, "GET / HTTP/1.0\r\n\r\n");
        refusedVersion(relay, "OPTIONS /v1/about HTTP/1.0\r\n\r\n");
        List<HttpAnswer> preface = relay.answers("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0\0\0\4\0\0\0\0\0");
        assertThat(preface.size(), is(1));
        assertThat(List.of(400, 505).contains(preface.getFirst().status()), is(true));
    }

    private static void refusedVersion(TestRelay relay, String request) {
        List<HttpAnswer> answers = relay.answers(request + SMUGGLED);
        assertThat(request, answers.size(), is(1));
        answers.getFirst().is(505, "http_version_not_supported");
    }

    /** Health checks of proxies that need no Host and no connection beyond the answer. */
    @Test
    void healthInTheOldVersion() {
        TestRelay relay = start();
        for (String end : List.of("\r\n\r\n", "\r\nHost: r\r\nConnection: keep-alive\r\n\r\n")) {
            List<HttpAnswer> answers = relay.answers("GET /health HTTP/1.0" + end + SMUGGLED);
            assertThat(answers.size(), is(1));
            assertThat(answers.getFirst().is(200).text("status"), is("ok"));
            assertThat(answers.getFirst().headers("Connection"), is(List.of("close")));
        }
        for (String line : List.of("HEAD /health", "OPTIONS /health", "OPTIONS /")) {
            List<HttpAnswer> answers = relay.answers(line + " HTTP/1.0\r\n\r\n");
            assertThat(answers.size(), is(1));
            assertThat(answers.getFirst().is(200).body(), is(""));
        }
    }

    /** Upgrades that nobody has asked this relay for. */
    @Test
    void upgrades() {
        TestRelay relay = start();
        for (String upgrade : List.of(
                "h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\nConnection: Upgrade, HTTP2-Settings",
                "websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        + "Connection: Upgrade",
                "TLS/1.2\r\nConnection: upgrade")) {
            List<HttpAnswer> answers =
                    relay.answers("GET /health HTTP/1.1\r\nHost: r\r\nUpgrade: " + upgrade + "\r\n\r\n");
            assertThat(answers.stream().map(HttpAnswer::status).toList(), is(List.of(200)));
        }
    }

    /** A target with another authority, for whoever decides by the target and not by the host. */
    @Test
    void otherForms() {
        TestRelay relay = start();
        for (String target : List.of(
                "http://169.254.169.254/health",
                "https://evil.example/v1/pairs",
                "ftp://x/y",
                "*",
                "evil.example:443",
                "//evil.example/health",
                "evil:443",
                "a:b",
                "http://",
                "http:",
                "http://%00/",
                "x",
                "?",
                "#",
                "%",
                ":",
                "file:///etc/passwd")) {
            for (String method : List.of("GET", "OPTIONS", "CONNECT")) {
                for (HttpAnswer answer : relay.answers(method + " " + target + " HTTP/1.1\r\nHost: r\r\n\r\n")) {
                    assertThat(method + " " + target + " " + answer, answer.status() < 500, is(true));
                    assertThat(answer.body(), not(containsString("evil")));
                }
            }
        }
    }

    /**
     * A body that looks like a request, sent where nobody reads bodies: the next answer must be to the next request.
     */
    @Test
    void unreadBodiesAreNoRequests() {
        TestRelay relay = start();
        String body = SMUGGLED.repeat(3);
        String length = "Content-Length: " + body.length() + "\r\n";
        String chunks = "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(body.length()) + "\r\n" + body
                + "\r\n0\r\n\r\n";
        Pair pair = relay.pair();
        String mine = "Host: r\r\nAuthorization: Bearer " + pair.platform() + "\r\n";
        for (String start : List.of(
                "POST /v1/requests HTTP/1.1\r\nHost: r\r\n", // 401
                "POST /v1/pairs HTTP/1.1\r\nHost: r\r\nContent-Type: text/plain\r\n", // 415
                "PUT /v1/pairs HTTP/1.1\r\nHost: r\r\n", // 405
                "POST /nowhere HTTP/1.1\r\nHost: r\r\n", // 404
                "GET /health HTTP/1.1\r\nHost: r\r\n",
                "GET /v1/pairs/" + pair.id() + " HTTP/1.1\r\n" + mine,
                "GET /v1/pairs/" + pair.id() + "?wait=x HTTP/1.1\r\n" + mine,
                "DELETE /v1/requests/x HTTP/1.1\r\n" + mine)) {
            for (String request : List.of(start + length + "\r\n" + body, start + chunks)) {
                List<HttpAnswer> answers = relay.answers(request + HEALTH);
                assertThat(request + " " + answers, answers.size(), is(2));
                assertThat(answers.getLast().body(), is("{\"status\":\"ok\"}"));
            }
        }
    }

    /** Requests sent ahead, more than one at a time: each gets its own answer, in order. */
    @Test
    void pipelining() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            requests.append(new String(
                    TestRelay.request("GET", "/v1/requests/" + id, pair.platform(), NO_BODY),
                    StandardCharsets.ISO_8859_1));
            requests.append(new String(
                    TestRelay.request("GET", "/v1/requests/" + id, UNKNOWN_PLATFORM, NO_BODY),
                    StandardCharsets.ISO_8859_1));
            requests.append(
                    new String(TestRelay.request("POST", "/v1/devices", NO_TOKEN, "{}"), StandardCharsets.ISO_8859_1));
        }
        List<Integer> statuses = relay.answers(requests.toString()).stream()
                .map(HttpAnswer::status)
                .toList();
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            expected.addAll(List.of(200, 401, 201));
        }
        assertThat(statuses, is(expected));
    }

    /**
     * HEAD, whose answer has no body: whoever keeps the connection would take one for the beginning of the next answer.
     */
    @Test
    void headHasNoBody() throws IOException {
        TestRelay relay = start();
        for (String path : List.of("/health", "/openapi.yaml", "/v1/about", "/v1/nothing", "/nothing")) {
            try (RawClient wire = relay.connect()) {
                wire.send("HEAD " + path + " HTTP/1.1\r\nHost: r\r\n\r\n" + HEALTH);
                HttpAnswer head = wire.answer("HEAD");
                assertThat(path, Integer.parseInt(head.header("Content-Length").orElse("0")), greaterThan(0));
                assertThat(path, wire.answer().is(200).body(), is("{\"status\":\"ok\"}"));
            }
        }
    }
}
