package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

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

    /** Blank, and no space: with a row of these a text would begin where it likes. */
    @Test
    void blankLettersAreMadeVisible() {
        assertThat(
                Printable.line(
                        "\u3164\u115f\u1160\uffa0\u2800\u034f\ufe0f\u180b\u17b4\u00a0\u2003\u3000\udb40\udd00 x"),
                is("\\u{3164}\\u{115f}\\u{1160}\\u{ffa0}\\u{2800}\\u{34f}\\u{fe0f}\\u{180b}\\u{17b4}\\u{a0}\\u{2003}"
                        + "\\u{3000}\\u{e0100} x"));
    }

    /** No row of a text begins where a card begins, on a terminal of this width. */
    @Test
    void aLongLineIsMarkedOnEachOfItsRows() {
        String fake =
                " ".repeat(200) + "---- 0198f3a2-0000-7000-8000-000000000000 of pair_000000000000" + "x".repeat(500);
        for (int columns : new int[] {20, 40, 80, 200}) {
            List<String> rows = CardText.lines("action: Deploy" + fake + "\u6f22".repeat(100), columns);
            assertThat(rows.getFirst(), startsWith("action: Deploy"));
            assertThat(rows.stream().skip(1).allMatch(row -> row.startsWith("  + ")), is(true));
            assertThat(
                    rows.stream()
                            .allMatch(row -> row.codePoints()
                                            .map(point -> point == 0x6f22 ? 2 : 1)
                                            .sum()
                                    < columns),
                    is(true));
            assertThat(
                    "nothing is cut",
                    String.join("", rows).chars().filter(unit -> unit == 'x').count(),
                    is(500L));
        }
    }

    @Test
    void wordsStayWholeWhereTheyCan() {
        assertThat(
                CardText.lines("action: Deploy the shop to staging", 20),
                contains("action: Deploy the ", "  + shop to staging"));
        assertThat(
                CardText.lines("action: rm -r /srv/www/shop/current/tmp", 20),
                contains("action: rm -r ", "  + /srv/www/shop/c", "  + urrent/tmp"));
        assertThat(CardText.lines("0123456789012345678 0123", 20), contains("0123456789012345678", "  +  0123"));
        assertThat(
                CardText.lines("a \u6f22\u6f22\u6f22\u6f22\u6f22 \u6f22\u6f22\u6f22\u6f22\u6f22", 20),
                contains("a \u6f22\u6f22\u6f22\u6f22\u6f22 ", "  + \u6f22\u6f22\u6f22\u6f22\u6f22"));
    }

    @Test
    void mixedScriptsAreFlagged() {
        assertThat(
                CardText.lines("action: p\u0430y bob", 80),
                contains("action: p\u0430y bob", "MIXED SCRIPTS above: LATIN, CYRILLIC"));
        assertThat(
                CardText.lines("action: \u6771\u4eac tower \u3068", 80), contains("action: \u6771\u4eac tower \u3068"));
    }

    @Test
    void jsonEscapesKeepTheirPlace() {
        assertThat(Printable.json("{\"a\":\"\u2800\"}"), is("{\"a\":\"\\u2800\"}"));
    }

    @Test
    void aCommandIsShownAsAShellNeedsIt() {
        assertThat(
                Words.shell(List.of("ls", "-l", "a b", "it's", "", "$HOME", "x=1", "ü")),
                is("ls -l 'a b' 'it'\\''s' '' '$HOME' x=1 'ü'"));
    }
}
