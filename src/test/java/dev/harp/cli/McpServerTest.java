package dev.harp.cli;

import static dev.harp.cli.ReadJson.json;
import static dev.harp.cli.ReadJson.member;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The messages of the Model Context Protocol, as hostile and careless clients write them. */
@Timeout(60)
class McpServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String PING = "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"ping\"}";
    private static final String PONG = "{\"jsonrpc\":\"2.0\",\"id\":9,\"result\":{}}";

    /** Echoes its arguments; {@code wait} answers when it is cancelled or released, {@code fail} never. */
    private static final class Echo implements McpServer.Tools {
        private final CountDownLatch waiting = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);
        private String client = "";

        @Override
        public String instructions() {
            return "Ask.";
        }

        @Override
        public Members list() {
            return JsonTree.object().add("tools", List.of()).build();
        }

        @Override
        public List<String> names() {
            return List.of("echo", "wait", "hold", "fail");
        }

        @Override
        public void client(String name) {
            client = name;
        }

        @Override
        public Members call(String name, Members arguments, McpCall call) throws InterruptedException {
            switch (name) {
                case "wait" -> {
                    waiting.countDown();
                    call.cancelled().join();
                    released.countDown();
                }
                case "hold" -> {
                    waiting.countDown();
                    released.await();
                }
                case "fail" -> throw new StackOverflowError();
                default -> {
                    call.progress("first");
                    call.progress("second");
                }
            }
            return arguments;
        }
    }

    private final Echo tools = new Echo();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private List<String> serve(InputStream in) throws IOException {
        McpServer server = new McpServer(in, new PrintStream(written, false, UTF_8), "1", tools);
        server.run();
        server.drain(PATIENCE);
        return written.toString(UTF_8).lines().toList();
    }

    private List<String> serve(String... lines) throws IOException {
        return serve(new ByteArrayInputStream((String.join("\n", lines) + "\n").getBytes(UTF_8)));
    }

    private static String request(String id, String method, String params) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + params + "}";
    }

    private static String text(JsonTree tree) {
        return new String(ExactJson.writeAny(tree), UTF_8);
    }

    /** The one error with this id and code, and after it the pong, which shows that the server goes on. */
    private void assertRefused(String line, String id, int code) throws IOException {
        List<String> answers = serve(line, PING);
        assertThat(answers.toString(), answers.size(), is(2));
        Members error = json(answers.getFirst());
        assertThat(error.get("result").isPresent(), is(false));
        assertThat(text(error.get("id").orElseThrow()), is(id));
        assertThat(text(member(error, "error").get("code").orElseThrow()), is("" + code));
        assertThat(answers.getLast(), is(PONG));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "hello",
                "\"text\"",
                "1",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"ping\"}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"} {}",
                "\u001b]0;title\u0007"
            })
    void whatIsNoJsonObjectIsAParseError(String line) throws IOException {
        assertRefused(line, "null", -32_700);
    }

    @Test
    void bytesThatAreNoUtf8AreAParseError() throws IOException {
        byte[] broken = {'{', '"', (byte) 0xc3, '"', ':', '1', '}', '\n'};
        List<String> answers = serve(new SequenceInputStream(
                new ByteArrayInputStream(broken), new ByteArrayInputStream(PING.getBytes(UTF_8))));
        assertThat(answers.getFirst(), containsString("-32700"));
        assertThat(answers.getLast(), is(PONG));
    }

    @Test
    void nestingBeyondAllBoundsIsAParseError() throws IOException {
        assertRefused("{\"a\":".repeat(100_000), "null", -32_700);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|null",
                "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]|null",
                "{}|null",
                "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}|1",
                "{\"id\":1,\"method\":\"ping\"}|1",
                "{\"jsonrpc\":\"2.0\",\"id\":1}|1",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}|1",
                "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}|null",
                "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}|null",
                "{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"ping\"}|null"
            })
    void whatIsNoMessageIsAnInvalidRequest(String line, String id) throws IOException {
        assertRefused(line, id, -32_600);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "resources/list|{}|-32601",
                "server/discover|{}|-32601",
                "\\u001b[2J|{}|-32601",
                "initialize|{}|-32602",
                "initialize|{\"protocolVersion\":1}|-32602",
                "ping|[]|-32602",
                "tools/list|{\"cursor\":\"2\"}|-32602",
                "tools/call|{}|-32602",
                "tools/call|{\"name\":1}|-32602",
                "tools/call|{\"name\":\"human_obey\"}|-32602",
                "tools/call|{\"name\":\"echo\",\"arguments\":[]}|-32602",
                "tools/call|{\"name\":\"echo\",\"arguments\":\"{}\"}|-32602",
                "tools/call|{\"name\":\"fail\"}|-32603"
            })
    void aRequestThatCannotBeServedGetsItsError(String method, String params, int code) throws IOException {
        assertThat(serve(request("\"a\"", method, params)), contains(containsString("\"code\":" + code)));
        Members error = json(written.toString(UTF_8));
        assertThat(error.text("id").orElseThrow(), is("a"));
        assertThat(written.toString(UTF_8), not(containsString("\u001b")));
    }

    @Test
    void aLineBeyondTheBoundIsSkippedAndTheNextOneServed() throws IOException {
        assertRefused("x".repeat(McpServer.MAX_LINE + 1), "null", -32_600);
    }

    @Test
    void aLineOfTheBoundIsServed() throws IOException {
        String start = PING.substring(0, PING.length() - 1);
        assertThat(serve(start + " ".repeat(McpServer.MAX_LINE - PING.length()) + "}"), contains(PONG));
    }

    @Test
    void theRestOfALongLineIsNoLine() throws IOException {
        InputStream endless =
                new ByteArrayInputStream("x".repeat(3 * McpServer.MAX_LINE).getBytes(UTF_8));
        assertThat(serve(endless), contains(containsString("longer than 1048576 bytes")));
    }

    @Test
    void anUnfinishedLastLineIsServed() throws IOException {
        assertThat(serve(new ByteArrayInputStream(PING.getBytes(UTF_8))), contains(PONG));
    }

    @Test
    void emptyLinesResponsesAndNotificationsAreNotAnswered() throws IOException {
        assertThat(
                serve(
                        "",
                        " \r",
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}",
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1,\"message\":\"\"}}",
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}",
                        "{\"jsonrpc\":\"2.0\",\"method\":\"tools/call\",\"params\":{\"name\":\"echo\"}}",
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\"}",
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":[]}",
                        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":77}}",
                        PING + "\r"),
                contains(PONG));
    }

    @ParameterizedTest
    @CsvSource({
        "2025-11-25, 2025-11-25",
        "2025-06-18, 2025-06-18",
        "2024-11-05, 2024-11-05",
        "2025-03-26, 2024-11-05",
        "2026-07-28, 2025-11-25",
        "2024-10-07, 2025-11-25"
    })
    void theRevisionIsTheNewestThatBothMaySpeak(String asked, String answered) throws IOException {
        String client = "\"clientInfo\":{\"name\":\"tester\",\"version\":\"1\"},\"capabilities\":{}";
        List<String> answers =
                serve(request("1", "initialize", "{\"protocolVersion\":\"" + asked + "\"," + client + "}"));
        Members result = member(json(answers.getFirst()), "result");
        assertThat(result.text("protocolVersion").orElseThrow(), is(answered));
        assertThat(text(result.get("capabilities").orElseThrow()), is("{\"tools\":{}}"));
        assertThat(result.text("instructions").orElseThrow(), is("Ask."));
        assertThat(tools.client, is("tester"));
    }

    /** Ids and tokens come back as they were: 1.0 is not 1 for every client. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1.5", "12345678901234567890", "\"1\"", "\"\""})
    void idsAndProgressTokensComeBackUnchanged(String id) throws IOException {
        String params = "{\"name\":\"echo\",\"arguments\":{\"a\":[1,null]},\"_meta\":{\"progressToken\":" + id + "}}";
        String progress = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":"
                + id + ",\"progress\":%d,\"message\":\"%s\"}}";
        assertThat(
                serve(request(id, "tools/call", params)),
                contains(
                        progress.formatted(1, "first"),
                        progress.formatted(2, "second"),
                        "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":{\"a\":[1,null]}}"));
    }

    @Test
    void withoutATokenThereIsNoProgress() throws IOException {
        assertThat(
                serve(request("1", "tools/call", "{\"name\":\"echo\",\"_meta\":{\"progressToken\":{}}}")),
                contains("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"));
    }

    @Test
    void escapesInAMessageAreEscapedInTheAnswer() throws IOException {
        String params = "{\"name\":\"echo\",\"arguments\":{\"\\u001b[2J\":\"\\u009b\\u202e\"}}";
        assertThat(
                serve(request("\"\\u001b\"", "tools/call", params)),
                contains("{\"jsonrpc\":\"2.0\",\"id\":\"\\u001b\",\"result\":"
                        + "{\"\\u001b[2J\":\"\\u009b\\u202e\"}}"));
    }

    private static String cancel(String id) {
        return "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":" + id + "}}";
    }

    @Test
    void aCancelledCallGetsNoResponseAndOthersDo() throws IOException {
        assertThat(
                serve(
                        request("1", "tools/call", "{\"name\":\"wait\"}"),
                        PING,
                        cancel("\"1\""),
                        cancel("1"),
                        cancel("1")),
                contains(PONG));
        assertThat(tools.released.getCount(), is(0L));
    }

    /** An error with the id of the first call would be taken for its answer. */
    @Test
    void theIdOfACallThatRunsCannotBeUsedAgain() throws IOException, InterruptedException {
        try (PipedOutputStream input = new PipedOutputStream()) {
            PipedInputStream in = new PipedInputStream(input);
            Thread client = Thread.ofVirtual().start(() -> {
                try (input) {
                    type(input, request("1", "tools/call", "{\"name\":\"hold\"}"));
                    tools.waiting.await();
                    type(input, request("1", "tools/call", "{\"name\":\"echo\"}"));
                    type(input, PING);
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            McpServer server = new McpServer(in, new PrintStream(written, false, UTF_8), "1", tools);
            server.run();
            client.join();
            tools.released.countDown();
            server.drain(PATIENCE);
        }
        List<String> answers = written.toString(UTF_8).lines().toList();
        assertThat(json(answers.getFirst()).get("id").orElseThrow(), is(new JsonTree.Foreign("null")));
        assertThat(answers.getFirst(), containsString("that is running"));
        assertThat(answers.subList(1, 3), contains(PONG, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"));
    }

    private static void type(OutputStream input, String line) throws IOException {
        input.write((line + "\n").getBytes(UTF_8));
        input.flush();
    }

    @Test
    void moreCallsThanMayRunAreRefused() throws IOException {
        String[] lines = new String[2 * McpServer.MAX_CALLS + 1];
        for (int i = 0; i <= McpServer.MAX_CALLS; i++) {
            lines[i] = request("" + i, "tools/call", "{\"name\":\"wait\"}");
        }
        for (int i = 0; i < McpServer.MAX_CALLS; i++) {
            lines[McpServer.MAX_CALLS + 1 + i] = cancel("" + i);
        }
        assertThat(serve(lines), contains(containsString("64 calls are running")));
    }

    /** What was asked for a client that reads no more is withdrawn, and the server ends. */
    @Test
    void aClientThatStopsReadingEndsItsCalls() throws IOException {
        PrintStream closed = new PrintStream(new OutputStream() {
            @Override
            public void write(int unit) throws IOException {
                throw new IOException("closed");
            }
        });
        String lines = request("1", "tools/call", "{\"name\":\"wait\"}") + "\n" + PING + "\n" + PING + "\n";
        McpServer server = new McpServer(new ByteArrayInputStream(lines.getBytes(UTF_8)), closed, "1", tools);
        server.run();
        server.drain(PATIENCE);
        assertThat(tools.released.getCount(), is(0L));
    }

    @Test
    void anEmptyInputEndsTheServer() {
        assertThat(
                assertTimeoutPreemptively(PATIENCE, () -> serve(new ByteArrayInputStream(new byte[0]))), is(empty()));
    }
}
