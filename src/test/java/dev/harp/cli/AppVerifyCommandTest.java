package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.testing.FakeServer;
import dev.harp.testing.FakeServer.End;
import dev.harp.testing.FakeServer.Reply;
import dev.harp.testing.TestApp;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code harp app verify} against hosts that serve the app, or something else. */
@Timeout(300)
class AppVerifyCommandTest {
    private static final List<String> FIELDS = List.of(
            "Content-Security-Policy: default-src 'none'; script-src 'self'; base-uri 'none'; frame-ancestors 'none';"
                    + " require-trusted-types-for 'script'",
            "X-Content-Type-Options: nosniff",
            "Referrer-Policy: no-referrer");

    @TempDir
    private Path folder = Path.of("");

    private final Host host = new Host();
    private Path hashes = Path.of("");

    /** Serves what is in its map, compressed where that is in the map, too. */
    private static final class Host extends FakeServer {
        private final Map<String, Reply> replies = new TreeMap<>();
        private List<String> fields = FIELDS;

        Host() {
            start();
        }

        /** A file of the page. */
        Host put(String path, String text) {
            replies.put("/app/" + path, response(200, text, fields.toArray(String[]::new)));
            return this;
        }

        Host put(String path, Reply reply) {
            replies.put("/app/" + path, reply);
            return this;
        }

        @Override
        protected Reply answer(Request request) {
            return replies.getOrDefault(request.target(), response(404, "no such file"));
        }
    }

    @BeforeEach
    void serve() throws IOException {
        hashes = Files.writeString(folder.resolve("hashes.json"), TestApp.list(TestApp.FILES));
        serveAll();
    }

    private void serveAll() {
        TestApp.FILES.forEach(host::put);
        host.put("", TestApp.INDEX).put("hashes.json", TestApp.list(TestApp.FILES));
    }

    @AfterEach
    void close() {
        host.close();
    }

    private String page() {
        return "http://127.0.0.1:" + host.port() + "/app/";
    }

    private record Run(int exit, List<String> answers, List<String> says) {}

