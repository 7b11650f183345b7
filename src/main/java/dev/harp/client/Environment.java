package dev.harp.client;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Clocks, pauses and randomness, so that tests can bring their own.
 *
 * @param clock the wall clock, by which times in messages are judged
 * @param nanoTime a monotonic clock in nanoseconds, by which waits are measured
 * @param sleeper pauses between two attempts
 * @param random for keys, nonces, request ids, and the spread of pauses
 */
public record Environment(InstantSource clock, LongSupplier nanoTime, Sleeper sleeper, SecureRandom random) {

    /** Pauses the calling thread. */
    @FunctionalInterface
    public interface Sleeper {
        void sleep(Duration pause) throws InterruptedException;
    }

    /** The machine's own. */
    public static Environment system() {
        return new Environment(InstantSource.system(), System::nanoTime, Thread::sleep, new SecureRandom());
    }

    long now() {
        return clock.instant().getEpochSecond();
    }

    /** A point of the monotonic clock. */
    long in(Duration time) {
        return nanoTime.getAsLong() + time.toNanos();
    }

    /** What is left until a point of the monotonic clock; zero if it has passed. */
    Duration until(long point) {
        return Duration.ofNanos(Math.max(0, point - nanoTime.getAsLong()));
    }
}
