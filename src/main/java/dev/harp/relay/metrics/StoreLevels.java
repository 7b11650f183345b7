package dev.harp.relay.metrics;

import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Levels;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreUnavailable;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/**
 * The levels of the store and their limits. A scrape asks for several levels; they are read at most once a second, so
 * that a scrape waits only once for a store that is out of reach. Until it is back each level is not a number.
 */
public final class StoreLevels {
    private static final Duration MAX_AGE = Duration.ofSeconds(1);

    private final RelayStore store;
    private final LongSupplier nanoTime;
    private Optional<Levels> levels = Optional.empty();
    private long readAt;

    /** @param nanoTime a monotonic clock in nanoseconds */
    public StoreLevels(RelayStore store, LongSupplier nanoTime) {
        this.store = store;
        this.nanoTime = nanoTime;
        this.readAt = nanoTime.getAsLong() - MAX_AGE.toNanos();
    }

    /** Adds the levels to the metrics. */
    public void addTo(Metrics metrics, Capacity capacity) {
        metrics.levels(
                "harp_relay_open_requests",
                "Requests that have not ended, by state.",
                "state",
                Map.of("pending", level(Levels::pendingRequests), "delivered", level(Levels::deliveredRequests)));
        metrics.level("harp_relay_pairings", "Pairings, in any state.", level(Levels::pairings));
        metrics.level("harp_relay_pairings_limit", "MAX_PAIRINGS.", capacity::pairings);
        metrics.level("harp_relay_devices", "Devices.", level(Levels::devices));
        metrics.level("harp_relay_devices_limit", "MAX_DEVICES.", capacity::devices);
        metrics.level("harp_relay_stored_bytes", "Bytes of all records.", level(Levels::bytes));
        metrics.level("harp_relay_stored_limit_bytes", "MAX_STORED_BYTES.", capacity::bytes);
    }

    private DoubleSupplier level(ToDoubleFunction<Levels> level) {
        return () -> read().map(level::applyAsDouble).orElse(Double.NaN);
    }

    private synchronized Optional<Levels> read() {
        if (nanoTime.getAsLong() - readAt >= MAX_AGE.toNanos()) {
            try {
                levels = Optional.of(store.levels());
            } catch (StoreUnavailable _) {
                levels = Optional.empty();
            }
            readAt = nanoTime.getAsLong();
        }
        return levels;
    }
}
