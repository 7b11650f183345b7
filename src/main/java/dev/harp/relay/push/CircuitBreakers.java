package dev.harp.relay.push;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A circuit breaker for each provider, where strangers choose the providers. So there is a bound: then the least
 * recently used one is dropped, and a call to its provider finds a closed one.
 */
final class CircuitBreakers {
    private final LongSupplier nanoTime;
    final Map<String, CircuitBreaker> known;

    CircuitBreakers(int most, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.known = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, CircuitBreaker> eldest) {
                return size() > most;
            }
        };
    }

    synchronized CircuitBreaker of(String provider) {
        return known.computeIfAbsent(provider, _ -> new CircuitBreaker(nanoTime));
    }
}
