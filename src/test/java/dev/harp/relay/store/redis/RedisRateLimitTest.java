package dev.harp.relay.store.redis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.limit.Grant;
import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.protocol.Samples;
import dev.harp.testing.FakeClock;
import dev.harp.testing.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** A limit that two relays keep together. */
class RedisRateLimitTest {
    private static final int PER_MINUTE = 6;

    private final FakeClock clock = new FakeClock(Samples.T0);
    private final String prefix = RedisServer.freshPrefix();
    private final Link link = new Link(RedisServer.shared().address(), prefix, () -> {});
    private final RateLimit<String> one = new RedisRateLimit<>(link, "client", PER_MINUTE, clock);
    private final RateLimit<String> other = new RedisRateLimit<>(link, "client", PER_MINUTE, clock);

    @BeforeEach
    void start() {
        link.start();
    }

    @AfterEach
    void close() {
        link.close();
    }

    @Test
    void aMinutesWorthInAll() {
        for (int left = PER_MINUTE - 1; left >= 0; left--) {
            Grant grant = (left % 2 == 0 ? one : other).take("10.0.0.1");
            assertThat(grant, is(new Grant(true, left, Duration.ofSeconds(10))));
        }
        assertThat(one.take("10.0.0.1"), is(new Grant(false, 0, Duration.ofSeconds(10))));
        assertThat(other.take("10.0.0.1"), is(new Grant(false, 0, Duration.ofSeconds(10))));
        assertThat(one.refused() + other.refused(), is(2L));
        assertThat(other.take("10.0.0.2").allowed(), is(true));
        clock.advance(Duration.ofSeconds(4));
        assertThat(one.look("10.0.0.1"), is(new Grant(false, 0, Duration.ofSeconds(6))));
        clock.advance(Duration.ofSeconds(6));
        assertThat(one.look("10.0.0.1"), is(new Grant(true, 1, Duration.ofSeconds(10))));
        assertThat(one.take("10.0.0.1").allowed(), is(true));
        assertThat(other.take("10.0.0.1").allowed(), is(false));
    }

    @Test
    void lookingTakesNothing() {
        assertThat(one.look("10.0.0.1"), is(new Grant(true, PER_MINUTE, Duration.ZERO)));
        assertThat(one.look("10.0.0.1"), is(new Grant(true, PER_MINUTE, Duration.ZERO)));
    }

    @Test
    void manyAtOnceGetNoMoreThanThereIs() throws Exception {
        List<Future<Boolean>> all = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 40; i++) {
                RateLimit<String> at = i % 2 == 0 ? one : other;
                all.add(threads.submit(() -> at.take("10.0.0.1").allowed()));
            }
        }
        int allowed = 0;
        for (Future<Boolean> each : all) {
            allowed += each.get() ? 1 : 0;
        }
        assertThat(allowed, is(PER_MINUTE));
    }

    /** Neither is a client's address in the name of a key, nor does a key outlive its bucket. */
    @Test
    void keysTellNothingAndEnd() {
        var _ = one.take("10.0.0.1");
        try (Jedis redis = RedisServer.shared().client()) {
            Set<String> keys = redis.keys(prefix + "l:*");
            assertThat(keys, hasSize(1));
            String key = keys.iterator().next();
            assertThat(key, not(containsString("10.0")));
            assertThat(redis.ttl(key) > 0 && redis.ttl(key) <= 70, is(true));
        }
    }

    /** A relay's clock that was an hour fast, and is set right, keeps nobody out for that hour: no bucket outlives the time in which it would have filled. */
    @Test
    void aClockThatIsSetBackKeepsNobodyOut() {
        AtomicLong nanoTime = new AtomicLong();
        RateLimit<String> fast = new RedisRateLimit<>(link, "client", PER_MINUTE, clock, nanoTime::get);
        clock.advance(Duration.ofHours(1));
        assertThat(fast.take("10.0.0.1").allowed(), is(true));
        clock.advance(Duration.ofHours(-1));
        for (int left = PER_MINUTE - 2; left >= 0; left--) {
            assertThat(fast.take("10.0.0.1").allowed(), is(true));
        }
        assertThat(fast.take("10.0.0.1").allowed(), is(false));
        try (Jedis redis = RedisServer.shared().client()) {
            String key = redis.keys(prefix + "l:*").iterator().next();
            assertThat(redis.ttl(key) > 0 && redis.ttl(key) <= 70, is(true));
            redis.del(key);
        }
        clock.advance(Duration.ofSeconds(70));
        nanoTime.addAndGet(Duration.ofSeconds(70).toNanos());
        assertThat(fast.take("10.0.0.1"), is(new Grant(true, PER_MINUTE - 1, Duration.ofSeconds(10))));
    }

    @Test
    void noLimitAsksNobody() {
        link.close();
        RateLimit<String> off = new RedisRateLimit<>(link, "client", 0, clock);
        assertThat(off.take("10.0.0.1").allowed(), is(true));
        assertThat(off.look("10.0.0.1").allowed(), is(true));
    }
}
