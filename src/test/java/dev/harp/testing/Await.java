package dev.harp.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another thread is about to do. */
public final class Await {
    private static final long LIMIT_NANOS = Duration.ofMinutes(5).toNanos();
    private static final long PAUSE_NANOS = 200_000;

    private Await() {}

    /** Returns when the condition holds. Fails when the test's own timeout interrupts it, and after five minutes. */
    public static void until(BooleanSupplier condition) {
        until("the condition", condition);
    }

    /** Returns when the condition holds; {@code what} is the condition's name in the failure. */
    public static void until(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(PAUSE_NANOS);
            if (Thread.interrupted() || System.nanoTime() - start > LIMIT_NANOS) {
                throw new AssertionError("has not come true in time: " + what);
            }
        }
    }
}
