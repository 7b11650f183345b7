package dev.harp.relay.outbound;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bytes that are sent, and answers of servers that are hostile or speak another protocol. */
@Timeout(300)
class PostTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

    private ServerSocket server;
    private Post post;

    /** The bytes received on each connection, until the client closed it. */
    private final BlockingQueue<String> came = new LinkedBlockingQueue<>();

    @BeforeEach
    void open() throws IOException {
        server = new ServerSocket(0, 50, LOOPBACK);
        post = post(Duration.ofSeconds(20));
    }

    @AfterEach
    void close() throws IOException {
        post.close();
        server.close();
    }

    private static Post post(Duration limit) {
        return new Post(
                new AddressGuard(AllowList.parse("hooks.example").orElseThrow(), _ -> List.of(LOOPBACK)),
                Post::publicTrust,
                limit);
    }

    /** Answers when the head has arrived, and reads until the client closes. */
    private void answering(String answer) {
        Thread.ofVirtual().start(() -> {
            try (Socket socket = server.accept()) {
                InputStream in = socket.getInputStream();
                StringBuilder text = new StringBuilder();
                boolean answered = false;
                for (int b = in.read(); b != -1; b = in.read()) {
                    text.append((char) b);
                    if (!answered && text.toString().endsWith("\r\n\r\n")) {
                        answered = true;
                        socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
                    }
                }
                came.add(text.toString());
            } catch (IOException e) {
                came.add("reset");
            }
        });
    }

    private Post.Result send(String rest, int most) {
        return post.send(
                "http://hooks.example:" + server.getLocalPort() + rest,
                Map.of("X-Test", "1"),
                "body".getBytes(StandardCharsets.UTF_8),
                most);
    }

    /** Encoded characters are sent as given: none of them becomes a part of the request's syntax. */
    @Test
    void urlIsSentCharacterByCharacter() throws Exception {
        for (String rest : List.of(
                "/",
                "/a%0d%0aX-Evil:%201%0d%0a%0d%0aGET%20/x",
                "/?x=1+2&y=%2B&q=a&q=b&t=a%3Db%26c",
                "/%2f%3f%23%c3%a9",
                "//x/../y")) {
            answering(OK);
            assertThat(send(rest, 0), instanceOf(HttpAnswer.class));
            String request = came.take();
            assertThat(request, containsString("POST " + rest + " HTTP/1.1\r\nHost: hooks.example:"));
            assertThat(request.lines().filter(line -> line.contains("HTTP/1.1")).count(), is(1L));
        }
        answering(OK);
        assertThat(send("", 0), instanceOf(HttpAnswer.class));
        assertThat(
                came.take(),
                is("POST / HTTP/1.1\r\nHost: hooks.example:" + server.getLocalPort()
                        + "\r\n"
                        + "User-Agent: harp-relay\r\n"
                        + "Connection: close\r\n"
                        + "X-Test: 1\r\n"
                        + "Content-Length: 4\r\n\r\n"
                        + "body"));
    }

    /** The scheme is case-insensitive: the first byte is that of a TLS handshake, and nothing is readable. */
    @Test
    void httpsInCapitalsIsHttps() throws Exception {
        Thread.ofVirtual().start(() -> {
            byte[] first = new byte[4096];
            try (Socket socket = server.accept()) {
                int length = socket.getInputStream().read(first);
                came.add(new String(first, 0, length, StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                came.add("reset");
            }
        });
        assertThat(
                post.send("HTTPS://hooks.example:" + server.getLocalPort() + "/secret-path", Map.of(), new byte[0], 0),
                instanceOf(Post.Unanswered.class));
        String hello = came.take();
        assertThat(hello.startsWith("\u0016\u0003"), is(true));
        assertThat(hello.contains("secret-path"), is(false));
    }

    /** The connection is closed at once. */
    @Test
    void otherProtocolsAreNoAnswer() throws Exception {
        for (String answer : List.of(
                "SSH-2.0-OpenSSH_9\r\n",
                "HTTP/1.1 abc\r\n\r\n",
                "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: " + "y".repeat(40_000),
                "\r\n\r\n",
                "HTTP/2 200\r\n\r\n")) {
            answering(answer);
            assertThat(answer, send("/", 0), is(new Post.Unanswered("NotHttp")));
            assertThat(came.take().isEmpty(), is(false));
        }
        for (String answer : List.of(
                "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")) {
            answering(answer);
            assertThat(answer, send("/", 10), is(new Post.Unanswered("NotHttp")));
            var _ = came.take();
        }
    }

    @Test
    void onlyTheBeginningOfAnAnswerIsRead() throws Exception {
        for (String answer : List.of(
                "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcdefghi",
                "HTTP/1.1 200 OK\r\nContent-Length: 900000000\r\n\r\nabcdefghi",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n6;x=y\r\ndefghi\r\n0\r\n\r\n",
                "HTTP/1.0 200 OK\r\n\r\nabcdefghi")) {
            answering(answer);
            HttpAnswer answered = (HttpAnswer) send("/", 5);
            assertThat(answered.status(), is(200));
            assertThat(new String(answered.body(), StandardCharsets.UTF_8), is("abcde"));
            var _ = came.take();
        }
    }

    @Test
    void redirectIsNotFollowedAndRetryAfterIsRead() throws Exception {
        answering("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n");
        HttpAnswer answered = (HttpAnswer) send("/", 0);
        assertThat(answered.status(), is(302));
        assertThat(answered.retryAfter(), is(Optional.of(Duration.ofSeconds(30))));
        for (String pause : List.of("soon", "-1", "", "Wed, 21 Oct 2026 07:28:00 GMT")) {
            assertThat(pause(pause, ""), is(Optional.empty()));
        }
        for (String pause : List.of("99999999", "99999999999999999999")) {
            assertThat(pause(pause, ""), is(Optional.of(Duration.ofSeconds(999_999))));
        }
    }

    /** By the clock of the server, whatever this one says. */
    @Test
    void retryAfterDateCountsFromTheAnswersDate() throws Exception {
        String until = "Wed, 21 Oct 2026 07:28:00 GMT";
        assertThat(pause(until, "Date: Wed, 21 Oct 2026 07:27:18 GMT\r\n"), is(Optional.of(Duration.ofSeconds(42))));
        assertThat(
                pause(until, "date: Tue, 21 Oct 1986 07:27:18 GMT\r\n"), is(Optional.of(Duration.ofSeconds(999_999))));
        for (String date : List.of("Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 08:00:00 GMT", "today", "")) {
            assertThat(pause(until, "Date: " + date + "\r\n"), is(Optional.empty()));
        }
    }

    private Optional<Duration> pause(String retryAfter, String field) throws InterruptedException {
        answering("HTTP/1.1 429 x\r\n" + field + "Retry-After: " + retryAfter + "\r\n\r\n");
        Optional<Duration> pause = ((HttpAnswer) send("/", 0)).retryAfter();
        var _ = came.take();
        return pause;
    }

    /** After the limit the connection is closed, as its other end sees. */
    @Test
    void unfinishedAnswerEndsAtTheLimit() throws Exception {
        answering("HTTP/1.1 200 O");
        // Enough for the request to have gone out, whatever pauses the machine makes.
        try (Post impatient = post(Duration.ofSeconds(4))) {
            assertThat(
                    impatient.send("http://hooks.example:" + server.getLocalPort() + "/", Map.of(), new byte[0], 0),
                    is(new Post.Unanswered("no answer in time")));
            assertThat(came.take(), containsString("POST / "));
        }
    }

    @Test
    void nextAddressIsTried() {
        answering(OK);
        InetAddress dead = InetAddress.ofLiteral("127.0.0.2");
        try (Post both = new Post(
                new AddressGuard(AllowList.parse("hooks.example").orElseThrow(), _ -> List.of(dead, LOOPBACK)),
                Post::publicTrust,
                Duration.ofSeconds(20))) {
            assertThat(
                    both.send("http://hooks.example:" + server.getLocalPort() + "/", Map.of(), new byte[0], 0),
                    instanceOf(HttpAnswer.class));
        }
    }

    @Test
    void nameNotResolvedInTimeIsReported() {
        try (Post unsure = new Post(
                new AddressGuard(AllowList.NONE, _ -> {
                    throw new AddressGuard.NotLookedUp();
                }),
                Post::publicTrust,
                Duration.ofSeconds(20))) {
            assertThat(
                    unsure.send("https://hooks.example/", Map.of(), new byte[0], 0),
                    is(new Post.Unanswered("name not looked up in time")));
        }
    }

    @Test
    void headerInjectionIsRefused() {
        assertThat(
                post.send(
                        "http://hooks.example:" + server.getLocalPort() + "/",
                        Map.of("X", "a\r\nY: b"),
                        new byte[0],
                        0),
                is(new Post.Unanswered("IllegalArgumentException")));
    }

    @Test
    void nothingIsSentAfterClose() {
        post.close();
        assertThat(send("/", 0), is(new Post.Unanswered("the relay stops")));
        assertThrows(IOException.class, () -> {
            server.setSoTimeout(1);
            server.accept().close();
        });
    }
}
