package dev.harp.client;

import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree.Members;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A file of one JSON object that only the user can read (mode 0600, in folders of mode 0700). Whoever reads it sees one
 * whole version, also after a crash in the middle of a write: each version is written beside it, forced to the disk,
 * and moved over it.
 */
public final class JsonFile {
    /** A lock of a file is held by a process; between threads of one process these are. */
    private static final Map<Path, ReentrantLock> LOCKS = new ConcurrentHashMap<>();

    private static final Pattern LEFTOVER = Pattern.compile(".+\\.json\\.[0-9]+\\.new");

    /** Longer than any write takes. */
    private static final Duration OLD = Duration.ofSeconds(600);

    private final Path path;
    private final Path folder;

    public JsonFile(Path path) {
        this.path = path.toAbsolutePath().normalize();
        this.folder = Optional.ofNullable(this.path.getParent())
                .orElseThrow(() -> new IllegalArgumentException("no file: " + path));
    }

    public Path path() {
        return path;
    }

    @Override
    public String toString() {
        return path.toString();
    }

    /**
     * The object in the file, or nothing if there is no file.
     *
     * @throws UncheckedIOException if it cannot be read, or holds anything else than one object in the exact form
     */
    public Optional<Members> read() {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == '\n') {
            end--;
        }
        byte[] object = Arrays.copyOf(bytes, end);
        return Optional.of(ExactJson.read(object)
                .orElseThrow(() -> new UncheckedIOException(new IOException(path + " is damaged"))));
    }

    /** Puts the object in the place of what the file holds. */
    public void write(Members object) {
        try {
            Files.createDirectories(folder, attributes("rwx------"));
            Path fresh = Files.createTempFile(folder, path.getFileName() + ".", ".new", attributes("rw-------"));
            try {
                try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                    ByteBuffer bytes = ByteBuffer.wrap(withLineEnd(ExactJson.write(object)));
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                    channel.force(true);
                }
                move(fresh);
                FileTime now = Files.getLastModifiedTime(path);
                sweep(leftover -> isOwn(leftover) ? isLocked() || isOld(leftover, now) : isOld(leftover, now));
            } finally {
                Files.deleteIfExists(fresh);
            }
            force(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes the file, if there is one, and what interrupted writes of it have left. */
    public void delete() {
        try {
            if (Files.isDirectory(folder)) {
                sweep(this::isOwn);
            }
            if (Files.deleteIfExists(path)) {
                force(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs the steps while no other process and no other thread runs steps of this file. */
    public <T> T locked(Supplier<T> steps) {
        ReentrantLock lock = LOCKS.computeIfAbsent(path, _ -> new ReentrantLock());
        lock.lock();
        try {
            Files.createDirectories(folder, attributes("rwx------"));
            Path file = path.resolveSibling(path.getFileName() + ".lock");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock _ = channel.lock()) {
                return steps.get();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
    }

    /** Deletes what a process has left that was killed while it wrote: that may hold keys. */
    private void sweep(Predicate<Path> gone) throws IOException {
        List<Path> leftovers;
        try (Stream<Path> files = Files.list(folder)) {
            leftovers = files.filter(each ->
                            LEFTOVER.matcher(each.getFileName().toString()).matches())
                    .filter(gone)
                    .toList();
        }
        for (Path leftover : leftovers) {
            Files.deleteIfExists(leftover);
        }
    }

    private boolean isOwn(Path leftover) {
        String own = path.getFileName() + ".";
        String name = leftover.getFileName().toString();
        return name.startsWith(own) && name.substring(own.length()).matches("[0-9]+\\.new");
    }

    /** Whether this thread has the lock, so that nobody else is writing this file. */
    private boolean isLocked() {
        ReentrantLock lock = LOCKS.get(path);
        return lock != null && lock.isHeldByCurrentThread();
    }

    private static boolean isOld(Path leftover, FileTime now) {
        try {
            return Files.getLastModifiedTime(leftover)
                    .toInstant()
                    .isBefore(now.toInstant().minus(OLD));
        } catch (IOException e) {
            // Its write has ended meanwhile.
            return false;
        }
    }

    private void move(Path fresh) throws IOException {
        try {
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(fresh, path, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** So that the move itself survives a power failure, where a folder can be forced to the disk. */
    private static void force(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Not on every file system; the file itself is on the disk.
        }
    }

    private static byte[] withLineEnd(byte[] bytes) {
        byte[] line = Arrays.copyOf(bytes, bytes.length + 1);
        line[bytes.length] = '\n';
        return line;
    }

    private static FileAttribute<?>[] attributes(String mode) {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))}
                : new FileAttribute<?>[0];
    }
}
