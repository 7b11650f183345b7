package dev.harp.cli;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Shows each second, on a terminal, what is waited for and how long it may still take. */
final class Countdown implements AutoCloseable {
    private final Terminal terminal;
    private final Supplier<Duration> left;
    private final ScheduledExecutorService timer;
    private volatile String what;
    private boolean closed;

    Countdown(Terminal terminal, String what, Supplier<Duration> left) {
        this.terminal = terminal;
        this.what = what;
        this.left = left;
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("countdown").factory());
        if (terminal.isLive()) {
            show();
            var _ = timer.scheduleAtFixedRate(this::show, 1, 1, TimeUnit.SECONDS);
        }
    }

    private synchronized void show() {
        if (closed) {
            return;
        }
        terminal.status(what + ": " + left.get().toSeconds() + " s left");
    }

    /** Changes what is waited for. */
    void now(String next) {
        what = next;
    }

    /** Takes the line away: what comes next may not be this program's. */
    @Override
    public synchronized void close() {
        closed = true;
        timer.shutdownNow();
        terminal.endLine();
    }
}
