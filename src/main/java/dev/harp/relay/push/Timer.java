package dev.harp.relay.push;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs tasks later. */
@FunctionalInterface
public interface Timer {
    /** Runs the task after the delay, on a thread that it may block. */
    void after(Duration delay, Runnable task);

    /** Runs each task on a virtual thread of its own. */
    static Timer real() {
        return (delay, task) -> CompletableFuture.delayedExecutor(
                        delay.toNanos(),
                        TimeUnit.NANOSECONDS,
                        Thread.ofVirtual().name("push-timer")::start)
                .execute(task);
    }
}
