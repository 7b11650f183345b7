package dev.harp.relay.limit;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** {@code docs/protocol.md}, sections 9.2 and 9.3: so many calls a minute for each key. */
class LocalRateLimitTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong nanoTime = new AtomicLong(-7 * SECOND);
    private final RateLimit<String> limit = new LocalRateLimit<>(10, 1000, nanoTime::get);

    @Test
    void aMinutesWorthAtOnceAndNotOneMore() {
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

    /** Section 3.7: {@code Retry-After} in whole seconds, rounded up, so that whoever obeys it is let in. */
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
    void refusedCallsUseNothingUp() {
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
        assertThat(limit.look("a"), is(new Grant(true, 1, Duration.ofSeconds(6))));
        assertThat(limit.look("a"), is(new Grant(true, 1, Duration.ofSeconds(6))));
        use("a", 1);
        assertThat(limit.look("a"), is(new Grant(false, 0, Duration.ofSeconds(6))));
    }

    /** {@link Grant}: until when the next call is allowed. The call that took the last one has to say so. */
    @Test
    void theLastGrantSaysWhenTheNextIsAllowed() {
        use("a", 9);
        assertThat(limit.take("a"), is(new Grant(true, 0, Duration.ofSeconds(6))));
    }

    @Test
    void zeroIsNoLimit() {
        RateLimit<String> off = new LocalRateLimit<>(0, 1, nanoTime::get);
        assertThat(off.on(), is(false));
        assertThat(off.perMinute(), is(0));
        for (int i = 0; i < 10_000; i++) {
            assertThat(off.take("a").allowed(), is(true));
        }
        assertThat(off.look("a"), is(new Grant(true, Long.MAX_VALUE, Duration.ZERO)));
        assertThat(limit.on(), is(true));
        assertThat(limit.perMinute(), is(10));
    }

    /** A bucket lives through the change of generations while it is less than full. */
    @Test
    void aChangeOfGenerationsForgetsNobodyWhoMatters() {
        nanoTime.addAndGet(59 * SECOND);
        use("a", 10);
        nanoTime.addAndGet(SECOND);
        assertThat(limit.take("b").allowed(), is(true));
        assertThat(limit.take("a").allowed(), is(false));
        nanoTime.addAndGet(59 * SECOND);
        // 9.83 tokens have come back: nine calls, and no tenth.
        nanoTime.addAndGet(-SECOND);
        use("a", 9);
        assertThat(limit.take("a").allowed(), is(false));
    }

    @Test
    void manyMinutesOfSilenceMakeAFullBucket() {
        use("a", 10);
        nanoTime.addAndGet(600 * SECOND);
        use("a", 10);
        assertThat(limit.take("a").allowed(), is(false));
    }

    /** Hostile: a flood from ever new keys must not fill the memory. */
    @Test
    void theNumberOfBucketsIsBounded() throws Exception {
        RateLimit<Integer> small = new LocalRateLimit<>(10, 100, nanoTime::get);
        for (int i = 0; i < 10_000; i++) {
            assertThat(small.take(i).allowed(), is(true));
            assertThat(buckets(small), is(lessThanOrEqualTo(200)));
        }
    }

    /** Exactly as many keys as are held: nobody's use is forgotten, in whatever order they call. */
    @Test
    void asManyKeysAsAreHeldAreAllHeldToTheLimit() {
        RateLimit<Integer> small = new LocalRateLimit<>(10, 5, nanoTime::get);
        int allowed = 0;
        for (int i = 0; i < 1000; i++) {
            allowed += small.take(i * 7 % 5).allowed() ? 1 : 0;
            allowed += small.take(i % 5).allowed() ? 1 : 0;
        }
        assertThat(allowed, is(50));
    }

    @Test
    void manyAtOnceGetNoMoreThanTheLimit() {
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

    private static int buckets(RateLimit<?> of) throws ReflectiveOperationException {
        var field = LocalRateLimit.class.getDeclaredField("generations");
        field.setAccessible(true);
        Object generations = field.get(of);
        int sum = 0;
        for (RecordComponent part : generations.getClass().getRecordComponents()) {
            part.getAccessor().setAccessible(true);
            sum += part.getAccessor().invoke(generations) instanceof Map<?, ?> map ? map.size() : 0;
        }
        return sum;
    }
}
