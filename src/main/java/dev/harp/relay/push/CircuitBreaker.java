package dev.harp.relay.push;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A circuit breaker: makes no calls to a provider that fails.
 *
 * <p>It opens after a number of consecutive failures, or at once if the provider asks for a pause. After the pause one
 * call is let through as a probe: its success closes the breaker, its failure doubles the pause, up to a bound. A probe
 * that never ends is followed by another one after the same pause. While the breaker is open, the failures of calls
 * that began earlier are ignored; a success closes it.
 */
public final class CircuitBreaker {
    private static final int FAILURES = 5;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(15);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final int failures;
    private final long firstPause;
    private final long longestPause;
    private final LongSupplier nanoTime;

    private State state = State.CLOSED;
    private int inARow;
    private long pause;

    /** When it opened, or when the probe began; nanoseconds. */
    private long since;

    /** Which calls are let through. */
    public enum State {
        /** All. */
        CLOSED,
        /** None until the probe has ended. */
        HALF_OPEN,
        /** None until the pause is over. */
        OPEN
    }

    /** A closed breaker of a push service. Its first pause is longer than any call may take. */
    CircuitBreaker(LongSupplier nanoTime) {
        this(FAILURES, FIRST_PAUSE, LONGEST_PAUSE, nanoTime);
    }

    /**
     * A closed breaker.
     *
     * @param failures how many consecutive ones open it, at least 1
     * @param firstPause the first pause; longer than a call may take, so that no earlier call ends after the probe
     *     began
     * @param longestPause the bound for the doubled pause
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

    /** Begins a call if one is let through now; its end must then be reported. */
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

    /**
     * A call succeeded: the provider has answered as it should, whatever the answer says about the message.
     *
     * @return whether that has closed the breaker
     */
    synchronized boolean succeeded() {
        inARow = 0;
        boolean closes = state != State.CLOSED;
        state = State.CLOSED;
        return closes;
    }

    /**
     * A call failed: the provider is unavailable or overloaded.
     *
     * @param asked the pause that it asks for, if any
     * @return whether that has opened the breaker, which was closed
     */
    synchronized boolean failed(Optional<Duration> asked) {
        State before = state;
        if (before == State.CLOSED) {
            inARow++;
            if (inARow < failures && asked.isEmpty()) {
                return false;
            }
            pause = firstPause;
        } else if (before == State.HALF_OPEN) {
            pause = Math.min(2 * pause, longestPause);
        } else {
            return false;
        }
        asked.ifPresent(time -> pause = Math.min(Math.max(pause, time.toNanos()), longestPause));
        state = State.OPEN;
        since = nanoTime.getAsLong();
        return before == State.CLOSED;
    }

    /**
     * The time until a call is let through; zero if one is now. During a probe at most the time that a call may take,
     * because it may succeed.
     */
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

    /** The state now. */
    public synchronized State state() {
        return state;
    }
}
