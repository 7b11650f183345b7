package dev.harp.relay.limit;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A limit that this process keeps alone.
 *
 * <p>A key whose bucket is full again is forgotten. Only a flood from more than {@code maxKeys} keys a minute makes the
 * relay forget earlier.
 *
 * @param <K> what calls are counted by
 */
public final class LocalRateLimit<K> extends RateLimit<K> {
    private final LongSupplier nanoTime;
    final Deadlines<K> arrivals;

    /**
     * A limit from which nothing has been taken.
     *
     * @param perMinute how many calls; 0 is no limit
     * @param maxKeys how many keys are held, at least 1
     * @param nanoTime a monotonic clock in nanoseconds
     */
    public LocalRateLimit(int perMinute, int maxKeys, LongSupplier nanoTime) {
        super(perMinute, TimeUnit.SECONDS.toNanos(1));
        this.nanoTime = nanoTime;
        this.arrivals = new Deadlines<>(maxKeys);
    }

    @Override
    protected Gcra.Decision decide(K key, int calls) {
        synchronized (arrivals) {
            long now = nanoTime.getAsLong();
            Gcra.Decision decision = gcra.take(arrivals.left(key, now), calls);
            arrivals.set(key, now + decision.ahead(), now);
            return decision;
        }
    }
}
