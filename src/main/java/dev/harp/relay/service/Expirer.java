package dev.harp.relay.service;

import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreUnavailable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Ends and forgets on time: sleeps until the next record is due, settles what is, and again.
 *
 * <p>It sleeps a second at most, so a step of the wall clock, or a record that is due earlier than any before, is noticed within
 * that; being late costs promptness only, since every rule looks at the clock itself.
 */
public final class Expirer implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Expirer.class.getName());
    private static final Duration NAP = Duration.ofSeconds(1);

    private final RelayStore store;
    private final RequestLifecycle lifecycle;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition stopped = lock.newCondition();
    private boolean stopping;

    /** A reaper that has not begun. */
    public Expirer(RelayStore store, RequestLifecycle lifecycle, InstantSource clock) {
        this.store = store;
        this.lifecycle = lifecycle;
        this.clock = clock;
    }

    /** Begins, on a virtual thread of its own. */
    public void start() {
        Thread.ofVirtual().name("reaper").start(this::run);
    }

    private void run() {
        Duration nap = untilDue();
        while (napped(nap)) {
            try {
                lifecycle.processDue();
                nap = untilDue();
            } catch (StoreUnavailable _) {
                nap = NAP;
            } catch (RuntimeException e) {
                // What is due stays due: without a nap this would spin.
                LOG.log(Level.ERROR, "could not settle what is due; trying again", e);
                nap = NAP;
            }
        }
    }

    private Duration untilDue() {
        try {
            Instant now = clock.instant();
            return store.nextDue()
                    .map(due -> Duration.between(now, due))
                    .filter(time -> time.compareTo(NAP) < 0)
                    .orElse(NAP);
        } catch (StoreUnavailable _) {
            return NAP;
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "could not find out what is due; trying again", e);
            return NAP;
        }
    }

    /** Sleeps for that long; false if the reaper is to stop. */
    private boolean napped(Duration nap) {
        lock.lock();
        try {
            long left = nap.toNanos();
            while (!stopping && left > 0) {
                left = stopped.awaitNanos(left);
            }
            return !stopping;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Stops it; what it is just settling is finished. */
    @Override
    public void close() {
        lock.lock();
        try {
            stopping = true;
            stopped.signal();
        } finally {
            lock.unlock();
        }
    }
}
