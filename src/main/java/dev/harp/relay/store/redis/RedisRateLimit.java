package dev.harp.relay.store.redis;

import dev.harp.relay.limit.Grant;
import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.store.StoreUnavailable;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.BucketExceptions;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.EstimationProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.ClientSideConfig;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * A limit that all relays on one Redis keep together: Bucket4j's buckets, a key each, which ends by itself when the bucket is full again.
 *
 * <p>The name of a key is a digest, so that a list of the keys is no list of the clients' addresses to whoever reads over Redis' shoulder; for anybody who
 * wants to know and tries all addresses, that is no secret.
 *
 * @param <K> what is counted by; its text tells it from all others
 */
public final class RedisRateLimit<K> implements RateLimit<K> {
    private static final Duration PERIOD = Duration.ofMinutes(1);
    private static final Duration SPARE = Duration.ofSeconds(10);
    private static final int DIGITS = 32;
    private static final int ATTEMPTS = 100;

    private final int perMinute;
    private final String scope;
    private final Buckets remembering;
    private final Buckets fresh;
    private final BucketConfiguration configuration;
    private final StripedLock turns = new StripedLock();
    private final LongAdder refused = new LongAdder();

    /**
     * A limit.
     *
     * @param scope tells this limit's keys from another's
     * @param perMinute how many calls, or 0 for no limit
     * @param clock the wall clock, which the relays have to have in common to a second or so
     */
    RedisRateLimit(Link link, String scope, int perMinute, InstantSource clock) {
        this(link, scope, perMinute, clock, System::nanoTime);
    }

    RedisRateLimit(Link link, String scope, int perMinute, InstantSource clock, LongSupplier nanoTime) {
        this.perMinute = perMinute;
        this.scope = scope;
        ClientSideConfig config = ClientSideConfig.getDefault()
                .withClientClock(meter(clock))
                .withMaxRetries(ATTEMPTS)
                .withExpirationAfterWriteStrategy(
                        ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(SPARE));
        this.remembering = new Buckets(link, config, true, nanoTime);
        this.fresh = new Buckets(link, config, false, nanoTime);
        this.configuration = BucketConfiguration.builder()
                .addLimit(Bandwidth.builder()
                        .capacity(Math.max(1, perMinute))
                        .refillGreedy(Math.max(1, perMinute), PERIOD)
                        .build())
                .build();
    }

    private static TimeMeter meter(InstantSource clock) {
        return new TimeMeter() {
            @Override
            public long currentTimeNanos() {
                return clock.millis() * 1_000_000;
            }

            @Override
            public boolean isWallClockBased() {
                return true;
            }
        };
    }

    @Override
    public int perMinute() {
        return perMinute;
    }

    @Override
    public long refused() {
        return refused.sum();
    }

    @Override
    public Grant take(K key) {
        if (!on()) {
            return new Grant(true, Long.MAX_VALUE, Duration.ZERO);
        }
        String name = name(key);
        ConsumptionProbe probe = turns.take(name, () -> {
            try {
                return bucket(remembering, name).tryConsumeAndReturnRemaining(1);
            } catch (BucketExceptions.BucketExecutionException _) {
                throw new StoreUnavailable("a bucket changes all the time");
            }
        });
        if (!probe.isConsumed()) {
            refused.increment();
        }
        return grant(probe.isConsumed(), probe.getRemainingTokens(), probe.getNanosToWaitForReset());
    }

    @Override
    public Grant look(K key) {
        if (!on()) {
            return new Grant(true, Long.MAX_VALUE, Duration.ZERO);
        }
        EstimationProbe probe = bucket(fresh, name(key)).estimateAbilityToConsume(perMinute);
        long left = probe.getRemainingTokens();
        return grant(left > 0, left, probe.getNanosToWaitForRefill());
    }

    /** The time to one call more follows from the time to a full bucket: the calls after it take an equal part each. */
    private Grant grant(boolean allowed, long left, long nanosToFull) {
        double each = (double) PERIOD.toNanos() / perMinute;
        long next = left >= perMinute ? 0 : Math.max(0, nanosToFull - (long) ((perMinute - left - 1) * each));
        return new Grant(allowed, left, Duration.ofSeconds(Math.ceilDiv(next, 1_000_000_000L)));
    }

    private BucketProxy bucket(Buckets from, String name) {
        return from.getProxy(name, () -> configuration);
    }

    private String name(K key) {
        return "l:" + scope + ":" + Sha256.of(scope + " " + key).hex().substring(0, DIGITS);
    }
}
