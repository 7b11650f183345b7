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
 * The directory of the two files of a store.
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

    /** Creates the directory and empty files, readable by this user alone, unless they exist. */
    void prepare() {
        try {
            if (!Files.isDirectory(path)) {
                Files.createDirectories(path, mode("rwx------"));
            }
            if (!Files.exists(records())) {
                if (SyncMarker.exists(synced())) {
                    throw new StoreUnusable(records() + " is missing, and " + synced()
                            + " says that there was one. Restore a copy of the directory, or move the rest of it"
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
            // Another relay was started at the same time; the lock on the file decides between the two.
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

    /** Whether nothing has been written to the records' file yet. */
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

    /** Syncs the directory, so that the names of the files survive a power cut. */
    void sync() throws IOException {
        try (FileChannel directory = FileChannel.open(path, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /** Whether the file system has more room than a single change takes, as far as it says. */
    boolean hasRoom() throws IOException {
        return Files.getFileStore(path).getUsableSpace() >= ROOM;
    }

    /** Why an operation failed, without the path, which the messages contain anyway. */
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
