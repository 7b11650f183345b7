package dev.harp.relay.store.file;

import dev.harp.relay.log.Event;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Logs how far an opening of the file is, if it takes long, so that a slow start can be told from one that hangs. For
 * one thread.
 */
final class Progress {
    private static final Logger LOG = System.getLogger(FileStore.class.getName());
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final LongSupplier nanoTime;
    private final long begun;
    private long logged;
    private long records;
    private long read;

    /**
     * The opening begins now.
     *
     * @param nanoTime a monotonic clock in nanoseconds
     */
    Progress(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.begun = nanoTime.getAsLong();
        this.logged = begun;
    }

    /** So many records are going to be read. */
    void expect(long count) {
        records = count;
        read = 0;
    }

    /** One more record has been read. */
    void next() {
        read++;
        long now = nanoTime.getAsLong();
        if (now - logged >= INTERVAL.toNanos()) {
            logged = now;
            Event.of("store_opening", "the records are being read from the file")
                    .with("read", read)
                    .with("records", records)
                    .to(LOG, Level.INFO);
        }
    }

    /** The records are in memory. */
    void end() {
        long took = nanoTime.getAsLong() - begun;
        if (took >= INTERVAL.toNanos()) {
            Event.of("store_opened", "all records have been read from the file")
                    .with("records", records)
                    .with("duration_ms", Duration.ofNanos(took).toMillis())
                    .to(LOG, Level.INFO);
        }
    }
}
