package dev.harp.relay.store;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docs/protocol.md}, sections 3.3 and 6.4: the text of a cursor. */
class CursorTest {
    @ParameterizedTest
    @ValueSource(strings = {"0", "17", "17-42", "1-2", "999999999999999999"})
    void writtenCursorIsParsed(String text) {
        assertThat(Cursor.parse(text).orElseThrow().toString(), is(text));
    }

    @Test
    void readingOnMovesTheCursor() {
        assertThat(Cursor.at(5), is(new Cursor(5, 5)));
        assertThat(new Cursor(0, 9).readTo(4), is(new Cursor(4, 9)));
        assertThat(new Cursor(4, 9).readTo(12), is(Cursor.at(12)));
    }

    /** Section 6.4: a text that no relay issues is not a cursor. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "x",
                "-1",
                "+1",
                "1.0",
                "1-",
                "-",
                "1-2-3",
                " 1",
                "1 ",
                "1\n",
                "0x1",
                "1e3",
                "٣",
                "42-17",
                "1000000000000000000",
                "1-1000000000000000000",
                "99999999999999999999999999"
            })
    void malformedCursors(String text) {
        assertThat(Cursor.parse(text), is(Optional.empty()));
    }

    /** Each cursor has one text only. */
    @ParameterizedTest
    @ValueSource(strings = {"00", "007", "5-5", "1-02", "01-2"})
    void eachCursorHasOneText(String text) {
        assertThat(Cursor.parse(text), is(Optional.empty()));
    }
}
