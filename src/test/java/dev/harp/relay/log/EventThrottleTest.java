package dev.harp.relay.log;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A flood of events becomes a few lines, with the number of suppressed ones. */
class EventThrottleTest {
    private static final int KEYS = 4;

    /** Close to its overflow, as a monotonic clock may be. */
    private long now = Long.MAX_VALUE - 500_000_000L;

    private final EventThrottle<String> throttle = new EventThrottle<>(Duration.ofSeconds(1), KEYS, () -> now);

    private void pass(long millis) {
        now += millis * 1_000_000;
    }

    @Test
    void theFirstEventIsAdmitted() {
        assertThat(throttle.admit("a"), is(OptionalLong.of(0)));
        assertThat(throttle.admit("b"), is(OptionalLong.of(0)));
    }

    @Test
    void otherEventsOfThePeriodAreCounted() {
        assertThat(throttle.admit("a"), is(OptionalLong.of(0)));
        pass(999);
        for (int i = 0; i < 1000; i++) {
            assertThat(throttle.admit("a"), is(OptionalLong.empty()));
        }
        pass(1);
        assertThat(throttle.admit("a"), is(OptionalLong.of(1000)));
        assertThat(throttle.admit("a"), is(OptionalLong.empty()));
        pass(1000);
        assertThat(throttle.admit("a"), is(OptionalLong.of(1)));
    }

    /** Each event has another key: neither the table nor the number of lines grows with them. */
    @Test
    void manyKeysShareOneLine() {
        int told = 0;
        for (int i = 0; i < 100_000; i++) {
            told += throttle.admit("key " + i).isPresent() ? 1 : 0;
            assertThat(throttle.windows.size(), lessThanOrEqualTo(KEYS));
        }
        assertThat(told, is(KEYS + 1));
        assertThat(throttle.admit("key 0"), is(OptionalLong.empty()));
        pass(1000);
        assertThat(throttle.admit("key 0"), is(OptionalLong.of(1)));
    }

    /** The events suppressed for evicted keys are counted in the next line of the shared entry. */
    @Test
    void suppressedEventsOfEvictedKeysAreCounted() {
        for (int i = 0; i < KEYS; i++) {
            assertThat(throttle.admit("old " + i), is(OptionalLong.of(0)));
            assertThat(throttle.admit("old " + i), is(OptionalLong.empty()));
        }
        pass(1000);
        for (int i = 0; i < KEYS; i++) {
            assertThat(throttle.admit("new " + i), is(OptionalLong.of(0)));
        }
        assertThat(throttle.admit("one more"), is(OptionalLong.of(KEYS)));
    }
}
