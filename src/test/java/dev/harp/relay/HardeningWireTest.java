package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.relay.TestRelay.UNKNOWN_PLATFORM;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Hostile HTTP: messages that two programs would read differently, slow ones, huge ones, and connections that are left
 * behind.
 */
@SuppressWarnings("StringConcatToTextBlock") // CR and LF are to be seen
class HardeningWireTest extends WithRelay {
    private static final String POST = "POST /v1/devices HTTP/1.1\r\nHost: r\r\nContent-Type: application/json\r\n";
    private static final String SMUGGLED = "GET /openapi.yaml HTTP/1.1\r\nHost: r\r\n\r\n";
    private static final String HEALTH = "GET /health HTTP/1.1\r\nHost: r\r\n\r\n";

    /** Refused, as the only answer, with the end of the connection: nothing of what follows is taken for a request. */
    private static void refused(TestRelay relay, String message) {
        List<HttpAnswer> answers = relay.answers(message + SMUGGLED);
        assertThat(
                message + " -> " + answers,
                answers.stream().map(HttpAnswer::status).toList(),
                is(List.of(400)));
        assertThat(message, answers.getFirst().code(), is("malformed_http"));
        assertThat(message, answers.getFirst().headers("Connection"), is(List.of("close")));
    }

    // --- where does the message end? ---

