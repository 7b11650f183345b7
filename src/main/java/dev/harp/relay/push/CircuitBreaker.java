package dev.harp.relay.push;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Leaves a provider alone that is out of order.
 *
 * <p>It opens after so many failures in a row, or at once if the provider itself asks for a pause. When the pause is over one call goes
 * through as a probe: its success closes the breaker, its failure doubles the pause, up to a bound. A probe that never comes back is
 * followed by another one after the same pause. What calls that began earlier still bring while it is open counts for nothing, unless
 * it is a success.
 */
public final class CircuitBreaker {
    private final int failures;
    private final long firstPause;
    private final long longestPause;
    private final LongSupplier nanoTime;

    private State state = State.CLOSED;
    private int inARow;
    private long pause;

    /** When it opened, or when the probe began. */
    private long since;

    /** What it lets through. */
    public enum State {
        /** Everything. */
        CLOSED,
        /** Nothing until the probe has come back. */
        HALF_OPEN,
        /** Nothing until the pause is over. */
        OPEN
    }

    /** What one call's end has changed. */
    enum Change {
        /** Nothing. */
        NONE,
        /** It was closed, and is open now. */
        OPENED,
        /** It was not closed, and is now. */
        CLOSED
    }

    /**
     * Closed.
     *
     * @param failures how many in a row open it, at least 1
     * @param firstPause how long it is open the first time; longer than a call may take, so that none comes back after the probe
     * @param longestPause how long it is open at most
     * @param nanoTime a monotonic clock in nanoseconds
     */
    CircuitBreaker(int failures, Duration firstPause, Duration longestPause, LongSupplier nanoTime) {
        this.failures = failures;
        this.firstPause = firstPause.toNanos();
        this.longestPause = longestPause.toNanos();
        this.nanoTime = nanoTime;
    }

    /** Whether a call that began now would be let through. */
    synchronized boolean admits() {
        return state == State.CLOSED || left() <= 0;
    }

    /** Begins a call if one is let through now; then its end has to be told. */
    synchronized boolean begin() {
        if (!admits()) {
            return false;
        }
        if (state != State.CLOSED) {
            state = State.HALF_OPEN;
            since = nanoTime.getAsLong();
        }
        return true;
    }

    /** The provider does its work: what it said of one call, good or bad, it said in order. */
    synchronized Change succeeded() {
        inARow = 0;
        boolean closes = state != State.CLOSED;
        state = State.CLOSED;
        return closes ? Change.CLOSED : Change.NONE;
    }

    /**
     * The provider is out of order, or has no time.
     *
     * @param asked for how long it asks to be left alone, if it does
     */
    synchronized Change failed(Optional<Duration> asked) {
        State before = state;
        if (before == State.CLOSED) {
            inARow++;
            if (inARow < failures && asked.isEmpty()) {
                return Change.NONE;
            }
            pause = firstPause;
        } else if (before == State.HALF_OPEN) {
            pause = Math.min(2 * pause, longestPause);
        } else {
            return Change.NONE;
        }
        asked.ifPresent(time -> pause = Math.min(Math.max(pause, time.toNanos()), longestPause));
        state = State.OPEN;
        since = nanoTime.getAsLong();
        return before == State.CLOSED ? Change.OPENED : Change.NONE;
    }

    /** For how long to come no more, zero if a call is let through now: during a probe no longer than that may take, since it may well succeed. */
    synchronized Duration pause() {
        return switch (state) {
            case CLOSED -> Duration.ZERO;
            case HALF_OPEN -> Duration.ofNanos(Math.max(0, Math.min(left(), firstPause)));
            case OPEN -> Duration.ofNanos(Math.max(0, left()));
        };
    }

    private long left() {
        return pause - (nanoTime.getAsLong() - since);
    }

    /** How it stands. */
    public synchronized State state() {
        return state;
    }

    /** Whether nothing is known against the provider: then there is nothing to remember. */
    synchronized boolean blank() {
        return state == State.CLOSED && inARow == 0;
    }
}
