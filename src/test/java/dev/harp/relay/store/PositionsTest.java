package dev.harp.relay.store;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The positions of a list, and the cursors that it knows. */
class PositionsTest {
    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00.000001999Z");
    private static final long AT = 1_796_040_000_000_001L;

    @Test
    void aListGoesOnWithoutALeap() {
        assertThat(Positions.NONE.next(0).next(1), is(new Positions(2, 0, List.of())));
        assertThat(Positions.NONE.next(0).next(2).leaps(), is(empty()));
    }

    @ParameterizedTest
    @CsvSource({
        "0, true", "3, true", // before the leap
        "4, false", "99, false", // lost
        "100, true", "101, true", // after it
        "102, false" // ahead of everything
    })
    void aCursorWithinALeapIsUnknown(long position, boolean known) {
        Positions list = new Positions(3, 0, List.of()).next(100).next(100);
        assertThat(list.last(), is(101L));
        assertThat(list.know(Cursor.at(position)), is(known));
    }

    /** Each of a cursor's two positions counts. */
    @Test
    void aCursorWithOneLostPositionIsUnknown() {
        Positions list = new Positions(3, 0, List.of()).next(100);
        assertThat(list.know(new Cursor(2, 7)), is(false));
        assertThat(list.know(new Cursor(7, 100)), is(false));
        assertThat(list.know(new Cursor(2, 100)), is(true));
    }

    @Test
    void leapsAreBounded() {
        Positions list = Positions.NONE;
        for (int i = 1; i <= 2 * Positions.MAX_LEAPS; i++) {
            list = list.next(100L * i);
        }
        assertThat(list.leaps(), hasSize(Positions.MAX_LEAPS));
        assertThat(list.leaps().getFirst(), is(new Positions.Leap(700, 800)));
        assertThat(list.floor(), is(400L));
        assertThat(list.know(Cursor.at(400)), is(true));
        assertThat(list.know(Cursor.at(399)), is(false));
    }

    @Test
    void aRemovedRequestRaisesTheFloorOnly() {
        Positions list = Positions.NONE.next(0).next(0).removed(2).removed(1);
        assertThat(list, is(new Positions(2, 2, List.of())));
    }

    @Test
    void theBaseIsTheClockInMicroseconds() {
        assertThat(Positions.base(0, NOW), is(AT));
        assertThat(Positions.base(1, NOW), is(AT));
    }

    @Test
    void theBaseIsAboveAllPositionsAlsoIfTheClockIsNot() {
        for (Instant clock : List.of(NOW, Instant.EPOCH, Instant.MIN)) {
            assertThat(Positions.base(AT, clock), is(greaterThanOrEqualTo(AT + Positions.LEAST_LEAP)));
        }
    }

    /** Redis counts in doubles, and a cursor has 18 digits at most. */
    @Test
    void noClockMakesAPositionTooLarge() {
        long far = Positions.base(0, Instant.MAX);
        assertThat(far, is(lessThan(1L << 53)));
        assertThat(Cursor.parse("" + far), is(Optional.of(Cursor.at(far))));
        assertThat(Positions.NONE.next(far).leaps(), contains(new Positions.Leap(0, far)));
    }
}
