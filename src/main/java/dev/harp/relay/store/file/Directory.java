package dev.harp.relay.store.file;

import dev.harp.relay.store.StoreUnusable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where the two files of a store lie.
 *
 * @param path the directory
 */
record Directory(Path path) {
    private static final long ROOM = 1 << 20;
    private static final String RECORDS = "harp-relay.mv";
    private static final String SYNCED = "harp-relay.synced";

    /** The records. */
    Path records() {
        return path.resolve(RECORDS);
    }

    /** The {@link SyncMarker}. */
    Path synced() {
        return path.resolve(SYNCED);
    }

    /** Makes the directory and an empty file for the records, for this user alone, unless they are there. */
    void prepare() {
        try {
            if (!Files.isDirectory(path)) {
                Files.createDirectories(path, mode("rwx------"));
            }
            if (!Files.exists(records())) {
                if (SyncMarker.exists(synced())) {
                    throw new StoreUnusable(records() + " is missing, and " + synced()
                            + " says that there was one. Restore a copy of the directory, or move what is left of it"
                            + " away to start empty");
                }
                create(records());
                create(synced());
            }
        } catch (IOException e) {
            throw new StoreUnusable(path + " cannot be used as the store's directory (STORE): " + reason(e), e);
        }
    }

    private static void create(Path file) throws IOException {
        try {
            Files.createFile(file, mode("rw-------"));
        } catch (FileAlreadyExistsException _) {
            // Of two that were started at once the other one has made it; the lock decides between them.
        }
    }

    private static FileAttribute<?>[] mode(String permissions) {
        boolean posix =
                Path.of("").getFileSystem().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /** Whether nothing has ever been written to the records' file. */
    boolean isFresh() {
        return records().toFile().length() == 0;
    }

    /** Empties the records' file. */
    void clear() {
        try (FileChannel records = FileChannel.open(records(), StandardOpenOption.WRITE)) {
            records.truncate(0);
        } catch (IOException e) {
            throw new StoreUnusable(records() + " cannot be written (STORE): " + reason(e), e);
        }
    }

    /** Makes sure that the names of the files survive a power cut. */
    void sync() throws IOException {
        try (FileChannel directory = FileChannel.open(path, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /** Whether there is more room than a single change takes, as far as the file system tells. */
    boolean hasRoom() throws IOException {
        return Files.getFileStore(path).getUsableSpace() >= ROOM;
    }

    /** Why it failed, without the path: the operator is told that anyway. */
    static String reason(IOException e) {
        if (e instanceof FileAlreadyExistsException) {
            return "it is a file";
        }
        if (e instanceof FileSystemException thrown && thrown.getReason() != null) {
            return thrown.getReason();
        }
        return e instanceof java.nio.file.AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }
}
