package dev.harp.relay.push;

import java.time.Duration;

/** Runs tasks later. */
@FunctionalInterface
public interface Timer {
    /** Runs the task after the delay, on a thread that it may block. */
    void after(Duration delay, Runnable task);

    /** Sleeps on a virtual thread. */
    static Timer real() {
        return (delay, task) -> Thread.ofVirtual().name("push-timer").start(() -> {
            try {
                Thread.sleep(delay);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            }
            task.run();
        });
    }
}
