package dev.harp.relay.http.api;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.http.edge.EdgeServer;
import dev.harp.relay.http.edge.GuardedListener;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is not HTTP, or not HTTP that the relay accepts. */
@Timeout(300)
class ProtocolErrorsTest {
    private final EdgeServer server = new EdgeServer(100);

    @AfterEach
    void stop() {
        server.close();
    }

    /** Everything refused before routing is a problem, quotes nothing, and ends the connection. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
        no request line               | 400 | malformed_http | canary~~
        method that is no token       | 400 | malformed_http | G@T /canary HTTP/1.1~Host: a~~
        control in a header name      | 400 | malformed_http | GET / HTTP/1.1~Host: a~c#anary: b~~
        control in the path           | 400 | malformed_http | GET /canary# HTTP/1.1~Host: a~~
        bare LF                       | 400 | malformed_http | GET /canary HTTP/1.1^Host: a^^
        HTTP/1.0                      | 505 | http_version_not_supported | GET /canary HTTP/1.0~~
        HTTP/2 preface                | 400 | malformed_http | PRI * HTTP/2.0~~SM~~
        HTTP/3.7                      | 400 | malformed_http | GET /canary HTTP/3.7~Host: a~~
        no host                       | 400 | malformed_http | GET /canary HTTP/1.1~~
        two hosts                     | 400 | malformed_http | GET / HTTP/1.1~Host: canary~Host: b~~
        bad host                      | 400 | malformed_http | GET / HTTP/1.1~Host: canary:x~~
        header without colon          | 400 | malformed_http | GET / HTTP/1.1~canary~~
        space before colon            | 400 | malformed_http | GET / HTTP/1.1~Host: a~canary : b~~
        folded header                 | 400 | malformed_http | GET / HTTP/1.1~Host: a~X: b~ canary~~
        control in a value            | 400 | malformed_http | GET / HTTP/1.1~Host: a~X: canary#~~
        both lengths                | 400 | malformed_http | $Transfer-Encoding: chunked~Content-Length: 6~~0~~x
        two different lengths         | 400 | malformed_http | $Content-Length: 6~Content-Length: 0~~canary
        length with a sign            | 400 | malformed_http | $Content-Length: +6~~canary
        length that is no number      | 400 | malformed_http | $Content-Length: canary~~
        unknown transfer coding       | 400 | malformed_http | $Transfer-Encoding: canary~~
        coding before chunked         | 400 | malformed_http | $Transfer-Encoding: gzip, chunked~~
        content coding                | 415 | unsupported_media_type | $Content-Encoding: canary~Content-Length: 1~~x
        negative chunk size           | 400 | malformed_http | $Transfer-Encoding: chunked~~-1~canary~
        chunk size beyond an int      | 400 | malformed_http | $Transfer-Encoding: chunked~~fffffffff~canary~
        chunk size line with bare LF  | 400 | malformed_http | $Transfer-Encoding: chunked~~6^canary~
        trailer fields                | 400 | malformed_http | $Transfer-Encoding: chunked~~0~X: canary~~
        chunk size that is no number  | 400 | malformed_http | $Transfer-Encoding: chunked~~canary~
        unknown expectation           | 417 | expectation_failed | GET /ok HTTP/1.1~Host: a~Expect: canary~~
        declared body beyond all      | 413 | payload_too_large | $Content-Length: 9999~~canary
        """)
    void refusedBeforeRouting(String name, int status, String code, String request) throws Exception {
        try (RawClient client = server.client()) {
            HttpAnswer answer = client.send(bytes(request)).endOfRequest().answer();
            assertThat(answer.status(), is(status));
            assertThat(answer.header("Content-Type"), is(Optional.of("application/problem+json")));
            assertThat(answer.header("Connection"), is(Optional.of("close")));
            assertThat(answer.body(), containsString("\"" + code + "\""));
            assertThat(answer.body(), not(containsString("canary")));
            assertThat(client.isClosedByServer(), is(true));
        }
    }

    @Test
    void longRequestLine() throws Exception {
        try (RawClient client = server.client()) {
            HttpAnswer answer = client.send(
                            "GET /" + "x".repeat(GuardedListener.MAX_REQUEST_LINE) + " HTTP/1.1\r\n\r\n")
                    .endOfRequest()
                    .answer();
            assertThat(answer.status(), is(414));
            assertThat(answer.body(), containsString("uri_too_long"));
        }
    }

    @Test
    void largeHeaders() throws Exception {
        try (RawClient client = server.client()) {
            String headers = ("X-A: " + "x".repeat(1000) + "\r\n").repeat(20);
            HttpAnswer answer = client.send("GET /ok HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n")
                    .endOfRequest()
                    .answer();
            assertThat(answer.lines().getFirst(), is("HTTP/1.1 431 Request Header Fields Too Large"));
            assertThat(answer.body(), containsString("headers_too_large"));
        }
    }

    /** A line of a chunk's size that never ends would fill the heap. */
    @Test
    void endlessChunkSizeLine() throws Exception {
        try (RawClient client = server.client()) {
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + "0".repeat(30_000))
                    .endOfRequest();
            assertThat(client.answer().status(), is(413));
            assertThat(client.isClosedByServer(), is(true));
        }
    }

    /** A body over the handler's bound, but not beyond all: the connection may stay. */
    @ParameterizedTest
    @CsvSource({"1000, 200", "1001, 413"})
    void boundOfABody(int bytes, int status) throws Exception {
        try (RawClient client = server.client()) {
            String body = "x".repeat(bytes);
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + bytes + "\r\n\r\n" + body);
            assertThat(client.answer().status(), is(status));
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + Integer.toHexString(bytes) + "\r\n" + body + "\r\n0\r\n\r\n");
            assertThat(client.answer().status(), is(status));
            assertThat(
                    client.send("GET /ok HTTP/1.1\r\nHost: a\r\n\r\n").answer().status(), is(200));
        }
    }

    @Test
    void chunkLargerThanAll() throws Exception {
        try (RawClient client = server.client()) {
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\nx");
            assertThat(client.answer().status(), is(413));
        }
    }

    /** What is valid HTTP but leads nowhere. */
    @ParameterizedTest(name = "{1}")
    @CsvSource(delimiter = '|', textBlock = """
        404 | GET /canary HTTP/1.1
        404 | OPTIONS * HTTP/1.1
        404 | DELETE /ok HTTP/1.1
        500 | GET /boom HTTP/1.1
        """)
    void routedNowhere(int status, String requestLine) throws Exception {
        try (RawClient client = server.client()) {
            HttpAnswer answer = client.send(requestLine + "\r\nHost: a\r\n\r\n").answer();
            assertThat(answer.status(), is(status));
            assertThat(answer.header("Content-Type"), is(Optional.of("application/problem+json")));
            assertThat(answer.body(), not(containsString("canary")));
            assertThat(
                    client.send("GET /ok HTTP/1.1\r\nHost: a\r\n\r\n").answer().status(), is(200));
        }
    }

    @Test
    void headOfAProblemHasNoBody() throws Exception {
        try (RawClient client = server.client()) {
            HttpAnswer answer =
                    client.send("HEAD /canary HTTP/1.1\r\nHost: a\r\n\r\n").answer("HEAD");
            assertThat(answer.status(), is(404));
            assertThat(
                    client.send("GET /ok HTTP/1.1\r\nHost: a\r\n\r\n").answer().body(), is("ok"));
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        try (RawClient client = server.client()) {
            client.send("GET /path/1 HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n2"
                    + "GET /path/3 HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(client.answer().body(), is("1"));
            assertThat(client.answer().body(), is("2"));
            assertThat(client.answer().body(), is("3"));
        }
    }

    /** {@code ~} is a line's end, {@code ^} a bare LF, {@code #} a control, {@code $} the start of a POST. */
    private static String bytes(String text) {
        return text.replace("$", "POST /echo HTTP/1.1~Host: a~")
                .replace("~", "\r\n")
                .replace('^', '\n')
                .replace('#', '\u0001');
    }
}
