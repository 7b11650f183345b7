package dev.harp.relay.store.file;

import dev.harp.relay.store.StoreUnusable;
import dev.harp.relay.store.memory.Contents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;

/**
 * The directory's two files, open. For one thread.
 *
 * <p>At an opening everything is read and checked. A version that the witness does not vouch for may be one that a
 * power cut has left half written; nobody has been told of it, so it is given up for the one before. What the witness
 * vouches for is whole, or nothing is opened.
 */
final class Archive {
    private final Directory directory;
    private final Tables tables;
    private final Volume volume;
    private final SyncMarker marker;
    private final Contents contents;

    /** How an opening of the records' file went. */
    private sealed interface Attempt {
        record Read(Tables tables, Volume volume, Contents contents) implements Attempt {}

        record Failed(Volume volume, Throwable why) implements Attempt {}
    }

    private Archive(Directory directory, Attempt.Read read, SyncMarker marker) {
        this.directory = directory;
        this.tables = read.tables();
        this.volume = read.volume();
        this.marker = marker;
        this.contents = read.contents();
    }

    /**
     * Opens the files and makes them if there are none.
     *
     * @param volumes makes what the file is read and written through
     * @param afterFailure whether a sync may have failed just now: then what has not been synced may look whole and
     *     not be on the disk, so it is given up, too
     * @throws StoreUnusable if they cannot be opened, or if anything is missing
     */
    static Archive open(Directory directory, Supplier<Volume> volumes, boolean afterFailure) {
        directory.prepare();
        SyncMarker marker = SyncMarker.open(directory.synced());
        try {
            Archive archive = new Archive(directory, read(directory, volumes, marker, afterFailure), marker);
            archive.prove();
            return archive;
        } catch (RuntimeException e) {
            marker.close();
            throw e;
        }
    }

    private static Attempt.Read read(
            Directory directory, Supplier<Volume> volumes, SyncMarker marker, boolean afterFailure) {
        while (true) {
            Attempt attempt = attempt(directory, volumes.get(), marker);
            boolean vouched = marker.version().isEmpty()
                    || newest(attempt) <= marker.version().getAsLong();
            switch (attempt) {
                case Attempt.Read read
                when newest(attempt) < marker.version().orElse(0) -> {
                    read.tables().abandon();
                    throw new StoreUnusable(gone(directory));
                }
                case Attempt.Read read
                when vouched || !afterFailure -> {
                    return read;
                }
                case Attempt.Read read -> {
                    read.tables().abandon();
                    Volume.forgetNewest(directory.records(), read.volume());
                }
                case Attempt.Failed(Volume _, Throwable why)
                when Volume.unwritten(why) -> throw new StoreUnusable(unwritable(directory, why), why);
                case Attempt.Failed(Volume volume, Throwable why) -> {
                    if (vouched || why instanceof Tables.UnknownFormat) {
                        throw new StoreUnusable(unreadable(directory, why), why);
                    }
                    Volume.forgetNewest(directory.records(), volume);
                }
            }
        }
    }

    private static long newest(Attempt attempt) {
        return switch (attempt) {
            case Attempt.Read read -> read.volume().newest();
            case Attempt.Failed failed -> failed.volume().newest();
        };
    }

    private static Attempt attempt(Directory directory, Volume volume, SyncMarker marker) {
        try {
            volume.open(directory.records());
        } catch (RuntimeException e) {
            throw new StoreUnusable(
                    Volume.locked(e)
                            ? directory.path() + " is in use by another relay (STORE)"
                            : directory.records() + " cannot be opened (STORE): " + reason(e),
                    e);
        }
        if (volume.isReadOnly()) {
            volume.abandon();
            throw new StoreUnusable(
                    directory.records() + " cannot be written (STORE): permission denied, or a read-only file system");
        }
        boolean fresh = directory.isFresh();
        try {
            Tables tables = new Tables(volume);
            if (tables.isNew() && marker.version().isEmpty()) {
                tables.begin();
            }
            return new Attempt.Read(tables, volume, tables.read());
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError | AssertionError e) {
            // Whoever reads damaged bytes may run into anything.
            if (fresh) {
                // What a full disk has left of its beginning would be taken for damage once there is room.
                directory.clear();
            }
            volume.abandon();
            return new Attempt.Failed(volume, e);
        }
    }

    private static String unwritable(Directory directory, Throwable why) {
        return directory.records() + " cannot be written (STORE): " + failure(why);
    }

    private static String gone(Directory directory) {
        return directory.records() + " is older than " + directory.synced()
                + " says it was: it is cut off or damaged, or a copy of"
                + " another time. Restore both files from one copy, or move the directory away to start empty";
    }

    private static String unreadable(Directory directory, Throwable why) {
        return why instanceof Tables.UnknownFormat
                ? directory.records() + " " + why.getMessage() + ". Use the version that wrote it, or a later one"
                : directory.records() + " is damaged (" + reason(why)
                        + "). Restore a copy of the directory, or move it away to start" + " empty";
    }

    /** One line of it. */
    private static String reason(Throwable e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.lines().findFirst().orElse("");
    }

    /** Writes and syncs something, so that whoever is served now is not refused at once. */
    private void prove() {
        try {
            tables.touch();
            commit();
            directory.sync();
            sync();
        } catch (RuntimeException | IOException e) {
            tables.abandon();
            throw new StoreUnusable(unwritable(directory, e), e);
        }
    }

    /** The innermost: what the operating system has said. */
    private static Throwable cause(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** Why a write has failed, in one line. */
    static String failure(Throwable e) {
        return reason(cause(e));
    }

    /** What was in it when it was opened. */
    Contents contents() {
        return contents;
    }

    /** Writes the batch: from now on the end of the process cannot undo it. */
    void write(Batch batch) {
        tables.apply(batch);
        commit();
    }

    private void commit() {
        tables.commit();
    }

    /** Forces what is written to the disk: from now on nothing can undo it. */
    void sync() {
        long version = volume.newest();
        volume.sync();
        marker.synced(version);
    }

    /** Makes room in the file, a little at a time; says whether there may be more to make. Written, not synced. */
    boolean compact() {
        return tables.compact();
    }

    /** Ends in order. */
    void close() {
        try {
            tables.close();
            marker.synced(volume.newest());
        } finally {
            marker.close();
        }
    }

    /** Lets go of the files and writes nothing. */
    void abandon() {
        tables.abandon();
        volume.abandon();
        marker.close();
    }

    /** Whether there is room for going on, as far as the file system tells. */
    boolean hasRoom() {
        try {
            return directory.hasRoom();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
