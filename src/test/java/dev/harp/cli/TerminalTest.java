package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What goes to which stream, and what comes from the person. */
class TerminalTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final PipedOutputStream typed = new PipedOutputStream();

    private Terminal terminal(Terminal.Kind kind) throws IOException {
        return new Terminal(
                new PipedInputStream(typed),
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8),
                kind);
    }

    /** So that a pairing whose digits nobody types ends by itself. */
    @Test
    void aLineIsWaitedForAsLongAsSaid() throws IOException, InterruptedException {
        Terminal terminal = terminal(Terminal.Kind.of("02", Map.of()));
        assertThat(terminal.ask("Digits: ", Duration.ZERO), is(new Terminal.Nothing()));
        typed.write("123 456\n".getBytes(UTF_8));
        typed.flush();
        assertThat(terminal.ask("Digits: ", PATIENCE), is(new Terminal.Line("123 456")));
        typed.close();
        assertThat(terminal.ask("Digits: ", PATIENCE), is(new Terminal.End()));
        assertThat(terminal.ask("Digits: ", PATIENCE), is(new Terminal.End()));
        assertThat(err.toString(UTF_8), is("Digits: ".repeat(4)));
        assertThat(out.toString(UTF_8), is(""));
    }

    @Test
    void aPipeGetsNeitherPromptNorStatus() throws IOException, InterruptedException {
        Terminal terminal = terminal(Terminal.Kind.PIPES);
        terminal.status("waiting");
        assertThat(terminal.ask("Digits: ", Duration.ZERO), is(new Terminal.Nothing()));
        terminal.say("said");
        terminal.answer(terminal.bold("answer"));
        assertThat(out.toString(UTF_8), is("answer" + System.lineSeparator()));
        assertThat(err.toString(UTF_8), is("said" + System.lineSeparator()));
    }

    @Test
    void colourIsForTerminalsWithoutNoColor() {
        assertThat(Terminal.Kind.of("", Map.of()), is(Terminal.Kind.PIPES));
        assertThat(Terminal.Kind.of("012", Map.of()), is(new Terminal.Kind(true, true, true, true, 80)));
        assertThat(Terminal.Kind.of("02", Map.of()), is(new Terminal.Kind(true, true, false, true, 80)));
        assertThat(Terminal.Kind.of("01", Map.of()), is(new Terminal.Kind(false, false, true, false, 80)));
        assertThat(
                Terminal.Kind.of("012", Map.of("NO_COLOR", "1")), is(new Terminal.Kind(true, true, false, false, 80)));
        assertThat(Terminal.Kind.of("012", Map.of("NO_COLOR", "")), is(new Terminal.Kind(true, true, true, true, 80)));
        assertThat(
                Terminal.Kind.of("012", Map.of("TERM", "dumb")), is(new Terminal.Kind(false, true, false, false, 80)));
    }

    @Test
    void theWidthIsTheTerminalsIfItIsOne() {
        assertThat(Terminal.Kind.of("012", Map.of("COLUMNS", "132")).columns(), is(132));
        for (String none : List.of("", "0", "5", "-80", "x", "99999999999")) {
            assertThat(Terminal.Kind.of("012", Map.of("COLUMNS", none)).columns(), is(80));
        }
    }
}
