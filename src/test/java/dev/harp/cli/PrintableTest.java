package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What others have written, and where escape sequences may go. */
class PrintableTest {
    @Test
    void whatMovesReordersOrHidesIsMadeVisible() {
        String hostile = "a\u0000\u0008\r\u001b]0;x\u0007\u007f\u0085\u009b\u200b\u202e\u2028\ufeff\ue000\ud800b";
        assertThat(
                Printable.line(hostile),
                is("a\\u{0}\\u{8}\\u{d}\\u{1b}]0;x\\u{7}\\u{7f}\\u{85}\\u{9b}\\u{200b}\\u{202e}\\u{2028}\\u{feff}"
                        + "\\u{e000}\\u{d800}b"));
        assertThat(Printable.line("1\n2\t3"), is("1\\u{a}2\\u{9}3"));
        assertThat(Printable.block("1\n2\t3\r"), is("1\n2\t3\\u{d}"));
        assertThat(Printable.line("Grüße, 日本, 😀"), is("Grüße, 日本, 😀"));
    }

    @Test
    void jsonKeepsItsValue() {
        assertThat(
                Printable.json("{\"a\":\"x\u202e\u009b\udb40\udc01\"}"),
                is("{\"a\":\"x\\u202e\\u009b\\udb40\\udc01\"}"));
    }

    @Test
    void colourIsForTerminalsWithoutNoColor() {
        assertThat(Terminal.Kind.of("", Map.of()), is(Terminal.Kind.PIPES));
        assertThat(Terminal.Kind.of("012", Map.of()), is(new Terminal.Kind(true, true, true)));
        assertThat(Terminal.Kind.of("02", Map.of()), is(new Terminal.Kind(true, false, true)));
        assertThat(Terminal.Kind.of("01", Map.of()), is(new Terminal.Kind(false, true, false)));
        assertThat(Terminal.Kind.of("012", Map.of("NO_COLOR", "1")), is(new Terminal.Kind(true, false, false)));
        assertThat(Terminal.Kind.of("012", Map.of("NO_COLOR", "")), is(new Terminal.Kind(true, true, true)));
        assertThat(Terminal.Kind.of("012", Map.of("TERM", "dumb")), is(Terminal.Kind.PIPES));
    }

    @Test
    void aCommandIsShownAsAShellNeedsIt() {
        assertThat(
                Words.shell(List.of("ls", "-l", "a b", "it's", "", "$HOME", "x=1", "ü")),
                is("ls -l 'a b' 'it'\\''s' '' '$HOME' x=1 'ü'"));
    }
}
