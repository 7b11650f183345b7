package dev.harp.relay.store.file;

import dev.harp.relay.store.StoreUnusable;
import dev.harp.relay.store.memory.Contents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;

/**
 * The two files of a store, open. For one thread.
 *
 * <p>Opening reads and checks everything. A version that the {@link SyncMarker} does not vouch for may be one that a
 * power cut has left incomplete. Nobody has learned of it, so if it is damaged it is discarded in favour of the one
 * before. A version that the marker vouches for must be intact, or opening fails.
 */
final class StoreFiles {
    private final Directory directory;
    private final Tables tables;
    private final ChunkFile chunks;
    private final SyncMarker marker;
    private final Contents contents;

    /** How an attempt to read the records went. */
    private sealed interface Attempt {
        ChunkFile chunks();

        record Read(Tables tables, ChunkFile chunks, Contents contents) implements Attempt {}

        record Failed(ChunkFile chunks, Throwable thrown) implements Attempt {}
    }

    private StoreFiles(Directory directory, Attempt.Read read, SyncMarker marker) {
        this.directory = directory;
        this.tables = read.tables();
        this.chunks = read.chunks();
        this.marker = marker;
        this.contents = read.contents();
    }

    /**
     * Opens the files, and creates them if there are none.
     *
     * @param chunkFiles creates the object through which the records' file is read and written
     * @param afterFailure whether a sync may have failed just before: a version that was not synced may then look
     *     intact without being on the disk, so it is discarded, too
     * @param progress is told of each record
     * @throws StoreUnusable if they cannot be opened, or if anything is missing
     */
    static StoreFiles open(
            Directory directory, Supplier<ChunkFile> chunkFiles, boolean afterFailure, Progress progress) {
        directory.prepare();
        SyncMarker marker = SyncMarker.open(directory.synced());
        try {
            StoreFiles files =
                    new StoreFiles(directory, read(directory, chunkFiles, marker, afterFailure, progress), marker);
            files.verifyWritable();
            return files;
        } catch (RuntimeException e) {
            marker.close();
            throw e;
        }
    }

    private static Attempt.Read read(
            Directory directory,
            Supplier<ChunkFile> chunkFiles,
            SyncMarker marker,
            boolean afterFailure,
            Progress progress) {
        while (true) {
            Attempt attempt = attempt(directory, chunkFiles.get(), marker, progress);
            long newest = attempt.chunks().newest();
            boolean vouched =
                    marker.version().isEmpty() || newest <= marker.version().getAsLong();
            switch (attempt) {
                case Attempt.Read read
                when newest < marker.version().orElse(0) -> {
                    read.tables().abandon();
                    throw new StoreUnusable(tooOld(directory));
                }
                case Attempt.Read read
                when vouched || !afterFailure -> {
                    return read;
                }
                case Attempt.Read read -> read.tables().abandon();
                case Attempt.Failed(ChunkFile _, Throwable thrown)
                when ChunkFile.writeFailed(thrown) -> throw new StoreUnusable(unwritable(directory, thrown), thrown);
                case Attempt.Failed(ChunkFile _, Throwable thrown)
                when vouched || thrown instanceof Tables.UnknownFormat ->
                    throw new StoreUnusable(unreadable(directory, thrown), thrown);
                case Attempt.Failed _ -> {
                    // The version before it is tried next.
                }
            }
            ChunkFile.discardNewest(directory.records(), attempt.chunks());
        }
    }

    private static Attempt attempt(Directory directory, ChunkFile chunks, SyncMarker marker, Progress progress) {
        try {
            chunks.open(directory.records());
        } catch (RuntimeException e) {
            throw new StoreUnusable(
                    ChunkFile.locked(e)
                            ? directory.path() + " is in use by another relay (STORE)"
                            : directory.records() + " cannot be opened (STORE): " + firstLine(e),
                    e);
        }
        if (chunks.isReadOnly()) {
            chunks.abandon();
            throw new StoreUnusable(
                    directory.records() + " cannot be written (STORE): permission denied, or a read-only file system");
        }
        boolean fresh = directory.isFresh();
        try {
            Tables tables = new Tables(chunks);
            if (tables.isNew() && marker.version().isEmpty()) {
                tables.begin();
            }
            return new Attempt.Read(tables, chunks, tables.read(progress));
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError | AssertionError e) {
            // Reading damaged bytes may throw any of these.
            if (fresh) {
                // A full disk may have left a part of the first version, which would count as damage once there is
                // room.
                directory.clear();
            }
            chunks.abandon();
            return new Attempt.Failed(chunks, e);
        }
    }

    private static String unwritable(Directory directory, Throwable thrown) {
        return directory.records() + " cannot be written (STORE): " + reason(thrown);
    }

    private static String tooOld(Directory directory) {
        return directory.records() + " is older than " + directory.synced()
                + " says it was: it is cut off or damaged, or a copy of"
                + " another time. Restore both files from one copy, or move the directory away to start empty";
    }

    private static String unreadable(Directory directory, Throwable thrown) {
        return thrown instanceof Tables.UnknownFormat
                ? directory.records() + " " + thrown.getMessage() + ". Use the version that wrote it, or a later one"
                : directory.records() + " is damaged (" + firstLine(thrown)
                        + "). Restore a copy of the directory, or move it away to start empty";
    }

    private static String firstLine(Throwable thrown) {
        String message = thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage();
        return message.lines().findFirst().orElse("");
    }

    /** What the operating system says, in one line: the message of the innermost cause. */
    static String reason(Throwable thrown) {
        return thrown.getCause() == null ? firstLine(thrown) : reason(thrown.getCause());
    }

    /** Writes and syncs a small change, so that an opening does not succeed if the first write is bound to fail. */
    private void verifyWritable() {
        try {
            tables.touch();
            tables.commit();
            directory.sync();
            sync();
        } catch (RuntimeException | IOException e) {
            tables.abandon();
            throw new StoreUnusable(unwritable(directory, e), e);
        }
    }

    /** What the files held when they were opened. */
    Contents contents() {
        return contents;
    }

    /** Writes the batch. From then on the end of the process does not undo it. */
    void write(Batch batch) {
        tables.apply(batch);
        tables.commit();
    }

    /** Forces everything that is written to the disk. From then on a power cut does not undo it. */
    void sync() {
        long version = chunks.newest();
        chunks.sync();
        marker.set(version);
    }

    /** Reclaims some room in the file. Returns whether it has written anything, which is not synced yet. */
    boolean compact() {
        return tables.compact();
    }

    /** Syncs and closes the files. */
    void close() {
        try {
            tables.close();
            marker.set(chunks.newest());
        } finally {
            marker.close();
        }
    }

    /** Closes the files without writing. */
    void abandon() {
        tables.abandon();
        chunks.abandon();
        marker.close();
    }

    /** Whether the file system has room for further changes, as far as it says. */
    boolean hasRoom() {
        try {
            return directory.hasRoom();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
