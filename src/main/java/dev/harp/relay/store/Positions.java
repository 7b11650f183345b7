package dev.harp.relay.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The positions that a list of requests has given to its changes, and so the cursors from which it can be read on.
 *
 * <p>Positions only grow, but a store can fall back to an earlier state: a restored copy, a snapshot, a replica.
 * Clients then hold cursors of positions that are given a second time. So at each opening of a store its positions leap
 * to the clock. A list notes its leap, and a cursor that lies within a leap comes from what was lost
 * ({@code docs/decisions/0060-positions-leap-at-an-opening.md}).
 *
 * @param last the last position; 0 in a list that never had a request
 * @param floor the highest position at which a request was removed. A client whose cursor is below it may still show
 *     the request, and nothing here can correct that
 * @param leaps the latest leaps, the newest first, at most {@value #MAX_LEAPS}
 */
public record Positions(long last, long floor, List<Leap> leaps) {
    /** A list that never had a request. */
    public static final Positions NONE = new Positions(0, 0, List.of());

    /** How many leaps a list notes. Cursors from before the oldest one are reset when there is one more. */
    public static final int MAX_LEAPS = 4;

    /** How far positions leap at least: more than a store gives while it could lose them. */
    static final long LEAST_LEAP = 1_000_000;

    private static final long RANDOM_LEAP = 1L << 30;

    /** In the year 2255. Redis keeps positions as doubles, which are exact up to 2 to the power of 53. */
    private static final long LATEST = 9_000_000_000_000_000L;

    /**
     * A leap: no request is at a position between the two.
     *
     * @param from the last position before it
     * @param to the first position after it
     */
    public record Leap(long from, long to) {
        private boolean skips(long position) {
            return from < position && position < to;
        }
    }

    /** Copies the leaps. */
    public Positions {
        leaps = List.copyOf(leaps);
    }

    /** The position of a time: microseconds since 1970. */
    public static long at(Instant time) {
        return Math.clamp(time.getEpochSecond(), 0, LATEST / 1_000_000) * 1_000_000 + time.getNano() / 1000;
    }

    /**
     * How far positions leap if the clock is behind them. At random, so that two openings of one copy differ also then.
     */
    public static long leap() {
        return LEAST_LEAP + ThreadLocalRandom.current().nextLong(RANDOM_LEAP);
    }

    /**
     * The lowest position that a store gives from its opening on.
     *
     * @param highest the highest position of all of its lists; 0 if they are empty
     */
    public static long base(long highest, Instant opened) {
        return highest == 0 ? at(opened) : Math.max(at(opened), highest + leap());
    }

    /** The positions after one more, at {@code base} or above. */
    public Positions next(long base) {
        if (last + 1 >= base) {
            return new Positions(last + 1, floor, leaps);
        }
        List<Leap> all = new ArrayList<>(leaps);
        all.addFirst(new Leap(last, base));
        long raised = all.size() > MAX_LEAPS ? Math.max(floor, all.removeLast().to()) : floor;
        return new Positions(base, raised, all);
    }

    /** The positions after a request was removed. */
    public Positions removed(long at) {
        return new Positions(last, Math.max(floor, at), leaps);
    }

    /** The positions of a list that has a request at a position. */
    public Positions including(long at) {
        return new Positions(Math.max(last, at), floor, leaps);
    }

    /** Whether the list can be read on from the cursor; otherwise it has to be read anew. */
    public boolean know(Cursor cursor) {
        return floor <= cursor.heard()
                && cursor.heard() <= last
                && leaps.stream().noneMatch(leap -> leap.skips(cursor.heard()) || leap.skips(cursor.read()));
    }
}
