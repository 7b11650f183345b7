package dev.harp.relay.push;

import dev.harp.relay.limit.Gcra;
import java.util.function.LongSupplier;

/**
 * Spreads what is sent, so that no second has more than a limit ({@link Gcra}). What has not been sent for a while may
 * be sent at once up to one batch; the rate is the limit less that batch, so that even a second that begins with one keeps the limit.
 */
final class Pace {
    private static final long SECOND = 1_000_000_000L;

    private final Gcra gcra;
    private final LongSupplier nanoTime;

    /** When all that has been sent would have been, had it been spread evenly. */
    private long spread;

    /**
     * @param limit how many in any one second
     * @param batch how many at once, less than the limit
     * @param nanoTime a monotonic clock in nanoseconds
     */
    Pace(int limit, int batch, LongSupplier nanoTime) {
        this.gcra = new Gcra(SECOND / (limit - batch), batch);
        this.nanoTime = nanoTime;
        this.spread = nanoTime.getAsLong();
    }

    /**
     * Takes as many places, at most a batch, if there are so many now.
     *
     * @return 0 if they are taken, else how many nanoseconds later they will be there, and nothing is taken
     */
    synchronized long take(int count) {
        long now = nanoTime.getAsLong();
        Gcra.Decision decision = gcra.take(spread - now, count);
        spread = now + decision.ahead();
        return decision.delay();
    }
}
