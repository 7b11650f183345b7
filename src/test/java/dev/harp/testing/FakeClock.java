package dev.harp.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** A wall clock that stands still until it is told otherwise. */
public final class FakeClock implements InstantSource {
    private final AtomicLong millis;

    /** A clock that shows the given time. */
    public FakeClock(Instant start) {
        this.millis = new AtomicLong(start.toEpochMilli());
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis.get());
    }

    /** Goes on, or back if the step is negative. */
    public void advance(Duration step) {
        millis.addAndGet(step.toMillis());
    }

    /** Goes to the given time. */
    public void set(Instant time) {
        millis.set(time.toEpochMilli());
    }
}
