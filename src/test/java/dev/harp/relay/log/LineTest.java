package dev.harp.relay.log;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.time.Instant;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever its text contains, an event is one line with its own members. */
class LineTest {
    private static final String OWN = "dev.harp.relay.http.api.Router";

    private static LogRecord entry(Level level, String logger, String message, Object... parameters) {
        LogRecord entry = new LogRecord(level, message);
        entry.setLoggerName(logger);
        entry.setInstant(Instant.parse("2026-03-04T05:06:07.089123Z"));
        entry.setParameters(parameters);
        return entry;
    }

    private static JsonObject json(LogRecord entry) {
        String line = Line.json().format(entry);
        assertThat(line, line.matches("[ -~]+\n"), is(true));
        try (var reader = Json.createReader(new StringReader(line))) {
            return reader.readObject();
        }
    }

    private static String text(LogRecord entry) {
        String line = Line.text().format(entry);
        assertThat(line, line.matches("[ -~]+\n"), is(true));
        return line.strip();
    }

    @Test
    void anEventHasItsMembers() {
        Event event = Event.of("http_call", "call")
                .with("status", 200)
                .with("aborted", true)
                .with("client", Optional.of("192.0.2.0/24"))
                .with("pair_id", Optional.empty());
        assertThat(
                Line.json().format(entry(Level.INFO, OWN, "{0}", event)),
                is("{\"time\":\"2026-03-04T05:06:07.089Z\",\"level\":\"info\",\"logger\":\"" + OWN
                        + "\",\"event\":\"http_call\",\"message\":\"call\",\"status\":200,\"aborted\":true,"
                        + "\"client\":\"192.0.2.0/24\"}\n"));
        assertThat(
                text(entry(Level.INFO, OWN, "{0}", event)),
                is("2026-03-04T05:06:07.089Z info Router: call [http_call] status=200 aborted=true"
                        + " client=192.0.2.0/24"));
    }

    @Test
    void levelsHaveTheRelaysNames() {
        assertThat(json(entry(Level.SEVERE, OWN, "m")).getString("level"), is("error"));
        assertThat(json(entry(Level.WARNING, OWN, "m")).getString("level"), is("warning"));
        assertThat(json(entry(Level.CONFIG, OWN, "m")).getString("level"), is("info"));
        assertThat(json(entry(Level.FINEST, OWN, "m")).getString("level"), is("debug"));
    }

    /** Line feeds, terminal escape sequences, quotes, writing direction: none of them starts a line or a member. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\n{\"level\":\"error\"}",
                "a\r\nb",
                "a\rb",
                "a\u0085b\u2028c\u2029d\u000be\ff",
                "\u001b[2J\u001b]0;title\u0007",
                "\",\"level\":\"error\",\"x\":\"",
                "\\\",\\u0022",
                "\u202eesrever\u2066\u200b",
                "\u0000\u007f\u009b31m",
                "\ud83d\ude00 and \u00fc",
            })
    void textStaysInItsMember(String hostile) {
        LogRecord plain = entry(Level.WARNING, OWN, hostile);
        assertThat(json(plain).getString("message"), is(hostile));
        assertThat(json(plain).getString("level"), is("warning"));
        assertThat(text(plain), startsWith("2026-03-04T05:06:07.089Z warning Router: "));
        LogRecord field =
                entry(Level.WARNING, hostile, "{0}", Event.of("e", "m").with("f", hostile));
        assertThat(json(field).getString("f"), is(hostile));
        assertThat(json(field).getString("logger"), is(hostile));
        assertThat(text(field).lines().count(), is(1L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud83d", "\ude00", "\ude00\ud83d", "x\ud83dx", "x\ude00"})
    void halfASurrogatePairIsReplaced(String broken) {
        String told = json(entry(Level.INFO, OWN, broken)).getString("message");
        assertThat(told, is(broken.replace('\ud83d', '\ufffd').replace('\ude00', '\ufffd')));
    }

    @Test
    void longTextIsTruncated() {
        String huge = "\u2028".repeat(10_000_000);
        LogRecord entry = entry(
                Level.INFO, OWN, "{0}", Event.of("e", huge).with("f", huge).error(huge));
        String line = Line.json().format(entry);
        assertThat(line.length(), lessThan(140_000));
        assertThat(json(entry).getString("f"), containsString("... (10000000 characters)"));
        assertThat(Line.text().format(entry).length(), lessThan(140_000));
    }

    /** The limit is between the halves of a surrogate pair. */
    @Test
    void truncationLeavesNoHalfPair() {
        String told =
                json(entry(Level.INFO, OWN, "x" + "\ud83d\ude00".repeat(5000))).getString("message");
        assertThat(told, containsString("\ufffd... ("));
    }

    @Test
    void anOwnErrorHasItsMessageAndStackInOneLine() {
        LogRecord entry = entry(Level.SEVERE, OWN, "failed");
        entry.setThrown(new IllegalStateException("first\nat forged", new IllegalArgumentException("cause")));
        String error = json(entry).getString("error");
        assertThat(
                error,
                startsWith("java.lang.IllegalStateException: first\\nat forged\nat dev.harp.relay.log.LineTest"));
        assertThat(error, containsString("\ncaused by java.lang.IllegalArgumentException: cause\nat "));
        assertThat(Line.text().format(entry).lines().skip(1).allMatch(line -> line.startsWith("    ")), is(true));
    }

    /** Exceptions of a library may quote a request. */
    @Test
    void anErrorOfALibraryHasNoMessage() {
        LogRecord entry = entry(Level.SEVERE, "io.helidon.webserver", "failed");
        entry.setThrown(new IllegalStateException("CANARY", new IllegalArgumentException("CANARY")));
        assertThat(
                json(entry).getString("error"),
                allOf(startsWith("java.lang.IllegalStateException\nat "), not(containsString("CANARY"))));
    }

    @Test
    void aWarningHasTheClassOnly() {
        LogRecord entry = entry(Level.WARNING, OWN, "failed");
        entry.setThrown(new IllegalStateException("CANARY"));
        assertThat(json(entry).getString("error"), is("java.lang.IllegalStateException"));
    }

    /** A cause that is its own grandchild. */
    @Test
    void aCycleOfCausesIsCut() {
        IllegalStateException first = new IllegalStateException("a");
        first.initCause(new IllegalStateException("b", first));
        LogRecord entry = entry(Level.SEVERE, OWN, "failed");
        entry.setThrown(first);
        assertThat(json(entry).getString("error").length(), lessThan(17_000));
    }

    @Test
    void aMessageThatIsNotAPatternIsLoggedAsItIs() {
        assertThat(json(entry(Level.INFO, OWN, "{0} {oops", "x")).getString("message"), is("{0} {oops"));
    }
}
