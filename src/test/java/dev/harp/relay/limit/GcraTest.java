package dev.harp.relay.limit;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import java.util.Random;
import org.junit.jupiter.api.Test;

class GcraTest {
    private static final long MINUTE = 60_000_000_000L;

    /** The algorithm agrees with a token bucket whose tokens refill in units of time. */
    @Test
    void itAgreesWithATokenBucket() {
        Random random = new Random(7);
        for (int perMinute : new int[] {1, 2, 7, 10, 59, 100, 1000, 1_000_000}) {
            Gcra gcra = Gcra.perMinute(perMinute, MINUTE);
            long ahead = 0;
            long tokens = gcra.capacity();
            for (int i = 0; i < 2000; i++) {
                int calls = random.nextInt(3);
                boolean enough = tokens >= calls * gcra.interval();
                tokens -= enough ? calls * gcra.interval() : 0;
                Gcra.Decision decision = gcra.take(ahead, calls);
                assertThat(decision.allowed(), is(enough));
                assertThat(gcra.remaining(decision.ahead()), is(tokens / gcra.interval()));
                long passed = random.nextLong(3 * gcra.interval());
                ahead = decision.ahead() - passed;
                tokens = Math.min(gcra.capacity(), tokens + passed);
            }
        }
    }

    /** The delay is exact: one unit earlier the calls are refused. */
    @Test
    void callsAreAllowedAfterTheDelay() {
        Gcra gcra = Gcra.perMinute(7, MINUTE);
        long ahead = gcra.take(0, 7).ahead();
        Gcra.Decision refused = gcra.take(ahead, 3);
        assertThat(refused.ahead(), is(ahead));
        assertThat(gcra.take(ahead - refused.delay(), 3).allowed(), is(true));
        assertThat(gcra.take(ahead - refused.delay() + 1, 3).allowed(), is(false));
    }

    /** The bucket refills in a minute, or in a unit of time for each call less. */
    @Test
    void aMinuteRefillsTheBucket() {
        for (int perMinute = 1; perMinute <= 1_000_000; perMinute = perMinute * 3 + 1) {
            assertThat(Gcra.perMinute(perMinute, MINUTE).capacity(), is(lessThanOrEqualTo(MINUTE)));
            assertThat(Gcra.perMinute(perMinute, MINUTE).capacity(), is(greaterThanOrEqualTo(MINUTE - perMinute)));
        }
    }

    /** The theoretical arrival time is as far in the past as a clock can express. */
    @Test
    void aLongRestIsAFullBucket() {
        Gcra gcra = Gcra.perMinute(10, MINUTE);
        assertThat(gcra.take(Long.MIN_VALUE, 10), is(new Gcra.Decision(gcra.capacity(), 0)));
        assertThat(gcra.untilNext(0), is(0L));
    }

    /** A relay with another limit may have stored a state beyond the capacity of this one. */
    @Test
    void aStateBeyondTheCapacityIsAnEmptyBucket() {
        Gcra gcra = new Gcra(10, 3);
        assertThat(gcra.take(45, 1), is(new Gcra.Decision(45, 25)));
        assertThat(gcra.remaining(45), is(0L));
        assertThat(gcra.untilNext(45), is(25L));
    }
}
