package dev.harp.relay.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Writes lines from a thread of its own, so that no call ever waits for whoever reads the log, nor fails with them.
 *
 * <p>What is not written yet is bounded. A reader that has stopped costs lines, never calls: their number is told as soon as there is
 * room again. A stream that fails is tried again with each batch.
 */
final class LineWriter extends Handler {
    private final OutputStream out;
    private final int mostBytes;
    private final Object lock = new Object();
    private List<byte[]> waiting = new ArrayList<>();
    private int bytes;
    private long dropped;
    private boolean writing;
    private boolean closed;

    /**
     * @param out where the lines go
     * @param mostBytes so much may wait to be written
     */
    LineWriter(OutputStream out, Formatter formatter, int mostBytes) {
        this.out = out;
        this.mostBytes = mostBytes;
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
            return told(
                    "log_failed",
                    "an event could not be written: " + e.getClass().getName());
        }
    }

    private byte[] told(String event, String message) {
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
            if (bytes + line.length > mostBytes) {
                dropped++;
                return;
            }
            waiting.add(line);
            bytes += line.length;
            lock.notifyAll();
        }
    }

    private void run() {
        for (List<byte[]> batch = take(); !batch.isEmpty(); batch = take()) {
            try {
                for (byte[] line : batch) {
                    out.write(line);
                }
                out.flush();
            } catch (IOException e) {
                // Whom should it be told? The rest of the batch is lost, and the next one is tried.
            }
        }
    }

    /** Everything that waits, when there is something; nothing, when there will be nothing more. */
    private List<byte[]> take() {
        synchronized (lock) {
            writing = false;
            lock.notifyAll();
            while (waiting.isEmpty() && !closed) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    closed = true;
                }
            }
            List<byte[]> batch = waiting;
            if (dropped > 0) {
                batch.add(told("log_dropped", dropped + " events were not written: nobody read them in time"));
                dropped = 0;
            }
            waiting = new ArrayList<>();
            bytes = 0;
            writing = !batch.isEmpty();
            return batch;
        }
    }

    /** Waits until everything is written, but no longer than that. */
    void flush(Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        synchronized (lock) {
            while (writing || !waiting.isEmpty()) {
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

    /** Nothing: the thread flushes after each batch, and a caller is not to wait. */
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
