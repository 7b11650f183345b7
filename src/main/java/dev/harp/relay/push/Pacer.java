package dev.harp.relay.push;

import dev.harp.relay.limit.Gcra;
import java.util.function.LongSupplier;

/**
 * Keeps what is sent below a limit in any second ({@link Gcra}). After a break one batch may be sent at once; the rate
 * is the limit less that batch, so that a second that begins with a batch keeps the limit, too.
 */
final class Pacer {
    private static final long SECOND = 1_000_000_000L;

    private final Gcra gcra;
    private final LongSupplier nanoTime;

    /** The theoretical arrival time. */
    private long arrival;

    /**
     * Sends nothing yet.
     *
     * @param limit how many in any second
     * @param batch how many at once, less than the limit
     * @param nanoTime a monotonic clock in nanoseconds
     */
    Pacer(int limit, int batch, LongSupplier nanoTime) {
        this.gcra = new Gcra(SECOND / (limit - batch), batch);
        this.nanoTime = nanoTime;
        this.arrival = nanoTime.getAsLong();
    }

    /**
     * Takes that many places, at most a batch, if they are free now.
     *
     * @return 0 if they are taken; else in how many nanoseconds they will be free, and nothing is taken
     */
    synchronized long take(int count) {
        long now = nanoTime.getAsLong();
        Gcra.Decision decision = gcra.take(arrival - now, count);
        arrival = now + decision.ahead();
        return decision.delay();
    }
}
