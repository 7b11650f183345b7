package dev.harp.relay.store.file;

import dev.harp.relay.log.Event;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.StoreUnavailable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The one thread that reads and writes the file: a platform thread, because a sync would hold a carrier of virtual
 * threads for milliseconds.
 */
final class StoreWriter {
    private static final Logger LOG = System.getLogger(FileStore.class.getName());
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration STUCK = Duration.ofSeconds(3);
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);
    private static final int UNSYNCED = 24;
    private static final int COMPACT_EVERY = 64;

    private final Directory directory;
    private final Sync sync;
    private final ProtocolLimits terms;
    private final Capacity capacity;
    private final LongSupplier nanoTime;
    private final Runnable back;
    private final Supplier<Volume> volumes;
    private final Thread thread;

    private volatile Optional<Session> session = Optional.empty();
    private volatile String why = "the store is closed";
    private volatile boolean busy;
    private volatile long busySince;
    private volatile boolean closing;

    // of the thread alone
    private Optional<Archive> archive = Optional.empty();
    private int unsynced;
    private int uncompacted;
    private long syncedAt;

    StoreWriter(
            Directory directory,
            Sync sync,
            ProtocolLimits terms,
            Capacity capacity,
            LongSupplier nanoTime,
            Runnable back,
            Supplier<Volume> volumes) {
        this.directory = directory;
        this.sync = sync;
        this.terms = terms;
        this.capacity = capacity;
        this.nanoTime = nanoTime;
        this.back = back;
        this.volumes = volumes;
        this.thread = Thread.ofPlatform().daemon().name("store").unstarted(this::run);
    }

    /** Opens the file and begins. */
    void start() {
        open(Archive.open(directory, volumes, false));
        thread.start();
    }

    private void open(Archive opened) {
        Session next = new Session(terms, capacity, opened.contents(), this::wake);
        archive = Optional.of(opened);
        session = Optional.of(next);
        unsynced = 0;
        syncedAt = System.nanoTime();
    }

    private void wake() {
        LockSupport.unpark(thread);
    }

    /** The records, if they can be written. */
    Session session() {
        return session.orElseThrow(() -> new StoreUnavailable(why));
    }

    /** Whether what changes gets into the file, and soon. */
    boolean writing() {
        return session.isPresent() && (!busy || nanoTime.getAsLong() - busySince < STUCK.toNanos());
    }

    private void run() {
        while (!closing) {
            if (session.isPresent()) {
                serve(session.get());
            } else {
                LockSupport.parkNanos(this, SECOND.toNanos());
                recover();
            }
        }
        end();
    }

    private void serve(Session serving) {
        busySince = nanoTime.getAsLong();
        busy = true;
        try {
            Archive open = archive.orElseThrow();
            Optional<Batch> batch = serving.take();
            if (batch.isPresent()) {
                write(open, batch.get());
            } else if (unsynced > 0) {
                rest(open);
            } else if (uncompacted > 0) {
                compact(open);
            }
            busy = false;
            if (serving.pending().isEmpty() && uncompacted == 0) {
                LockSupport.parkNanos(this, unsynced > 0 ? untilSync() : SECOND.toNanos());
            }
        } catch (RuntimeException | Error e) {
            // Whatever it is: what the memory holds is not in the file.
            fail(serving, e);
        }
    }

    private void write(Archive open, Batch batch) {
        open.write(batch);
        unsynced++;
        uncompacted++;
        if (sync == Sync.ALWAYS || unsynced >= UNSYNCED || untilSync() <= 0) {
            sync(open);
        }
        batch.done();
        if (batch.givenUp()) {
            // The disk stood still, and who changed something was refused and has told nobody; now it is stored all the
            // same.
            back.run();
        }
        if (uncompacted >= COMPACT_EVERY) {
            compact(open);
        }
    }

    private void rest(Archive open) {
        if (untilSync() <= 0) {
            sync(open);
        } else {
            LockSupport.parkNanos(this, untilSync());
        }
    }

    private void sync(Archive open) {
        open.sync();
        unsynced = 0;
        syncedAt = System.nanoTime();
    }

    private long untilSync() {
        return syncedAt + SECOND.toNanos() - System.nanoTime();
    }

    private void compact(Archive open) {
        uncompacted = 0;
        if (open.compact()) {
            sync(open);
        }
    }

    private void fail(Session failed, Throwable thrown) {
        why = "the store cannot be written: " + Archive.failure(thrown);
        session = Optional.empty();
        busy = false;
        failed.failed(why);
        archive.ifPresent(Archive::abandon);
        archive = Optional.empty();
        Event.of("store_unavailable", why).to(LOG, Level.ERROR);
    }

    private void recover() {
        if (closing) {
            return;
        }
        try {
            Archive opened = Archive.open(directory, volumes, sync == Sync.ALWAYS);
            if (!opened.hasRoom()) {
                opened.abandon();
                return;
            }
            open(opened);
            Event.of("store_recovered", "the store can be written again").to(LOG, Level.INFO);
            back.run();
        } catch (RuntimeException e) {
            String now = Archive.failure(e);
            if (!why.equals(now)) {
                why = now;
                Event.of("store_unavailable", now).to(LOG, Level.ERROR);
            }
        }
    }

    private void end() {
        Optional<Session> last = session;
        why = "the store is closed";
        session = Optional.empty();
        if (last.isEmpty()) {
            return;
        }
        try {
            Archive open = archive.orElseThrow();
            last.get().take().ifPresent(batch -> {
                open.write(batch);
                open.sync();
                batch.done();
            });
            last.get().failed(why);
            open.close();
        } catch (RuntimeException e) {
            fail(last.get(), e);
        }
    }

    /** Ends the thread: what is still to be written is written. */
    void close() {
        closing = true;
        wake();
        try {
            if (!thread.join(LAST_WORDS)) {
                Event.of("store_unavailable", "the store could not be closed in time")
                        .to(LOG, Level.ERROR);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
