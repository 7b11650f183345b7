package dev.harp.relay.store.file;

import dev.harp.relay.log.Event;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.memory.Contents;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The one thread that reads and writes the files. It is a platform thread, because a sync would hold a carrier of
 * virtual threads for milliseconds.
 */
final class StoreWriter {
    private static final Logger LOG = System.getLogger(FileStore.class.getName());
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** A batch that takes longer makes the store unready. */
    private static final Duration STALLED = Duration.ofSeconds(3);

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_UNSYNCED = 24;
    private static final int COMPACTION_INTERVAL = 64;

    private final Settings settings;
    private final Thread thread;

    private volatile Optional<Session> session = Optional.empty();
    private volatile String unavailable = "the store is closed";
    private volatile boolean busy;
    private volatile long busySince;
    private volatile boolean closing;

    // Used by the thread alone.
    private Optional<StoreFiles> files = Optional.empty();
    private int unsynced;
    private int uncompacted;
    private long syncedAt;

    /** What {@link FileStore#open} is given. */
    record Settings(
            Directory directory,
            Sync sync,
            ProtocolLimits terms,
            Capacity capacity,
            InstantSource clock,
            LongSupplier nanoTime,
            Runnable onRecovery,
            Supplier<ChunkFile> chunkFiles) {}

    StoreWriter(Settings settings) {
        this.settings = settings;
        this.thread = Thread.ofPlatform().daemon().name("store").unstarted(this::run);
    }

    /** Opens the files and starts the thread. */
    void start() {
        Progress progress = new Progress(settings.nanoTime());
        begin(StoreFiles.open(settings.directory(), settings.chunkFiles(), false, progress), progress);
        thread.start();
    }

    private void begin(StoreFiles opened, Progress progress) {
        Contents contents = opened.contents();
        progress.begin(Progress.Step.RESTORE, contents.records());
        files = Optional.of(opened);
        session = Optional.of(new Session(
                settings.terms(),
                settings.capacity(),
                contents,
                settings.clock().instant(),
                progress::next,
                this::wake));
        progress.end();
        unsynced = 0;
        syncedAt = System.nanoTime();
    }

    private void wake() {
        LockSupport.unpark(thread);
    }

    /** The records, if they can be written. */
    Session session() {
        return session.orElseThrow(() -> new StoreUnavailable(unavailable));
    }

    /** Whether changes get into the file, and soon. */
    boolean writing() {
        return session.isPresent() && (!busy || settings.nanoTime().getAsLong() - busySince < STALLED.toNanos());
    }

    private void run() {
        while (!closing) {
            if (session.isPresent()) {
                work(session.get(), files.orElseThrow());
            } else {
                LockSupport.parkNanos(this, SECOND.toNanos());
                recover();
            }
        }
        end();
    }

    /** Does what is most urgent: writes, syncs, compacts, or waits. */
    private void work(Session current, StoreFiles open) {
        busySince = settings.nanoTime().getAsLong();
        busy = true;
        try {
            Optional<Batch> batch = current.take();
            if (batch.isPresent()) {
                write(open, batch.get());
            } else if (unsynced > 0) {
                syncWhenDue(open);
            } else if (uncompacted > 0) {
                compact(open);
            }
            busy = false;
            if (!current.hasChanges() && uncompacted == 0) {
                LockSupport.parkNanos(this, unsynced > 0 ? untilSync() : SECOND.toNanos());
            }
        } catch (RuntimeException | Error e) {
            // Whatever was thrown: the memory has changes that the file has not.
            fail(current, e);
        }
    }

    private void write(StoreFiles open, Batch batch) {
        open.write(batch);
        unsynced++;
        uncompacted++;
        if (settings.sync() == Sync.ALWAYS || unsynced >= MAX_UNSYNCED || untilSync() <= 0) {
            sync(open);
        }
        batch.complete();
        if (batch.abandoned()) {
            // The disk stalled. The caller was refused and has signalled nobody, and the change is stored all the same.
            settings.onRecovery().run();
        }
        if (uncompacted >= COMPACTION_INTERVAL) {
            compact(open);
        }
    }

    private void syncWhenDue(StoreFiles open) {
        if (untilSync() <= 0) {
            sync(open);
        } else {
            LockSupport.parkNanos(this, untilSync());
        }
    }

    private void sync(StoreFiles open) {
        open.sync();
        unsynced = 0;
        syncedAt = System.nanoTime();
    }

    private long untilSync() {
        return syncedAt + SECOND.toNanos() - System.nanoTime();
    }

    private void compact(StoreFiles open) {
        uncompacted = 0;
        if (open.compact()) {
            sync(open);
        }
    }

    private void fail(Session failed, Throwable thrown) {
        unavailable = "the store cannot be written: " + StoreFiles.reason(thrown);
        session = Optional.empty();
        busy = false;
        failed.fail(unavailable);
        files.ifPresent(StoreFiles::abandon);
        files = Optional.empty();
        Event.of("store_unavailable", unavailable).to(LOG, Level.ERROR);
    }

    private void recover() {
        if (closing) {
            return;
        }
        try {
            Progress progress = new Progress(settings.nanoTime());
            StoreFiles opened = StoreFiles.open(
                    settings.directory(), settings.chunkFiles(), settings.sync() == Sync.ALWAYS, progress);
            if (!opened.hasRoom()) {
                opened.abandon();
                return;
            }
            begin(opened, progress);
            Event.of("store_recovered", "the store can be written again").to(LOG, Level.INFO);
            settings.onRecovery().run();
        } catch (RuntimeException e) {
            String reason = StoreFiles.reason(e);
            if (!unavailable.equals(reason)) {
                unavailable = reason;
                Event.of("store_unavailable", reason).to(LOG, Level.ERROR);
            }
        }
    }

    private void end() {
        Optional<Session> last = session;
        unavailable = "the store is closed";
        session = Optional.empty();
        last.ifPresent(this::end);
    }

    private void end(Session last) {
        try {
            StoreFiles open = files.orElseThrow();
            last.take().ifPresent(batch -> {
                open.write(batch);
                open.sync();
                batch.complete();
            });
            last.fail(unavailable);
            open.close();
        } catch (RuntimeException e) {
            fail(last, e);
        }
    }

    /** Writes the last batch and ends the thread. */
    void close() {
        closing = true;
        wake();
        try {
            if (!thread.join(CLOSE_TIMEOUT)) {
                Event.of("store_unavailable", "the store could not be closed in time")
                        .to(LOG, Level.ERROR);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
