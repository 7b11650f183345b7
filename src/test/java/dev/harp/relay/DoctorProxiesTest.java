package dev.harp.relay;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.relay.doctor.Doctor;
import dev.harp.relay.doctor.Examination;
import dev.harp.testing.FaultyProxy;
import dev.harp.testing.FaultyProxy.Faults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Doctor at a sound relay behind a proxy that does one thing wrong at a time: it names that, and nothing else. */
class DoctorProxiesTest extends WithRelay {
    /** Longer than this machine may pause before an answer that is not held back. */
    private static final Duration HASTE = Duration.ofSeconds(4);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private TestRelay relay(String... options) {
        TestRelay relay = start(options);
        // Its clock stands still, and may be 5 s behind.
        relay.advanceUnnoticed(Duration.between(relay.now(), Instant.now().plusSeconds(4)));
        return relay;
    }

    private static Examination examine(TestRelay relay, Faults faults) throws IOException {
        return examine(relay, faults, PATIENCE, "");
    }

    private static Examination examine(TestRelay relay, Faults faults, Duration patience, String path)
            throws IOException {
        try (FaultyProxy proxy = new FaultyProxy(relay.port(), faults)) {
            return Examination.of(proxy.url() + path, patience);
        }
    }

    /** Exactly this fault. */
    private void finds(Faults faults, String line) throws IOException {
        Examination examined = examine(relay(), faults);
        assertThat(String.join("\n", examined.lines()), examined.faults(), contains(matchesPattern(line)));
        assertThat(examined.exit(), is(Doctor.FAULTS));
    }

    @Test
    void aSoundProxyHasNoFinding() throws Exception {
        Examination examined = examine(relay(), Faults.NONE);
        assertThat(examined.faults(), is(empty()));
        assertThat(examined.lines().getLast(), startsWith("all is well, after "));
        assertThat(examined.exit(), is(Doctor.ALL_OK));
    }

    @Test
    void methodsThatDoNotPass() throws Exception {
        finds(
                Faults.NONE.refusing("(?!GET|POST|HEAD).*", FaultyProxy.page(405)),
                "FAIL  methods +not every method arrives: PUT \\(405\\), PATCH \\(405\\), DELETE \\(405\\)\\. .*");
        finds(
                Faults.NONE.refusing("PATCH .*", ""),
                "FAIL  methods +not every method arrives: PATCH \\(closed\\)\\. .*");
        // A method that becomes another one.
        finds(
                Faults.NONE.requesting(lines -> lines.stream()
                        .map(line -> line.replaceFirst("^PUT (.* HTTP/1.1)$", "POST $1"))
                        .toList()),
                "FAIL  methods +not every method arrives: PUT \\(405\\)\\. .*");
        finds(
                Faults.NONE.refusing("OPTIONS .*", FaultyProxy.page(403)),
                "warn  cors +OPTIONS does not get to the relay \\(403\\), .*");
    }

    @Test
    void callsFromWebPages() throws Exception {
        Faults adding = Faults.NONE.adding("Access-Control-Allow-Origin: *");
        Examination open = examine(relay("CORS_ORIGINS=*"), Faults.NONE);
        assertThat(open.lines().toString(), open.lines(), hasItem("ok    cors        scripts of * may call"));
        assertThat(open.faults(), is(empty()));
        Examination twice = examine(relay("CORS_ORIGINS=*"), adding);
        assertThat(
                twice.faults(),
                contains(matchesPattern("FAIL  cors +an answer has two Access-Control-Allow-Origin, .*")));
        finds(adding, "warn  cors +the proxy adds Access-Control-Allow-Origin, .* CORS_ORIGINS, .*");
        // It drops a field of the preflight's answer, without which a browser sends no token.
        Examination bare = examine(relay("CORS_ORIGINS=*"), Faults.NONE.hiding("Access-Control-Allow-Headers"));
        assertThat(bare.faults(), contains(matchesPattern("warn  cors +OPTIONS does not .* \\(204\\).*")));
    }

    @Test
    void headerFieldsOfRequests() throws Exception {
        Examination refused = examine(relay(), Faults.NONE.dropping("Authorization"));
        assertThat(
                refused.faults(),
                contains(
                        matchesPattern("FAIL  pairing +the relay does not know the token .* drops Authorization .*"),
                        matchesPattern("warn  removal +not removed: dev_\\w+ \\(401\\), pair_\\w+ \\(401\\); .*")));
        finds(
                Faults.NONE.dropping("Last-Event-ID"),
                "FAIL  events +a stream that is resumed begins anew: the proxy drops Last-Event-ID; .*");
        Examination large = examine(relay(), Faults.NONE.requesting(DoctorProxiesTest::small));
        assertThat(
                large.faults(),
                contains(matchesPattern("FAIL  headers +a header field of 7168 bytes is refused \\(closed\\): .*")));
        finds(
                Faults.NONE.requesting(lines -> lines.stream()
                        .map(line -> line.replaceFirst("^Content-Type: .*", "Content-Type: text/plain"))
                        .toList()),
                "FAIL  pairing +answered 415 unsupported_media_type.*");
    }

    /** Ends the connection at a line that is longer than a page. */
    private static List<String> small(List<String> lines) {
        if (lines.stream().anyMatch(line -> line.length() > 4096)) {
            throw new UncheckedIOException(new IOException("the line is too long"));
        }
        return lines;
    }

