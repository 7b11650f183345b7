package dev.harp.relay.store.file;

import dev.harp.relay.store.StoreUnusable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * A small file that names the version of the records that has reached the disk.
 *
 * <p>If the newest part of the records' file is damaged or cut off, MVStore silently goes back to an older version. So
 * an opening compares the version that it finds with the marker: if it is lower, something is lost that was
 * acknowledged. The marker is written after the sync of the version that it names and is not synced itself. It never
 * names a version that is not on the disk, and an outdated marker only asks for less.
 */
final class SyncMarker implements AutoCloseable {
    private static final int LENGTH = Long.BYTES + Integer.BYTES;

    private final FileChannel channel;
    private OptionalLong version;

    private SyncMarker(FileChannel channel, OptionalLong version) {
        this.channel = channel;
        this.version = version;
    }

    /** Opens the file, and creates it if there is none. */
    static SyncMarker open(Path file) {
        try {
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            try {
                return new SyncMarker(channel, read(file, channel));
            } catch (IOException | StoreUnusable e) {
                close(channel);
                throw e;
            }
        } catch (IOException e) {
            throw new StoreUnusable(file + " cannot be read and written (STORE): " + Directory.reason(e), e);
        }
    }

    private static OptionalLong read(Path file, FileChannel channel) throws IOException {
        if (channel.size() == 0) {
            return OptionalLong.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate(LENGTH + 1);
        while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) > 0) {}
        bytes.flip();
        if (bytes.remaining() != LENGTH || bytes.getInt(Long.BYTES) != checksum(bytes.getLong(0))) {
            throw new StoreUnusable(
                    file + " is damaged. Restore a copy of the directory; or, if you know that the file beside it is"
                            + " whole, delete this one");
        }
        return OptionalLong.of(bytes.getLong(0));
    }

    private static int checksum(long version) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, version));
        return (int) crc.getValue();
    }

    static boolean exists(Path file) {
        try {
            return Files.exists(file) && Files.size(file) > 0;
        } catch (IOException e) {
            throw new StoreUnusable(file + " cannot be read (STORE): " + Directory.reason(e), e);
        }
    }

    /** The version that it names; empty if it has never been set. */
    OptionalLong version() {
        return version;
    }

    /** Names a version that is on the disk. */
    void set(long synced) {
        try {
            ByteBuffer bytes = ByteBuffer.allocate(LENGTH)
                    .putLong(synced)
                    .putInt(checksum(synced))
                    .flip();
            while (bytes.hasRemaining()) {
                channel.write(bytes, bytes.position());
            }
            if (version.isEmpty()) {
                channel.force(true);
            }
            version = OptionalLong.of(synced);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        close(channel);
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // There was nothing left to write.
        }
    }
}