    /** A length and chunks: the front end believes one, the back end the other. */
    @Test
    void lengthAndChunks() {
        TestRelay relay = start();
        refused(relay, POST + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
        refused(relay, POST + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}");
        refused(relay, POST + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n");
    }

    /** Two lengths. */
    @Test
    void twoLengths() {
        TestRelay relay = start();
        refused(relay, POST + "Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}");
        refused(relay, POST + "Content-Length: 40\r\nContent-Length: 2\r\n\r\n{}");
        refused(relay, POST + "Content-Length: 2, 40\r\n\r\n{}");
        refused(relay, POST + "Content-Length: 2,2\r\n\r\n{}");
    }

    /** Lengths that lenient number parsers read. */
    @Test
    void crookedLengths() {
        TestRelay relay = start();
        for (String length : List.of(
                "+2",
                "-2",
                "-0",
                "0x2",
                "2.0",
                "2e0",
                "",
                " ",
                "2 2",
                "2;",
                "two",
                "\u00b2",
                "99999999999999999999",
                "9223372036854775808",
                "18446744073709551618")) {
            refused(relay, POST + "Content-Length: " + length + "\r\n\r\n{}");
        }
    }

    /** Codings that one reader takes for chunks, and another does not. */
    @Test
    void crookedTransferEncodings() {
        TestRelay relay = start();
        for (String coding : List.of(
                "xchunked",
                "chunked, identity",
                "identity",
                "gzip, chunked",
                "chunked, chunked",
                "chunked;x=y",
                "\"chunked\"",
                "chunked\u000b",
                "",
                "identity, chunked",
                "chun\tked")) {
            refused(relay, POST + "Transfer-Encoding: " + coding + "\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
        }
        refused(relay, POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
        refused(relay, POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
        List<HttpAnswer> answers =
                relay.answers(POST + "Transfer-Encoding: Chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + HEALTH);
        assertThat(answers.stream().map(HttpAnswer::status).toList(), is(List.of(201, 200)));
    }

    /** Chunk sizes that lenient number parsers read, and chunks longer than they say. */
    @Test
    void crookedChunks() {
        TestRelay relay = start();
        String chunked = POST + "Transfer-Encoding: chunked\r\n\r\n";
        for (String size : List.of(
                "-2",
                "0x2",
                "2 ",
                " 2",
                "",
                "g",
                "2.",
                "ffffffffffffffff",
                "8000000000000000",
                "100000002",
                "2\u0000",
                "\u0662")) {
            refused(relay, chunked + size + "\r\n{}\r\n0\r\n\r\n");
        }
        refused(relay, chunked + "2\n{}\r\n0\r\n\r\n");
        refused(relay, chunked + "2\r\n{}0\r\n\r\n");
        refused(relay, chunked + "1\r\n{}\r\n0\r\n\r\n");
    }

    /** Extensions and trailers are legal and of no use: Helidon refuses both, so nobody can hide anything in them. */
    @Test
    void chunkExtensionsAndTrailers() {
        TestRelay relay = start();
        String chunked = "Transfer-Encoding: chunked\r\n\r\n";
        refused(relay, POST + chunked + "2;x=y\r\n{}\r\n0\r\n\r\n");
        refused(relay, POST + chunked + "2;" + "x".repeat(5000) + "\r\n{}\r\n0\r\n\r\n");
        refused(relay, POST + chunked + "2\r\n{}\r\n0\r\nX-A: b\r\n\r\n");
        Pair pair = relay.pair();
        String credential = "Authorization: Bearer " + pair.platform() + "\r\n\r\n";
        for (HttpAnswer answer : relay.answers("DELETE /v1/pairs/" + pair.id() + " HTTP/1.1\r\nHost: r\r\n" + chunked
                + "0\r\n" + credential + HEALTH)) {
            assertThat(answer.status(), not(204));
        }
        relay.get("/v1/pairs/" + pair.id(), pair.platform()).is(200);
    }

    /** What Helidon 4.5 reads although it is malformed, and a proxy may read otherwise; the first is well-formed. */
    @Test
    void leniencies() {
        TestRelay relay = start();
        String chunked = POST + "Transfer-Encoding: chunked\r\n\r\n";
        List<HttpAnswer> answers = relay.answers(chunked + "0002\r\n{}\r\n000\r\n\r\n" + HEALTH);
        assertThat(answers.stream().map(HttpAnswer::status).toList(), is(List.of(201, 200)));
        for (String message : List.of(
                chunked + "+2\r\n{}\r\n0\r\n\r\n",
                chunked + "2\r\n{}XX0\r\n\r\n",
                chunked + "2\r\n{}\r\n+0\r\n\r\n",
                POST + ": 40\r\nContent-Length: 2\r\n\r\n{}")) {
            refused(relay, message);
        }
    }

    /**
     * The same in pieces, at every place where a piece can end; on a call that reads its body, and on one that is
     * answered before: that ends as soon as the body turns out to be broken, and not by a deadline.
     */
    @Test
    void leniencyInPieces() throws IOException {
        TestRelay relay = start("BODY_TIMEOUT=300");
        String chunked = "Transfer-Encoding: chunked\r\n\r\n";
        String unauthorized = "POST /v1/requests HTTP/1.1\r\nHost: r\r\n";
        String broken = "2\r\n{}XX0\r\n\r\n";
        for (int cut = 0; cut < broken.length(); cut++) {
            assertThat(inPieces(relay, POST + chunked + broken.substring(0, cut), broken.substring(cut)), is(400));
            // Answered before its body is read, unless both pieces have come at once.
            assertThat(
                    inPieces(relay, unauthorized + chunked + broken.substring(0, cut), broken.substring(cut)),
                    anyOf(is(400), is(401)));
        }
    }

    /** The first answer to both pieces, which is to be the only one: what follows them is no request. */
    private static int inPieces(TestRelay relay, String first, String second) throws IOException {
        try (RawClient wire = relay.connect()) {
            wire.send(first);
            wire.sendUntilClosed((second + SMUGGLED).getBytes(StandardCharsets.ISO_8859_1));
            HttpAnswer answer = wire.answer();
            assertThat(first + "|" + second, wire.next().map(HttpAnswer::status), is(Optional.empty()));
            return answer.status();
        }
    }

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
                "HTTP/1.0",
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
        List<HttpAnswer> preface = relay.answers("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0\0\0\4\0\0\0\0\0");
        assertThat(preface.size(), is(1));
        assertThat(List.of(400, 505).contains(preface.getFirst().status()), is(true));
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

    // --- too much ---

    /** A request line, a header line and a header section of a megabyte, and a hundred thousand header lines. */
    @Test
    void hugeHeads() {
        TestRelay relay = start();
        String mega = "x".repeat(1 << 20);
        assertThat(
                relay.answers("GET /" + mega + " HTTP/1.1\r\nHost: r\r\n\r\n").stream()
                        .map(HttpAnswer::code)
                        .toList(),
                is(List.of("uri_too_long")));
        assertThat(
                relay.answers("GET /health HTTP/1.1\r\nHost: r\r\nX-A: " + mega + "\r\n\r\n").stream()
                        .map(HttpAnswer::code)
                        .toList(),
                is(List.of("headers_too_large")));
        assertThat(
                relay.answers("GET /health HTTP/1.1\r\nHost: r\r\n" + mega + ": x\r\n\r\n").stream()
                        .map(HttpAnswer::code)
                        .toList(),
                is(List.of("headers_too_large")));
        assertThat(
                relay.answers("GET /health HTTP/1.1\r\nHost: r\r\n" + "X-A: b\r\n".repeat(100_000) + "\r\n").stream()
                        .map(HttpAnswer::code)
                        .toList(),
                is(List.of("headers_too_large")));
        for (HttpAnswer answer : relay.answers(mega + " /health HTTP/1.1\r\nHost: r\r\n\r\n")) {
            assertThat(answer.status() == 400 || answer.status() == 414, is(true));
        }
    }

    /** A body over the bound, declared and not, on a call that reads it. */
    @Test
    void hugeBodies() {
        TestRelay relay = start();
        String body = "{\"x\":\"" + "x".repeat(131_072) + "\"}";
        relay.post("/v1/devices", NO_TOKEN, body).is(413, "payload_too_large");
        String chunk = "1000\r\n" + "x".repeat(0x1000) + "\r\n";
        for (int chunks : new int[] {33, 100, 1000}) {
            List<HttpAnswer> answers =
                    relay.answers(POST + "Transfer-Encoding: chunked\r\n\r\n" + chunk.repeat(chunks) + "0\r\n\r\n");
            assertThat(answers.stream().map(HttpAnswer::code).toList(), is(List.of("payload_too_large")));
        }
        relay.send("POST", "/v1/devices", POST + "Content-Length: 9223372036854775807\r\n\r\n{}")
                .is(413, "payload_too_large");
        String largest = "{\"x\":\"" + "x".repeat(131_072 - 8) + "\"}";
        relay.post("/v1/devices", NO_TOKEN, largest).is(201);
    }

    /** A megabyte in chunks of one byte, which costs the relay more than the client. */
    @Test
    void tinyChunks() {
        TestRelay relay = start();
        for (HttpAnswer answer : relay.answers(
                POST + "Transfer-Encoding: chunked\r\n\r\n" + "1\r\nx\r\n".repeat(1 << 20) + "0\r\n\r\n")) {
            answer.is(413, "payload_too_large");
        }
        String spaces = "1\r\n \r\n".repeat(10_000);
        List<HttpAnswer> answers =
                relay.answers(POST + "Transfer-Encoding: chunked\r\n\r\n" + spaces + "2\r\n{}\r\n0\r\n\r\n");
        assertThat(answers.stream().map(HttpAnswer::status).toList(), is(List.of(201)));
    }

    /** A thousand values of one field, of the credential, of the proxy's field. */
    @Test
    void manyEqualFields() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String target = "/v1/pairs/" + pair.id();
        String forwarded = "X-Forwarded-For: " + "1.2.3.4, ".repeat(300) + "x\r\n";
        for (String fields :
                List.of("X-A: b\r\n".repeat(1000), forwarded.repeat(4), "X-Forwarded-For: a\r\n".repeat(500))) {
            relay.call("GET", target, pair.platform(), NO_BODY, fields.strip()).is(200);
        }
        relay.call(
                        "GET",
                        target,
                        NO_TOKEN,
                        NO_BODY,
                        ("Authorization: Bearer " + pair.platform() + "\r\n")
                                .repeat(50)
                                .strip())
                .is(401);
        relay.get(target + "?" + "wait=0&".repeat(400), pair.platform()).is(400, "invalid_parameter");
        relay.get(target + "?" + "x=0&".repeat(900), pair.platform()).is(200);
    }

    // --- too slow, or gone ---

    /** Slow headers: some bytes now and then, for ever. */
    @Test
    void slowHeaders() throws Exception {
        TestRelay relay = frozen();
        try (RawClient silent = relay.connect();
                RawClient slow = relay.connect().send("GET /health HTTP/1.1\r\nHost: r\r\nX-A: ")) {
            until(() -> relay.connections() == 2);
            for (int second = 0; second < 9; second++) {
                relay.pass(Duration.ofSeconds(1));
                slow.send("x");
            }
            relay.pass(Duration.ofSeconds(2));
            assertThat(slow.isClosedByServer(), is(true));
            assertThat(silent.isClosedByServer(), is(true));
        }
    }

    /** Slow bodies: declared, chunked, and on a call that nobody may make. */
    @Test
    void slowBodies() throws Exception {
        TestRelay relay = frozen();
        try (RawClient declared = relay.connect().send(POST + "Content-Length: 100\r\n\r\n{");
                RawClient chunked = relay.connect().send(POST + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n");
                RawClient refused =
                        relay.connect().send("POST /v1/requests HTTP/1.1\r\nHost: r\r\nContent-Length: 100\r\n\r\n{")) {
            refused.answer().is(401);
            until(() -> relay.connections() == 3);
            for (int second = 0; second < 19; second++) {
                relay.pass(Duration.ofSeconds(1));
                declared.send(" ");
            }
            // The times run from the end of each head, so the relay has to have read them before the last second.
            until(() -> {
                relay.pass(Duration.ofSeconds(1));
                return relay.connections() == 0;
            });
            assertThat(declared.isClosedByServer(), is(true));
            assertThat(chunked.isClosedByServer(), is(true));
            assertThat(refused.isClosedByServer(), is(true));
        }
    }

    /** A client that asks for a megabyte and never reads it: the connection ends, and others do not wait for it. */
    @Test
    void clientThatNeverReads() throws Exception {
        TestRelay relay = frozen();
        Pair pair = relay.pair();
        for (int i = 0; i < 16; i++) {
            relay.post(
                            "/v1/requests",
                            pair.platform(),
                            TestRelay.envelope(pair, relay.newId(), "").replace("Y2lwaGVydGV4dA", "A".repeat(65_536)))
                    .is(201);
        }
        byte[] request = TestRelay.request(
                "GET",
                "/v1/devices/" + pair.phone().id() + "/requests",
                pair.phone().token(),
                NO_BODY);
        List<RawClient> deaf = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            RawClient wire = new RawClient(relay.port(), 2048);
            for (int requests = 0; requests < 20; requests++) {
                wire.send(request);
            }
            deaf.add(wire);
        }
        until(() -> relay.connections() == 20);
        assertThat(relay.list(pair.phone()).is(200).body().length(), greaterThan(1 << 20));
        until(() -> {
            relay.pass(Duration.ofSeconds(60));
            return relay.connections() == 0;
        });
        for (RawClient wire : deaf) {
            wire.close();
        }
    }

    /** Connections that break off in the middle of everything. */
    @Test
    void brokenConnections() throws Exception {
        TestRelay relay = start();
        Pair pair = relay.pair();
        byte[] submission =
                TestRelay.request("POST", "/v1/requests", pair.platform(), TestRelay.envelope(pair, relay.newId(), ""));
        for (int length = 0; length < submission.length; length += 7) {
            byte[] part = java.util.Arrays.copyOf(submission, length);
            relay.connect().send(part).reset();
            try (RawClient wire = relay.connect().send(part)) {
                wire.endOfRequest();
                assertThat(wire.next().map(HttpAnswer::status).orElse(400), is(400));
            }
        }
        assertThat(relay.list(pair.phone()).json().getJsonArray("requests"), is(empty()));
    }

    /** Expectations: one is met, before the body is read; a refusal comes instead of it; others are not known. */
    @Test
    void expectations() throws Exception {
        TestRelay relay = start();
        for (String expectation : List.of("200-ok", "", "100-continue, x", "x", "100-continue\r\nExpect: x")) {
            relay.call("POST", "/v1/devices", NO_TOKEN, "{}", "Expect: " + expectation)
                    .is(417, "expectation_failed");
        }
        try (RawClient wire = relay.connect().send(POST + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")) {
            assertThat(wire.answer().status(), is(100));
            assertThat(wire.send("{}").answer().status(), is(201));
            assertThat(wire.send(HEALTH).answer().status(), is(200));
        }
        // Refused without being told to go on, the client may send its body or not: nobody can tell, so it ends here.
        List<HttpAnswer> answers =
                relay.answers("POST /v1/requests HTTP/1.1\r\nHost: r\r\nExpect: 100-continue\r\nContent-Length: "
                        + SMUGGLED.length() + "\r\n\r\n" + SMUGGLED);
        assertThat(answers.stream().map(HttpAnswer::status).toList(), is(List.of(401)));
    }

    /** Methods that nobody has heard of, and those that debug. */
    @Test
    void oddMethods() {
        TestRelay relay = start();
        for (String method : List.of(
                "TRACE",
                "OPTIONS",
                "PROPFIND",
                "GETT",
                "get",
                "X",
                "A".repeat(100),
                "CONNECT",
                "PATCH",
                "HEAD",
                "M-SEARCH",
                "!#$%&'*+-.^_`|~")) {
            HttpAnswer answer = relay.call(method, "/v1/pairs", NO_TOKEN, NO_BODY);
            assertThat(method + " " + answer, List.of(400, 405, 501).contains(answer.status()), is(true));
            assertThat(answer.body(), not(containsString("relay\r\n")));
        }
    }

    /** Bytes at random, and valid requests with a byte changed: nothing answers 500, nothing hangs. */
    @Test
    void noise() {
        TestRelay relay = start();
        var random = new java.util.Random(20260304);
        Pair pair = relay.pair();
        byte[] valid = TestRelay.request(
                "POST",
                "/v1/requests?wait=1",
                pair.platform(),
                TestRelay.envelope(pair, relay.newId(), ",\"ttl\":300"));
        for (int round = 0; round < 400; round++) {
            byte[] bytes = valid.clone();
            for (int change = 0; change <= round % 4; change++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            relay.answers(bytes);
            byte[] garbage = new byte[random.nextInt(300)];
            random.nextBytes(garbage);
            var sent = new ByteArrayOutputStream();
            sent.writeBytes(garbage);
            sent.writeBytes("\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            relay.answers(sent.toByteArray());
        }
    }
}
