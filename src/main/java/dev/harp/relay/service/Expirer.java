package dev.harp.relay.service;

import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreUnavailable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Processes records when they are due: sleeps until the next one, processes all that are due, and repeats.
 *
 * <p>It sleeps for at most a second, so that it notices a step of the wall clock, or a new record that is due earlier.
 * A delay does no harm, since every rule applies the effects of time itself.
 */
public final class Expirer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Expirer.class.getName());
    private static final Duration MAX_SLEEP = Duration.ofSeconds(1);

    private final RelayStore store;
    private final RequestLifecycle lifecycle;
    private final InstantSource clock;
    private final CountDownLatch stopped = new CountDownLatch(1);

    /** Does nothing before {@link #start}. */
    public Expirer(RelayStore store, RequestLifecycle lifecycle, InstantSource clock) {
        this.store = store;
        this.lifecycle = lifecycle;
        this.clock = clock;
    }

    /** Starts a virtual thread. */
    public void start() {
        Thread.ofVirtual().name("expirer").start(this::run);
    }

    private void run() {
        // A failure is followed by a sleep: what is due stays due, and the loop must not spin.
        Duration sleep = tried(this::untilDue);
        while (slept(sleep)) {
            sleep = tried(() -> {
                lifecycle.processDue();
                return untilDue();
            });
        }
    }

    private static Duration tried(Supplier<Duration> step) {
        try {
            return step.get();
        } catch (StoreUnavailable _) {
            return MAX_SLEEP;
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "could not process what is due; trying again", e);
            return MAX_SLEEP;
        }
    }

    private Duration untilDue() {
        Instant now = clock.instant();
        return store.nextDue()
                .map(due -> Duration.between(now, due))
                .filter(time -> time.compareTo(MAX_SLEEP) < 0)
                .orElse(MAX_SLEEP);
    }

    /** Sleeps; false if the thread is to stop. */
    private boolean slept(Duration sleep) {
        try {
            return !stopped.await(sleep.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** Stops the thread after the batch that it is processing. */
    @Override
    public void close() {
        stopped.countDown();
    }
}
