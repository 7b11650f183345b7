package dev.harp.relay.push;

import java.time.Duration;

/** Runs something later. */
@FunctionalInterface
public interface Timer {
    /** Runs the task after the delay, on a thread on which it may wait. */
    void after(Duration delay, Runnable task);

    /** By a virtual thread that sleeps. */
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