    @Test
    void headerFieldsOfAnswers() throws Exception {
        finds(Faults.NONE.hiding("Cache-Control"), "FAIL  headers +Cache-Control of the relay's answer does not .*");
        finds(Faults.NONE.hiding("WWW-Authenticate"), "FAIL  headers +WWW-Authenticate of the relay's answer .*");
        finds(Faults.NONE.adding("Age: 7"), "FAIL  headers +an answer comes from a cache \\(Age\\): .*");
        Examination limited = examine(relay("RATE_LIMIT_CLIENT=8"), Faults.NONE.hiding("Retry-After"));
        assertThat(
                limited.faults().getFirst(),
                matchesPattern("FAIL .* answered 429 rate_limited: .*; its Retry-After is missing, .*"));
    }

    @Test
    void streamsThatAreHeldBack() throws Exception {
        Examination whole = examine(relay(), Faults.NONE.holding("GET .*/events .*"), HASTE, "");
        assertThat(
                whole.faults(),
                contains(matchesPattern("FAIL  events +a stream's events do not arrive while it lasts .*: .*"
                        + "nginx: proxy_buffering off, gzip off")));
        finds(
                Faults.NONE.answering((line, head) -> line.contains("/events ")
                        ? Stream.concat(head.stream(), Stream.of("Content-Encoding: gzip"))
                                .toList()
                        : head),
                "FAIL  events +the proxy compresses streams \\(Content-Encoding: gzip\\), .*");
        finds(
                Faults.NONE.refusing("GET .*/events .*", FaultyProxy.page(200)),
                "FAIL  events +a stream of events is answered by something else than the relay; .*");
        finds(
                Faults.NONE.refusing(
                        "GET .*/events .*", FaultyProxy.page(200).replace("text/html", "text/event-stream")),
                "FAIL  events +the proxy keeps a stream until it ends, and gives it a Content-Length; .*");
    }

    @Test
    void bodiesAndQueries() throws Exception {
        finds(
                Faults.NONE.rewriting(part -> part.replace("HarpHarpHarp", "HarpharpHarp")),
                "FAIL  approval +the question does not arrive as it was sent: .*");
        finds(
                Faults.NONE.refusing("POST /v1/requests .*", FaultyProxy.page(413)),
                "FAIL  approval +a question of 65536 characters, which the relay admits, is refused \\(413\\); .*");
        finds(
                Faults.NONE.refusing("PUT .*/response .*", FaultyProxy.page(403)),
                "FAIL  approval +the answer is answered 403: the proxy refuses clients; .*");
    }

    @Test
    void theApp() throws Exception {
        finds(
                Faults.NONE.refusing("GET /app/sw.js .*", FaultyProxy.page(200)),
                "FAIL  app +files of the app do not arrive as the relay sends them: sw.js \\(text/html\\)\\. .*");
        finds(
                Faults.NONE.rewriting(part -> part.replace("<title>Approvals</title>", "<title>Intruded!</title>")),
                "FAIL  app +files of the app do not arrive .*: index.html \\(changed\\)\\. .*");
        finds(
                Faults.NONE.refusing("GET /app/assets/.*", FaultyProxy.page(404)),
                "FAIL  app +files of the app do not arrive .*: assets/index-\\S+ \\(404\\), assets/plain.js .*");
        finds(
                Faults.NONE.answering((line, head) -> head.stream()
                        .map(field -> field.replaceFirst("^Location: app/$", "Location: http://10.0.0.7:8787/app/"))
                        .toList()),
                "FAIL  app +/app leads to 'http://10.0.0.7:8787/app/' \\(308\\) and not to http://127.0.0.1:.*");
        finds(Faults.NONE.hiding("Content-Security-Policy"), "FAIL  app +the page arrives without its .*");
    }

    @Test
    void whatIsLeftIsNamed() throws Exception {
        TestRelay relay = relay();
        // The device's removal ends the pairing that it has joined, but not those of "body" and "poll".
        Examination examined = examine(relay, Faults.NONE.refusing("DELETE /v1/(pairs|devices)/(?!dev_0{12}).*", ""));
        assertThat(
                examined.faults(),
                contains(matchesPattern("warn  removal +not removed: pair_[0-9a-f]{12} \\(.*\\), pair_[0-9a-f]{12}"
                        + " \\(.*\\), dev_[0-9a-f]{12} \\(.*\\), pair_[0-9a-f]{12} \\(.*\\); by the operator:"
                        + " harp-relay admin revoke PAIR, .*")));
    }

    /** Clients use a relay below a path as any other. */
    @Test
    void aPathOfTheProxy() throws Exception {
        UnaryOperator<List<String>> strip = lines -> lines.stream()
                .map(line -> line.replaceFirst("^([A-Z]+) /harp(/.* HTTP/1.1)$", "$1 $2"))
                .toList();
        Faults below = Faults.NONE.requesting(strip).refusing("[A-Z]+ /(?!harp/).*", FaultyProxy.page(404));
        for (String path : List.of("/harp", "/harp/")) {
            Examination examined = examine(relay(), below, PATIENCE, path);
            assertThat(examined.lines().getFirst(), matchesPattern("http://127.0.0.1:\\d+/harp, .*"));
            assertThat(examined.faults(), is(empty()));
        }
        Examination elsewhere = examine(relay(), below, PATIENCE, "/other");
        assertThat(elsewhere.faults(), contains(matchesPattern("FAIL  health +answered 404: .*")));
    }
}
