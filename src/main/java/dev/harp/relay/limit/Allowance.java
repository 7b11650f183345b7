package dev.harp.relay.limit;

/**
 * The memory that one call holds, in bytes, for what it reads and writes. Belongs to the call's thread.
 *
 * @see InFlight
 */
public interface Allowance extends AutoCloseable {
    /** Holds whatever it is asked to; for callers that are not bounded. */
    Allowance UNBOUNDED = new Allowance() {
        @Override
        public boolean hold(long bytes) {
            return true;
        }

        @Override
        public long hold(long least, long wanted) {
            return wanted;
        }
    };

    /**
     * Holds so many bytes from now on, whether that is more or fewer than before. More than its holder may have at most
     * count as that.
     *
     * @return false if there are not so many; then it holds what it has held
     */
    boolean hold(long bytes);

    /**
     * Holds up to {@code wanted} bytes from now on, as many as there are, and at least {@code least}. Waits a moment
     * for those.
     *
     * @return how many; 0 if there are not so many as {@code least}, and then it holds nothing
     */
    long hold(long least, long wanted);

    /** Gives back what it holds. It may be used again. */
    @Override
    default void close() {
        var _ = hold(0);
    }
}
