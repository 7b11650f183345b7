package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What others have written, for a terminal. */
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
    void aCommandIsShownAsAShellNeedsIt() {
        assertThat(
                Words.shell(List.of("ls", "-l", "a b", "it's", "", "$HOME", "x=1", "ü")),
                is("ls -l 'a b' 'it'\\''s' '' '$HOME' x=1 'ü'"));
    }
}
