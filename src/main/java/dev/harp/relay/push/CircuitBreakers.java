package dev.harp.relay.push;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A circuit breaker for each provider, where strangers choose the providers. Only providers with recent failures are
 * remembered, up to a bound: then the least recently used one is dropped.
 */
final class CircuitBreakers {
    private static final int FAILURES = 5;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(15);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final int most;
    private final LongSupplier nanoTime;

    /** In the order of the last access. */
    private final LinkedHashMap<String, CircuitBreaker> known = new LinkedHashMap<>(16, 0.75f, true);

    CircuitBreakers(int most, LongSupplier nanoTime) {
        this.most = most;
        this.nanoTime = nanoTime;
    }

    /** The breaker of the provider: a new one, which is not remembered, unless calls have failed. */
    private CircuitBreaker of(String provider) {
        return Optional.ofNullable(known.get(provider)).orElseGet(this::closed);
    }

    private CircuitBreaker closed() {
        return new CircuitBreaker(FAILURES, FIRST_PAUSE, LONGEST_PAUSE, nanoTime);
    }

    synchronized boolean admits(String provider) {
        return of(provider).admits();
    }

    synchronized boolean begin(String provider) {
        return of(provider).begin();
    }

    synchronized void succeeded(String provider) {
        var _ = known.remove(provider);
    }

    synchronized void failed(String provider) {
        if (!known.containsKey(provider) && known.size() >= most) {
            var _ = known.pollFirstEntry();
        }
        var _ = known.computeIfAbsent(provider, _ -> closed()).failed(Optional.empty());
    }

    /** The time until a call is admitted. */
    synchronized Duration pause(String provider) {
        return of(provider).pause();
    }

    /** How many are remembered. */
    synchronized int size() {
        return known.size();
    }

    /** How many are not closed. */
    synchronized int open() {
        return (int) known.values().stream()
                .filter(breaker -> breaker.state() != CircuitBreaker.State.CLOSED)
                .count();
    }
}
