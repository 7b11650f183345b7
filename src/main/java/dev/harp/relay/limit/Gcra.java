package dev.harp.relay.limit;

/**
 * The generic cell rate algorithm (ITU-T I.371, annex A): a token bucket of {@code burst} calls that refills by one
 * call every {@code interval}, with a single time as its state.
 *
 * <p>That time, the theoretical arrival time, is when all calls taken so far would have been over, had they been spread
 * evenly. A call moves it by one interval, and is allowed if it is then at most {@code burst} intervals ahead of the
 * clock. Once the clock has passed it, the bucket is full and the state can be forgotten.
 *
 * <p>The methods take and return how far the theoretical arrival time is <i>ahead</i> of the clock, never a time, so
 * they depend neither on the unit nor on the origin of the clock, and a clock that overflows does no harm.
 *
 * @param interval the time between two calls, at least 1
 * @param burst how many calls may be taken at once, at least 1
 */
public record Gcra(long interval, int burst) {

    /**
     * What becomes of some calls.
     *
     * @param ahead how far the theoretical arrival time is ahead of the clock now
     * @param delay 0 if the calls are allowed; otherwise the time until they will be, and nothing has been taken
     */
    public record Decision(long ahead, long delay) {
        public boolean allowed() {
            return delay == 0;
        }
    }

    /**
     * As many calls a minute, all of which may come at once. The interval is rounded down, so that a minute fills the
     * bucket.
     */
    static Gcra perMinute(int calls, long minute) {
        return new Gcra(Math.max(1, minute / Math.max(1, calls)), Math.max(1, calls));
    }

    /** How far the theoretical arrival time is ahead of the clock when the bucket is empty. */
    public long capacity() {
        return burst * interval;
    }

    /**
     * Takes calls, if all of them are allowed.
     *
     * @param ahead how far the theoretical arrival time was ahead of the clock; negative or 0 is a full bucket
     * @param calls how many; 0 takes nothing
     */
    public Decision take(long ahead, int calls) {
        long before = Math.max(0, ahead);
        long after = before + calls * interval;
        return after <= capacity() ? new Decision(after, 0) : new Decision(before, after - capacity());
    }

    /** How many calls may be taken at once. */
    long remaining(long ahead) {
        return Math.max(0, burst - Math.ceilDiv(ahead, interval));
    }

    /** The time until one more call may be taken than now; 0 if the bucket is full. */
    long untilNext(long ahead) {
        return Math.max(0, ahead - Math.max(0, burst - 1 - remaining(ahead)) * interval);
    }
}
