package dev.harp.relay.metrics;

import dev.harp.relay.log.Event;
import dev.harp.relay.log.EventThrottle;
import dev.harp.relay.protocol.Shares.Measure;
import dev.harp.relay.service.Holders;
import dev.harp.relay.store.StoreUnavailable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Looks once a minute how much of their shares networks hold, and warns when one holds half: behind a proxy that is not
 * trusted, that is long before everybody is refused.
 */
public final class ShareWatch implements AutoCloseable {
    private static final Logger LOG = System.getLogger(ShareWatch.class.getName());
    private static final Duration PERIOD = Duration.ofMinutes(1);
    private static final Duration AGAIN = Duration.ofHours(1);
    private static final int KEYS = 256;
    private static final double HALF = 0.5;

    private final Holders holders;
    private final EventThrottle<Key> throttle;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile Map<Measure, Double> largest = Map.of();

    private record Key(String network, Measure measure) {}

    /**
     * Does nothing before {@link #start}.
     *
     * @param nanoTime a monotonic clock in nanoseconds
     */
    public ShareWatch(Holders holders, LongSupplier nanoTime) {
        this.holders = holders;
        this.throttle = new EventThrottle<>(AGAIN, KEYS, nanoTime);
    }

    /** Adds the largest part of a share that a network held at the last look. */
    public void addTo(Metrics metrics) {
        metrics.levels(
                "harp_relay_share_used_ratio",
                "The largest part of its share that one network holds: 1 is all of it.",
                "measure",
                Arrays.stream(Measure.values())
                        .collect(Collectors.toMap(
                                ShareWatch::word, measure -> () -> largest.getOrDefault(measure, 0.0))));
    }

    /** Starts a virtual thread. */
    public void start() {
        Thread.ofVirtual().name("shares").start(this::run);
    }

    private void run() {
        try {
            while (!stopped.await(PERIOD.toNanos(), TimeUnit.NANOSECONDS)) {
                try {
                    look();
                } catch (StoreUnavailable _) {
                    // Which the log has already; the next look will tell.
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Looks, and warns. */
    public void look() {
        Map<Measure, Double> most = new EnumMap<>(Measure.class);
        List<Holders.Network> networks = holders.networks(KEYS);
        networks.forEach(network -> network.uses().forEach((measure, use) -> {
            most.merge(measure, use.ratio(), Math::max);
            if (use.ratio() >= HALF) {
                warn(network.name(), measure, use);
            }
        }));
        largest = Map.copyOf(most);
    }

    private void warn(String network, Measure measure, Holders.Use use) {
        throttle.admit(new Key(network, measure))
                .ifPresent(_ -> Event.of(
                                "share_half",
                                "a network holds half of its share; if it is a proxy, TRUSTED_PROXIES; if it is a"
                                        + " large site, SHARE_ALLOW or NETWORK_SHARE; if neither, harp-relay admin")
                        .with("network", network)
                        .with("measure", word(measure))
                        .with("held", use.held())
                        .with("share", use.share())
                        .to(LOG, Level.WARNING));
    }

    private static String word(Measure measure) {
        return measure.name().toLowerCase(Locale.ROOT);
    }

    /** Stops the thread. */
    @Override
    public void close() {
        stopped.countDown();
    }
}
