package dev.harp.relay.store.redis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.limit.Grant;
import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.testing.FakeClock;
import dev.harp.testing.RedisServer;
import java.time.Duration;
import java.time.InstantSource;
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
import redis.clients.jedis.params.SetParams;

/** A limit that two relays share. */
class RedisRateLimitTest {
    private static final int PER_MINUTE = 6;

    private final FakeClock clock = new FakeClock(Samples.T0);
    private final String prefix = RedisServer.freshPrefix();
    private final RedisConnections connections =
            new RedisConnections(RedisServer.shared().address(), prefix, InstantSource.system(), () -> {});
    private final RateLimit<String> one = limit(PER_MINUTE);
    private final RateLimit<String> other = limit(PER_MINUTE);

    /** A limit whose wall clock and monotonic clock agree. */
    private RateLimit<String> limit(int perMinute) {
        return new RedisRateLimit<>(connections, "client", perMinute, clock, () -> clock.millis() * 1_000_000);
    }

    @BeforeEach
    void start() {
        connections.start();
    }

    @AfterEach
    void close() {
        connections.close();
    }

    @Test
    void twoRelaysAllowAMinutesWorthTogether() {
        for (int left = PER_MINUTE - 1; left >= 0; left--) {
            Grant grant = (left % 2 == 0 ? one : other).take("10.0.0.1");
            assertThat(grant, is(new Grant(PER_MINUTE, true, left, Duration.ofSeconds(10))));
        }
        assertThat(one.take("10.0.0.1"), is(new Grant(PER_MINUTE, false, 0, Duration.ofSeconds(10))));
        assertThat(other.take("10.0.0.1"), is(new Grant(PER_MINUTE, false, 0, Duration.ofSeconds(10))));
        assertThat(one.refused() + other.refused(), is(2L));
        assertThat(other.take("10.0.0.2").allowed(), is(true));
        clock.advance(Duration.ofSeconds(4));
        assertThat(one.look("10.0.0.1"), is(new Grant(PER_MINUTE, true, 0, Duration.ofSeconds(6))));
        clock.advance(Duration.ofSeconds(6));
        assertThat(one.look("10.0.0.1"), is(new Grant(PER_MINUTE, true, 1, Duration.ofSeconds(10))));
        assertThat(one.take("10.0.0.1").allowed(), is(true));
        assertThat(other.take("10.0.0.1").allowed(), is(false));
    }

    @Test
    void lookingTakesNothing() {
        assertThat(one.look("10.0.0.1"), is(new Grant(PER_MINUTE, true, PER_MINUTE, Duration.ZERO)));
        assertThat(one.look("10.0.0.1"), is(new Grant(PER_MINUTE, true, PER_MINUTE, Duration.ZERO)));
    }

    @Test
    void concurrentCallsGetNoMoreThanTheLimit() throws Exception {
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

    /** A client's address is not in the name of a key, and a key does not outlive its bucket for long. */
    @Test
    void keysNameNobodyAndExpire() {
        var _ = one.take("10.0.0.1");
        try (Jedis redis = RedisServer.shared().client()) {
            Set<String> keys = redis.keys(prefix + "g:*");
            assertThat(keys, hasSize(1));
            String key = keys.iterator().next();
            assertThat(key, not(containsString("10.0")));
            assertThat(redis.ttl(key) > 0 && redis.ttl(key) <= 70, is(true));
        }
    }

    /**
     * A relay's clock that was an hour fast and is set right keeps no client out for that hour: no key outlives the
     * time in which its bucket fills.
     */
    @Test
    void aClockThatIsSetBackKeepsNobodyOut() {
        AtomicLong nanoTime = new AtomicLong();
        RateLimit<String> fast = new RedisRateLimit<>(connections, "client", PER_MINUTE, clock, nanoTime::get);
        clock.advance(Duration.ofHours(1));
        assertThat(fast.take("10.0.0.1").allowed(), is(true));
        clock.advance(Duration.ofHours(-1));
        for (int left = PER_MINUTE - 2; left >= 0; left--) {
            assertThat(fast.take("10.0.0.1").allowed(), is(true));
        }
        assertThat(fast.take("10.0.0.1").allowed(), is(false));
        try (Jedis redis = RedisServer.shared().client()) {
            String key = redis.keys(prefix + "g:*").iterator().next();
            assertThat(redis.ttl(key) > 0 && redis.ttl(key) <= 70, is(true));
            redis.del(key);
        }
        clock.advance(Duration.ofSeconds(70));
        nanoTime.addAndGet(Duration.ofSeconds(70).toNanos());
        assertThat(fast.take("10.0.0.1"), is(new Grant(PER_MINUTE, true, PER_MINUTE - 1, Duration.ofSeconds(10))));
    }

    /**
     * Hostile: a client that calls on while it is refused costs Redis nothing, and its 429 survives an outage of Redis.
     */
    @Test
    void aRefusalIsRepeatedWithoutRedis() {
        for (int i = 0; i < PER_MINUTE; i++) {
            assertThat(one.take("10.0.0.1").allowed(), is(true));
        }
        assertThat(one.take("10.0.0.1").allowed(), is(false));
        clock.advance(Duration.ofMillis(9_999));
        connections.close();
        assertThat(one.take("10.0.0.1"), is(new Grant(PER_MINUTE, false, 0, Duration.ofSeconds(1))));
        assertThat(one.look("10.0.0.1").remaining(), is(0L));
        assertThrows(StoreUnavailable.class, () -> one.take("10.0.0.2"));
        clock.advance(Duration.ofMillis(1));
        assertThrows(StoreUnavailable.class, () -> one.take("10.0.0.1"));
    }

    /** Hostile: a client that calls two relays whose clocks differ gets no more than one minute's worth. */
    @Test
    void clocksThatDifferGiveNothingAway() {
        FakeClock ahead = new FakeClock(Samples.T0.plusSeconds(30));
        RateLimit<String> early = new RedisRateLimit<>(connections, "client", PER_MINUTE, ahead, System::nanoTime);
        int allowed = 0;
        for (int i = 0; i < 2 * PER_MINUTE; i++) {
            allowed += early.take("10.0.0.1").allowed() ? 1 : 0;
            allowed += one.take("10.0.0.1").allowed() ? 1 : 0;
        }
        assertThat(allowed, is(PER_MINUTE));
    }

    /** Relays of earlier versions count under other keys, whose form is not read. */
    @Test
    void theBucketsOfEarlierVersionsAreLeftAlone() {
        String old = prefix + "l:client:";
        try (Jedis redis = RedisServer.shared().client()) {
            redis.set(old, "state", SetParams.setParams().px(70_000));
            assertThat(one.take("10.0.0.1").allowed(), is(true));
            assertThat(redis.get(old), is("state"));
        }
    }

    @Test
    void zeroIsNoLimitAndNeedsNoRedis() {
        connections.close();
        RateLimit<String> off = limit(0);
        assertThat(off.take("10.0.0.1").allowed(), is(true));
        assertThat(off.look("10.0.0.1").allowed(), is(true));
    }
}
