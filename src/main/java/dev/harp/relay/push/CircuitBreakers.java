package dev.harp.relay.push;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A breaker for each provider, of providers that strangers choose. Only those against which something is known take room, and of those only so many:
 * the one that was heard of longest ago makes room.
 */
final class CircuitBreakers {
    private static final int FAILURES = 5;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(15);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final int most;
    private final LongSupplier nanoTime;

    /** By when a call to them has last begun or ended. */
    private final Map<String, CircuitBreaker> known = new LinkedHashMap<>(16, 0.75f, true);

    CircuitBreakers(int most, LongSupplier nanoTime) {
        this.most = most;
        this.nanoTime = nanoTime;
    }

    synchronized boolean admits(String provider) {
        CircuitBreaker breaker = known.get(provider);
        return breaker == null || breaker.admits();
    }

    synchronized boolean begin(String provider) {
        CircuitBreaker breaker = known.get(provider);
        return breaker == null || breaker.begin();
    }

    synchronized void succeeded(String provider) {
        var _ = known.remove(provider);
    }

    synchronized void failed(String provider) {
        if (!known.containsKey(provider) && known.size() >= most) {
            Iterator<String> eldest = known.keySet().iterator();
            var _ = eldest.next();
            eldest.remove();
        }
        var _ = known.computeIfAbsent(provider, _ -> new CircuitBreaker(FAILURES, FIRST_PAUSE, LONGEST_PAUSE, nanoTime))
                .failed(Optional.empty());
    }

    /** How long until a call to it is let through. */
    synchronized Duration pause(String provider) {
        CircuitBreaker breaker = known.get(provider);
        return breaker == null ? Duration.ZERO : breaker.pause();
    }

    /** How many are known. */
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
