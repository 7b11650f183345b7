package dev.harp.relay.store.file;

import dev.harp.relay.log.Event;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Logs how far an opening of the file is, if it takes long, so that a slow start can be told from one that hangs. For
 * one thread.
 */
final class Progress {
    private static final Logger LOG = System.getLogger(FileStore.class.getName());
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    /** What is done with each record. */
    enum Step {
        /** It is read from the file, and so are the lists. */
        READ,
        /** It gets its place in memory. */
        RESTORE
    }

    private final LongSupplier nanoTime;
    private final long begun;
    private long logged;
    private Step step = Step.READ;
    private long records;
    private long done;

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

    /** The step begins, of so many records. */
    void begin(Step next, long count) {
        step = next;
        records = count;
        done = 0;
    }

    /** The step has done one more record. */
    void next() {
        done++;
        long now = nanoTime.getAsLong();
        if (now - logged >= INTERVAL.toNanos()) {
            logged = now;
            Event.of("store_opening", "the file is being opened")
                    .with("step", step.name().toLowerCase(Locale.ROOT))
                    .with("done", done)
                    .with("records", records)
                    .to(LOG, Level.INFO);
        }
    }

    /** The file is open. */
    void end() {
        long took = nanoTime.getAsLong() - begun;
        if (took >= INTERVAL.toNanos()) {
            Event.of("store_opened", "the file is open")
                    .with("records", records)
                    .with("duration_ms", Duration.ofNanos(took).toMillis())
                    .to(LOG, Level.INFO);
        }
    }
}
