package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clients that send too much, too slowly or noise, or are gone. */
@SuppressWarnings("StringConcatToTextBlock") // CR and LF are to be seen
class HardeningClientsTest extends HardeningWire {
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

    /** Many values of one field, of the credential, of the proxy's field; and a thousand, which no client needs. */
    @Test
    void manyEqualFields() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String target = "/v1/pairs/" + pair.id();
        String forwarded = "X-Forwarded-For: " + "1.2.3.4, ".repeat(300) + "x\r\n";
        for (String fields :
                List.of("X-A: b\r\n".repeat(50), forwarded.repeat(4), "X-Forwarded-For: a\r\n".repeat(50))) {
            relay.call("GET", target, pair.platform(), NO_BODY, fields.strip()).is(200);
        }
        relay.call(
                        "GET",
                        target,
                        pair.platform(),
                        NO_BODY,
                        "X-A: b\r\n".repeat(1000).strip())
                .is(431);
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
