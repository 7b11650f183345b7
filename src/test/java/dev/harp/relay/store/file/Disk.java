package dev.harp.relay.store.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.SFChunk;

/** The disk under the store's file. It can be full, fail, stall, and lose what was not synced. */
final class Disk {
    private static final int SECTOR = 512;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Write(long position, byte[] bytes) {}

    final AtomicInteger syncs = new AtomicInteger();
    volatile boolean full;
    volatile boolean syncFails;
    volatile CountDownLatch gate = new CountDownLatch(0);
    volatile CountDownLatch reached = new CountDownLatch(1);
    private final List<Write> unsynced = new ArrayList<>();
    private byte[] durable = new byte[0];

    ChunkFile chunkFile() {
        return new ChunkFile() {
            @Override
            protected void writeFully(SFChunk chunk, long position, ByteBuffer from) {
                byte[] bytes = new byte[from.remaining()];
                from.duplicate().get(bytes);
                if (full) {
                    // A full disk still takes a part of it.
                    super.writeFully(chunk, position, ByteBuffer.wrap(bytes, 0, bytes.length / 2));
                    throw failure("No space left on device");
                }
                super.writeFully(chunk, position, from);
                written(position, bytes);
            }

            @Override
            public void sync() {
                reached.countDown();
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                if (syncFails) {
                    throw failure("Input/output error");
                }
                super.sync();
                synced();
            }

            @Override
            public void truncate(long size) {
                super.truncate(size);
                truncated(size);
            }
        };
    }

    private static RuntimeException failure(String why) {
        return DataUtils.newMVStoreException(DataUtils.ERROR_WRITING_FAILED, "Could not write", new IOException(why));
    }

    private synchronized void written(long position, byte[] bytes) {
        unsynced.add(new Write(position, bytes));
    }

    private synchronized void synced() {
        syncs.incrementAndGet();
        unsynced.forEach(write -> durable = with(durable, write, 0, write.bytes().length));
        unsynced.clear();
    }

    private synchronized void truncated(long size) {
        durable = Arrays.copyOf(durable, (int) Math.min(durable.length, size));
    }

    private static byte[] with(byte[] image, Write write, int from, int to) {
        byte[] next = image.length >= write.position() + to ? image : Arrays.copyOf(image, (int) write.position() + to);
        System.arraycopy(write.bytes(), from, next, (int) write.position() + from, to - from);
        return next;
    }

    /**
     * The file after a power cut at this moment: all that was synced, and any sectors of the rest. Often of the rest
     * only its head, which then names a version that is not there.
     */
    synchronized byte[] afterPowerCut(Random random) {
        byte[] image = durable.clone();
        boolean headOnly = random.nextBoolean();
        for (Write write : unsynced) {
            int kept = headOnly ? (write.position() == 0 ? 3 : 0) : random.nextInt(4);
            for (int from = 0; from < write.bytes().length; from += SECTOR) {
                int to = Math.min(from + SECTOR, write.bytes().length);
                boolean end = from == 0 || to == write.bytes().length;
                if (kept == 3 || (kept == 2 && end) || (kept == 1 && random.nextBoolean())) {
                    image = with(image, write, from, to);
                }
            }
        }
        return image;
    }

    static void write(Path file, byte[] bytes) {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.wrap(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