    private Run verify(String... more) throws InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("app", "verify", "--hashes", hashes.toString()));
        arguments.addAll(List.of(more));
        return run(arguments.toArray(String[]::new));
    }

    private Run run(String... arguments) throws InterruptedException {
        try (HarpThread harp = HarpThread.start(folder.resolve("home"), arguments)) {
            int exit = harp.exit();
            return new Run(exit, harp.answers(), harp.sayings());
        }
    }

    @Test
    void theSamePageIsEqual() throws Exception {
        Run run = verify(page());
        assertThat(run.answers().toString(), run.exit(), is(0));
        assertThat(
                run.answers(),
                is(List.of(
                        "page: " + page(),
                        "expected: app "
                                + TestApp.sha256(TestApp.list(TestApp.FILES).getBytes(StandardCharsets.UTF_8)),
                        "equal: all " + TestApp.FILES.size() + " files")));
        assertThat(
                run.says(),
                is(List.of(
                        "This is what the host has sent to this program, now. It can send a phone something else.")));
        assertThat(verify(page().replaceFirst("/$", "")).exit(), is(0));
    }

    @Test
    void aChangedFileIsNamed() throws Exception {
        host.put("sw.js", "self.skipWaiting() ;");
        Run run = verify(page());
        assertThat(run.exit(), is(17));
        assertThat(
                run.answers(),
                hasItem("differs: sw.js has "
                        + TestApp.sha256("self.skipWaiting() ;".getBytes(StandardCharsets.UTF_8))));
        assertThat(run.answers().getLast(), is("not equal"));
    }

    /** The name is not what a browser asks for. */
    @Test
    void aPageThatDiffersOnlyAtItsAddressIsNamed() throws Exception {
        host.put("", TestApp.INDEX.replace("Approvals", "Approval"));
        Run run = verify(page());
        assertThat(run.exit(), is(17));
        assertThat(run.answers(), hasItem(startsWith("differs: the page has ")));
    }

    /** A browser asks for the compressed file, which is another one on the host's disk. */
    @Test
    void whatDiffersOnlyWhenItIsCompressedIsNamed() throws Exception {
        String evil =
                new String(TestApp.gzip("alert(1)".getBytes(StandardCharsets.UTF_8)), StandardCharsets.ISO_8859_1);
        host.put(
                "sw.js",
                new Reply(
                        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + evil.length() + "\r\n\r\n"
                                + evil,
                        End.KEEP));
        Run run = verify(page());
        assertThat(run.exit(), is(17));
        assertThat(
                run.answers(),
                hasItem("differs: sw.js has " + TestApp.sha256("alert(1)".getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void aGoodCompressedFileIsEqual() throws Exception {
        String script = TestApp.FILES.getOrDefault(TestApp.SCRIPT, "");
        String good = new String(TestApp.gzip(script.getBytes(StandardCharsets.UTF_8)), StandardCharsets.ISO_8859_1);
        host.put(
                TestApp.SCRIPT,
                new Reply(
                        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + good.length() + "\r\n\r\n"
                                + good,
                        End.KEEP));
        assertThat(verify(page()).exit(), is(0));
    }

    @Test
    void aMissingFileIsNamed() throws Exception {
        host.put("icon.png", FakeServer.response(404, ""));
        Run run = verify(page());
        assertThat(run.exit(), is(17));
        assertThat(run.answers(), hasItem("missing: icon.png (status 404)"));
    }

    @Test
    void anotherBuildIsToldWithItsFiles() throws Exception {
        Map<String, String> more = new TreeMap<>(TestApp.FILES);
        more.put("assets/tracker-12345678.js", "");
        String list = TestApp.list(more);
        host.put("hashes.json", list);
        Run run = verify(page());
        assertThat(run.exit(), is(17));
        assertThat(
                run.answers(),
                hasItem("differs: hashes.json, by which the host has another build: app "
                        + TestApp.sha256(list.getBytes(StandardCharsets.UTF_8))));
        assertThat(run.answers(), hasItem("extra: assets/tracker-12345678.js"));

        host.put("hashes.json", "[]");
        assertThat(verify(page()).answers(), hasItem("differs: hashes.json is no list of files"));
    }

    @Test
    void theAddressOfTheRelayLeadsToThePage() throws Exception {
        host.replies.put("/", FakeServer.response(302, "", "Location: app/"));
        assertThat(verify("http://127.0.0.1:" + host.port()).answers().getFirst(), is("page: " + page()));
        // As hosts of static files do.
        host.put("index.html", FakeServer.response(301, "", "Location: ./"));
        assertThat(verify(page()).exit(), is(0));
    }

    @Test
    void anotherHostIsNotFollowed() throws Exception {
        try (Host other = new Host()) {
            host.put(
                    "sw.js", FakeServer.response(302, "", "Location: http://127.0.0.1:" + other.port() + "/app/sw.js"));
            Run run = verify(page());
            assertThat(run.exit(), is(17));
            assertThat(
                    run.answers(),
                    hasItem("differs: sw.js is redirected to another origin, http://127.0.0.1:" + other.port()
                            + "/app/sw.js"));
            for (String location : List.of(
                    "http://127.0.0.1:" + other.port() + "/app/",
                    "//127.0.0.1:" + other.port() + "/app/",
                    "https://127.0.0.1:" + host.port() + "/app/",
                    "http://user@127.0.0.1:" + host.port() + "/app/",
                    "file:///etc/passwd",
                    "javascript:alert(1)")) {
                host.put("", FakeServer.response(302, "", "Location: " + location));
                Run first = verify(page());
                assertThat(location, first.exit(), is(17));
                assertThat(first.says().getFirst(), containsString("is redirected to another origin"));
            }
            assertThat(other.received().size(), is(0));
        }
        host.put("", FakeServer.response(302, "", "Location: ./"));
        assertThat(verify(page()).says().getFirst(), containsString("is redirected more than 3 times"));
        host.put("", FakeServer.response(302, "", "Location: http://["));
        assertThat(verify(page()).says().getFirst(), containsString("is redirected to what is no URL"));
    }

    @Test
    void anEndlessBodyEnds() throws Exception {
        host.put("sw.js", new Reply("HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(65_536), End.REPEAT));
        Run run = verify(page());
        assertThat(run.exit(), is(17));
        assertThat(run.answers(), hasItem("differs: sw.js is larger than 16777216 bytes"));
        // 32 MiB of zeros.
        String bomb = new String(TestApp.gzip(new byte[32 << 20]), StandardCharsets.ISO_8859_1);
        host.put(
                "sw.js",
                new Reply(
                        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + bomb.length() + "\r\n\r\n"
                                + bomb,
                        End.CLOSE));
        assertThat(verify(page()).answers(), hasItem("differs: sw.js is larger than 16777216 bytes"));
        host.put(
                "sw.js", new Reply("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx", End.CLOSE));
        assertThat(verify(page()).answers(), hasItem("differs: sw.js is coded in a way that was not asked for"));
    }

    @Test
    void aHostThatFallsSilentIsNotWaitedFor() throws Exception {
        host.put("slow.js", new Reply("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nx", End.HANG));
        try (PageFetcher fetcher = new PageFetcher(1000, Duration.ofMillis(200))) {
            IOException late = assertThrows(IOException.class, () -> fetcher.get(URI.create(page() + "slow.js")));
            assertThat(late.getMessage(), startsWith("no whole answer within "));
        }
    }

    @Test
    void aHostThatDoesNotAnswerIsOutOfReach() throws Exception {
        host.put("sw.js", FakeServer.hangUp());
        Run run = verify(page());
        assertThat(run.exit(), is(13));
        assertThat(run.says().getLast(), startsWith("harp: " + page() + "sw.js cannot be fetched: "));
        host.close();
        assertThat(verify(page()).exit(), is(13));
    }

    @Test
    void noPageAtAllIsNoEqualPage() throws Exception {
        host.put("", FakeServer.response(404, "This relay was built without"));
        Run run = verify(page());
        assertThat(run.exit(), is(17));
        assertThat(
                run.says().getFirst(), is("harp: there is no page at " + page() + ": missing: the page (status 404)"));
    }

    /** A host of static files may be unable to send them: that is said, and is no difference. */
    @Test
    void missingHeaderFieldsAreWarnedOf() throws Exception {
        host.fields = List.of();
        serveAll();
        Run none = verify(page());
        assertThat(none.exit(), is(0));
        assertThat(
                none.says().subList(0, 3),
                is(List.of(
                        "warning: the host sends no Content-Security-Policy: the page's own holds, which cannot forbid"
                                + " other pages to frame it",
                        "warning: the host sends no Referrer-Policy: no-referrer",
                        "warning: the host sends no X-Content-Type-Options: nosniff")));

        host.fields = List.of(
                "Content-Security-Policy: default-src 'none'; script-src 'self' https://cdn.example; base-uri 'none'",
                "Content-Security-Policy: frame-ancestors 'none'; require-trusted-types-for 'script'",
                "X-Content-Type-Options: nosniff",
                "Referrer-Policy: no-referrer");
        serveAll();
        assertThat(
                verify(page()).says().getFirst(),
                is("warning: the Content-Security-Policy that the host sends is without \"script-src 'self'\""));
    }

    @Test
    void whatIsTypedWrongIsToldWithWhatIsAllowed() throws Exception {
        for (String wrong :
                List.of("relay.example.org", "https://Relay.example.org/app/", "file:///app/", "", "x\u001b[2J")) {
            Run run = verify(wrong);
            assertThat(wrong, run.exit(), is(2));
            assertThat(
                    run.says().getFirst(),
                    startsWith("harp: URL: '" + Printable.line(wrong) + "' is no address of a page;"));
        }
        Run clear = verify("http://relay.example.org/app/");
        assertThat(clear.exit(), is(2));
        assertThat(clear.says().getFirst(), containsString("--insecure-http accepts that"));

        for (String list : List.of("", "{}", "[]", "{\"index.html\":\"x\"}", "{\"../x\":\"" + "a".repeat(64) + "\"}")) {
            Files.writeString(hashes, list);
            Run run = verify(page());
            assertThat(list, run.exit(), is(2));
            assertThat(run.says().getFirst(), containsString("is no list of the app's files; allowed is"));
        }
        Files.delete(hashes);
        assertThat(verify(page()).says().getFirst(), containsString("cannot be read (NoSuchFileException)"));
    }
}
