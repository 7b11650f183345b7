package dev.harp.relay.limit;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** {@code docs/protocol.md}, sections 9.2 and 9.3: a number of calls a minute for each key. */
class LocalRateLimitTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong nanoTime = new AtomicLong(-7 * SECOND);
    private final RateLimit<String> limit = new LocalRateLimit<>(10, 1000, nanoTime::get);

    @Test
    void aMinutesWorthIsAllowedAtOnce() {
        for (int i = 9; i >= 0; i--) {
            Grant grant = limit.take("a");
            assertThat(grant.allowed(), is(true));
            assertThat(grant.remaining(), is((long) i));
        }
        assertThat(limit.take("a").allowed(), is(false));
        assertThat(limit.take("b").allowed(), is(true));
    }

    @Test
    void itRefillsEvenly() {
        use("a", 10);
        nanoTime.addAndGet(6 * SECOND - 1);
        assertThat(limit.take("a").allowed(), is(false));
        nanoTime.addAndGet(1);
        assertThat(limit.take("a").allowed(), is(true));
        assertThat(limit.take("a").allowed(), is(false));
        nanoTime.addAndGet(60 * SECOND);
        use("a", 10);
        assertThat(limit.take("a").allowed(), is(false));
    }

    /** Section 3.7: {@code Retry-After} in whole seconds, rounded up, so that a client that obeys it is let in. */
    @Test
    void retryAfterIsRoundedUp() {
        use("a", 10);
        assertThat(limit.take("a").retryIn(), is(Duration.ofSeconds(6)));
        nanoTime.addAndGet(1);
        assertThat(limit.take("a").retryIn(), is(Duration.ofSeconds(6)));
        nanoTime.addAndGet(5 * SECOND);
        assertThat(limit.take("a").retryIn(), is(Duration.ofSeconds(1)));
        nanoTime.addAndGet(SECOND);
        assertThat(limit.take("a").allowed(), is(true));
    }

    @Test
    void refusedCallsTakeNothing() {
        use("a", 10);
        for (int i = 0; i < 1000; i++) {
            assertThat(limit.take("a").allowed(), is(false));
        }
        nanoTime.addAndGet(6 * SECOND);
        assertThat(limit.take("a").allowed(), is(true));
    }

    @Test
    void lookingTakesNothing() {
        use("a", 9);
        assertThat(limit.look("a"), is(new Grant(10, true, 1, Duration.ofSeconds(6))));
        assertThat(limit.look("a"), is(new Grant(10, true, 1, Duration.ofSeconds(6))));
        use("a", 1);
        assertThat(limit.look("a"), is(new Grant(10, true, 0, Duration.ofSeconds(6))));
        assertThat(limit.refused(), is(0L));
    }

    /** {@link Grant#retryIn} is set by the call that takes the last token, too. */
    @Test
    void theLastGrantSaysWhenTheNextIsAllowed() {
        use("a", 9);
        assertThat(limit.take("a"), is(new Grant(10, true, 0, Duration.ofSeconds(6))));
    }

    @Test
    void zeroIsNoLimit() {
        RateLimit<String> off = new LocalRateLimit<>(0, 1, nanoTime::get);
        for (int i = 0; i < 10_000; i++) {
            assertThat(off.take("a").allowed(), is(true));
        }
        assertThat(off.look("a"), is(new Grant(0, true, Long.MAX_VALUE, Duration.ZERO)));
        assertThat(off.refused(), is(0L));
    }

    /** A key is held while its bucket is less than full, and no longer. */
    @Test
    void onlyFullBucketsAreForgotten() {
        LocalRateLimit<String> some = new LocalRateLimit<>(10, 1000, nanoTime::get);
        for (int i = 0; i < 10; i++) {
            assertThat(some.take("a").allowed(), is(true));
        }
        nanoTime.addAndGet(60 * SECOND - 1);
        assertThat(some.take("b").allowed(), is(true));
        assertThat(some.arrivals.deadlines.size(), is(2));
        assertThat(some.look("a").remaining(), is(9L));
        nanoTime.addAndGet(1);
        assertThat(some.take("b").allowed(), is(true));
        assertThat(some.arrivals.deadlines.size(), is(1));
    }

    /** {@link System#nanoTime} has no origin, and may overflow while a relay runs. */
    @Test
    void aClockThatOverflowsDoesNoHarm() {
        nanoTime.set(Long.MAX_VALUE - SECOND);
        use("a", 10);
        nanoTime.addAndGet(6 * SECOND - 1);
        assertThat(limit.take("a").allowed(), is(false));
        nanoTime.addAndGet(1);
        use("a", 1);
        assertThat(limit.take("a").allowed(), is(false));
    }

    @Test
    void theBucketNeverHoldsMoreThanAMinutesWorth() {
        use("a", 10);
        nanoTime.addAndGet(600 * SECOND);
        use("a", 10);
        assertThat(limit.take("a").allowed(), is(false));
    }

    /** Hostile: a flood from ever new keys does not fill the memory. */
    @Test
    void theNumberOfKeysIsBounded() {
        LocalRateLimit<Integer> small = new LocalRateLimit<>(10, 100, nanoTime::get);
        for (int i = 0; i < 10_000; i++) {
            assertThat(small.take(i).allowed(), is(true));
            assertThat(small.arrivals.deadlines.size(), is(lessThanOrEqualTo(100)));
        }
    }

    /** As many keys as are held are all limited, in whatever order they call. */
    @Test
    void asManyKeysAsAreHeldAreAllLimited() {
        RateLimit<Integer> small = new LocalRateLimit<>(10, 5, nanoTime::get);
        int allowed = 0;
        for (int i = 0; i < 1000; i++) {
            allowed += small.take(i * 7 % 5).allowed() ? 1 : 0;
            allowed += small.take(i % 5).allowed() ? 1 : 0;
        }
        assertThat(allowed, is(50));
    }

    @Test
    void concurrentCallsGetNoMoreThanTheLimit() {
        AtomicInteger allowed = new AtomicInteger();
        RateLimit<String> hundred = new LocalRateLimit<>(100, 10, nanoTime::get);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 500; i++) {
                var _ = executor.submit(() -> hundred.take("a").allowed() ? allowed.incrementAndGet() : 0);
            }
        }
        assertThat(allowed.get(), is(100));
    }

    private void use(String key, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(limit.take(key).allowed(), is(true));
        }
    }
}
