package dev.harp.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Time that only the test moves: a wall clock, a monotonic clock in nanoseconds, and a timer. The monotonic clock
 * starts 20 minutes before it overflows, as {@link System#nanoTime} may.
 */
public final class FakeClock implements InstantSource, LongSupplier {
    public static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final long NANOS = Long.MAX_VALUE - Duration.ofMinutes(20).toNanos();
    private static final Duration STEP = Duration.ofMillis(5);
    private static final long PAUSE_NANOS = 100_000;

    private final List<Task> tasks = new ArrayList<>();
    private Instant wall;
    private long passed;

    private record Task(long at, Runnable work) {}

    public FakeClock() {
        this(START);
    }

    public FakeClock(Instant start) {
        wall = start;
    }

    @Override
    public synchronized Instant instant() {
        return wall;
    }

    /** The monotonic clock, in nanoseconds. */
    @Override
    public synchronized long getAsLong() {
        return NANOS + passed;
    }

    /** Runs the task on the thread that advances this clock past the delay. */
    public synchronized void after(Duration delay, Runnable task) {
        tasks.add(new Task(passed + delay.toNanos(), task));
    }

    /** Sets the wall clock only, forwards or back, as an operator or NTP does. */
    public synchronized void set(Instant time) {
        wall = time;
    }

    /**
     * Moves both clocks forwards, and runs the tasks that become due in their order, each at its time. A negative step
     * is the wall clock's only.
     */
    public void advance(Duration step) {
        if (step.isNegative()) {
            set(instant().plus(step));
            return;
        }
        long end = passed() + step.toNanos();
        for (Optional<Runnable> due = nextUpTo(end); due.isPresent(); due = nextUpTo(end)) {
            due.get().run();
        }
        moveTo(end);
    }

    /** Advances in small steps until a condition holds that other threads make true as time passes. */
    public void advanceUntil(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            advance(STEP);
            LockSupport.parkNanos(PAUSE_NANOS);
            if (Thread.interrupted()) {
                throw new AssertionError("has not come true in time");
            }
        }
    }

    private synchronized long passed() {
        return passed;
    }

    private synchronized Optional<Runnable> nextUpTo(long end) {
        Optional<Task> next = tasks.stream().filter(task -> task.at() <= end).min(Comparator.comparingLong(Task::at));
        next.ifPresent(task -> {
            tasks.remove(task);
            moveTo(task.at());
        });
        return next.map(Task::work);
    }

    private synchronized void moveTo(long time) {
        if (time > passed) {
            wall = wall.plusNanos(time - passed);
            passed = time;
        }
    }
}
