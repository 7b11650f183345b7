package dev.harp.relay.log;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Writes lines on a thread of its own, so that no call waits for the reader of the log, or fails because of it.
 *
 * <p>The lines not written yet are bounded in bytes. If the reader stops reading, further lines are dropped, and their
 * number is logged as soon as there is room again. After a failed write the next batch is tried.
 */
final class LineWriter extends Handler {
    private final OutputStream out;
    private final int maxBytes;
    private final Object lock = new Object();
    private ByteArrayOutputStream queue = new ByteArrayOutputStream();
    private long dropped;
    private boolean writing;
    private boolean closed;

    /**
     * @param out where the lines go
     * @param maxBytes how many bytes may be queued
     */
    LineWriter(OutputStream out, Formatter formatter, int maxBytes) {
        this.out = out;
        this.maxBytes = maxBytes;
        setLevel(Level.ALL);
        setFormatter(formatter);
        Thread.ofPlatform().daemon().name("log").start(this::run);
    }

    @Override
    public void publish(LogRecord entry) {
        if (isLoggable(entry)) {
            add(line(entry));
        }
    }

    private byte[] line(LogRecord entry) {
        try {
            return ascii(getFormatter().format(entry));
        } catch (RuntimeException | StackOverflowError e) {
            return own(
                    "log_failed",
                    "an event could not be formatted: " + e.getClass().getName());
        }
    }

    private byte[] own(String event, String message) {
        LogRecord entry = new LogRecord(Level.WARNING, "{0}");
        entry.setLoggerName(LineWriter.class.getName());
        entry.setParameters(new Object[] {Event.of(event, message)});
        return ascii(getFormatter().format(entry));
    }

    private static byte[] ascii(String line) {
        return line.getBytes(StandardCharsets.US_ASCII);
    }

    private void add(byte[] line) {
        synchronized (lock) {
            if (queue.size() + line.length > maxBytes) {
                dropped++;
                return;
            }
            queue.writeBytes(line);
            lock.notifyAll();
        }
    }

    private void run() {
        for (ByteArrayOutputStream batch = take(); batch.size() > 0; batch = take()) {
            try {
                batch.writeTo(out);
                out.flush();
            } catch (IOException e) {
                // There is nowhere to report it. The rest of the batch is lost, and the next one is tried.
            }
        }
    }

    /** Waits for lines, and takes all of them. Empty after {@link #close}, when all were taken. */
    private ByteArrayOutputStream take() {
        synchronized (lock) {
            writing = false;
            lock.notifyAll();
            while (queue.size() == 0 && !closed) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    closed = true;
                }
            }
            ByteArrayOutputStream batch = queue;
            if (dropped > 0) {
                batch.writeBytes(
                        own("log_dropped", dropped + " events were dropped, because the log was not read in time"));
                dropped = 0;
            }
            queue = new ByteArrayOutputStream();
            writing = batch.size() > 0;
            return batch;
        }
    }

    /** Waits until every line is written, at most for the given time. */
    void flush(Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        synchronized (lock) {
            while (writing || queue.size() > 0) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return;
                }
                try {
                    lock.wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }

    /** Does nothing: the thread flushes after each batch, and a caller must not wait. */
    @Override
    public void flush() {}

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
    }
}
