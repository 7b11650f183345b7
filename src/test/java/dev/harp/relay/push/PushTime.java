package dev.harp.relay.push;

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

/** Time that only the test moves: a wall clock, a monotonic one that is about to overflow, and a timer. */
final class PushTime implements InstantSource, LongSupplier, Timer {
    static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final long NANOS = Long.MAX_VALUE - Duration.ofMinutes(20).toNanos();

    private final List<Task> tasks = new ArrayList<>();
    private long passed;

    private record Task(long at, Runnable work) {}

    @Override
    public synchronized Instant instant() {
        return START.plusNanos(passed);
    }

    @Override
    public synchronized long getAsLong() {
        return NANOS + passed;
    }

    @Override
    public synchronized void after(Duration delay, Runnable task) {
        tasks.add(new Task(passed + delay.toNanos(), task));
    }

    /** Lets the time pass, and runs on this thread what is due meanwhile, in order. */
    void pass(Duration time) {
        long end = passedNow() + time.toNanos();
        Optional<Runnable> next = next(end);
        while (next.isPresent()) {
            next.get().run();
            next = next(end);
        }
        synchronized (this) {
            passed = end;
        }
    }

    private synchronized long passedNow() {
        return passed;
    }

    private synchronized Optional<Runnable> next(long end) {
        Optional<Task> next = tasks.stream().filter(task -> task.at() <= end).min(Comparator.comparingLong(Task::at));
        next.ifPresent(task -> {
            tasks.remove(task);
            passed = Math.max(passed, task.at());
        });
        return next.map(Task::work);
    }

    /** Lets time pass in small steps until something that other threads do is so. */
    void passUntil(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            pass(Duration.ofMillis(5));
            breathe();
        }
    }

    /** Waits for what other threads do. */
    static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            breathe();
        }
    }

    /** Fails if the test's time is over. */
    private static void breathe() {
        LockSupport.parkNanos(100_000);
        if (Thread.interrupted()) {
            throw new AssertionError("has not come about in time");
        }
    }
}
