package dev.harp.relay;

import dev.harp.relay.store.Levels;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreUnavailable;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/**
 * The store's levels as of the last second: one scrape asks for half a dozen of them, and a store out of reach is to be waited for once and
 * not for each.
 */
final class CachedLevels {
    private static final Duration FRESH = Duration.ofSeconds(1);

    private final RelayStore store;
    private final LongSupplier nanoTime;
    private Optional<Levels> levels = Optional.empty();
    private boolean read;
    private long readAt;

    CachedLevels(RelayStore store, LongSupplier nanoTime) {
        this.store = store;
        this.nanoTime = nanoTime;
    }

    /** What the store holds; empty if it is out of reach. */
    synchronized Optional<Levels> levels() {
        if (!read || nanoTime.getAsLong() - readAt >= FRESH.toNanos()) {
            levels = ask();
            read = true;
            readAt = nanoTime.getAsLong();
        }
        return levels;
    }

    private Optional<Levels> ask() {
        try {
            return Optional.of(store.levels());
        } catch (StoreUnavailable _) {
            return Optional.empty();
        }
    }

    /** One of them as a metric: not a number while it cannot be known. */
    double level(ToDoubleFunction<Levels> part) {
        return levels().map(part::applyAsDouble).orElse(Double.NaN);
    }
}
