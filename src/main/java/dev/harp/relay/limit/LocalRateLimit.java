package dev.harp.relay.limit;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * A limit that this process alone keeps (Bucket4j).
 *
 * <p>Keys come from outside, so the buckets are bounded: they stand in two generations. A bucket that is used moves to the
 * young one. After a minute, or when the young one is full, the young becomes the old, and the old one is dropped. A bucket
 * unused for a minute is full again, so dropping it changes nothing; only a flood from more than {@code maxKeys} keys
 * a minute makes the relay forget early, and holds it to twice {@code maxKeys} buckets.
 *
 * @param <K> what is counted by
 */
public final class LocalRateLimit<K> implements RateLimit<K> {
    private static final Duration PERIOD = Duration.ofMinutes(1);

    private final int perMinute;
    private final int maxKeys;
    private final LongSupplier nanoTime;
    private final TimeMeter meter;
    private final LongAdder refused = new LongAdder();
    private volatile Generations<K> generations;

    private record Generations<K>(Map<K, Bucket> young, Map<K, Bucket> old, long since) {}

    /**
     * A limit that nobody has used yet.
     *
     * @param perMinute how many calls, or 0 for no limit
     * @param maxKeys how many keys are held in one generation, at least 1
     * @param nanoTime a monotonic clock in nanoseconds
     */
    public LocalRateLimit(int perMinute, int maxKeys, LongSupplier nanoTime) {
        this.perMinute = perMinute;
        this.maxKeys = maxKeys;
        this.nanoTime = nanoTime;
        this.meter = new TimeMeter() {
            @Override
            public long currentTimeNanos() {
                return nanoTime.getAsLong();
            }

            @Override
            public boolean isWallClockBased() {
                return false;
            }
        };
        this.generations =
                new Generations<>(new ConcurrentHashMap<>(), new ConcurrentHashMap<>(), nanoTime.getAsLong());
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
        Bucket bucket = bucket(key);
        boolean allowed = bucket.tryConsume(1);
        if (!allowed) {
            refused.increment();
        }
        return grant(bucket, allowed);
    }

    @Override
    public Grant look(K key) {
        if (!on()) {
            return new Grant(true, Long.MAX_VALUE, Duration.ZERO);
        }
        Bucket bucket = bucket(key);
        return grant(bucket, bucket.getAvailableTokens() > 0);
    }

    /** With the time until there is one call more than now; a full bucket has none to wait for. */
    private Grant grant(Bucket bucket, boolean allowed) {
        long left = bucket.getAvailableTokens();
        long next =
                bucket.estimateAbilityToConsume(Math.min(left + 1, perMinute)).getNanosToWaitForRefill();
        return new Grant(allowed, left, ceil(next));
    }

    private static Duration ceil(long nanos) {
        return Duration.ofSeconds(Math.ceilDiv(nanos, 1_000_000_000L));
    }

    private Bucket bucket(K key) {
        Generations<K> now = current();
        return now.young().computeIfAbsent(key, _ -> {
            Bucket known = now.old().get(key);
            return known != null ? known : newBucket();
        });
    }

    private Bucket newBucket() {
        return Bucket.builder()
                .withCustomTimePrecision(meter)
                .addLimit(Bandwidth.builder()
                        .capacity(perMinute)
                        .refillGreedy(perMinute, PERIOD)
                        .build())
                .build();
    }

    private Generations<K> current() {
        Generations<K> now = generations;
        if (!over(now)) {
            return now;
        }
        synchronized (this) {
            if (over(generations)) {
                generations = new Generations<>(new ConcurrentHashMap<>(), generations.young(), nanoTime.getAsLong());
            }
            return generations;
        }
    }

    private boolean over(Generations<K> some) {
        return nanoTime.getAsLong() - some.since() >= PERIOD.toNanos()
                || some.young().size() >= maxKeys;
    }
}
