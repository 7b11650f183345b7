package dev.harp.relay.store.file;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.SFChunk;
import org.h2.mvstore.SingleFileStore;
import org.jspecify.annotations.Nullable;

/**
 * The file in which an {@link MVStore} keeps its chunks. Each commit appends a chunk. It reuses room only if none of
 * the last {@link #VERSIONS} versions needs it.
 */
class ChunkFile extends SingleFileStore {
    /** How many earlier versions are intact in the file; more than are ever written between two syncs. */
    static final int VERSIONS = 40;

    private static final int BLOCK = 4096;

    ChunkFile() {
        super(new HashMap<>(Map.of("cacheSize", 32)));
    }

    /** Opens an existing file and locks it. */
    void open(Path file) {
        open(file.toString(), false, null);
    }

    /**
     * After a power cut the header may name a version that is not in the file, while the newest one that is complete
     * lies in reused room, where no other version leads to it. MVStore is content with an older one that it finds at
     * the end of the file; so it has to look through all of it. After a clean close it does not look.
     */
    @Override
    protected void readStoreHeader(boolean lookThroughAll) {
        super.readStoreHeader(true);
    }

    /** The newest version; 0 if none is found. */
    long newest() {
        SFChunk chunk = chunk();
        return chunk == null ? 0 : chunk.version;
    }

    private @Nullable SFChunk chunk() {
        return lastChunk;
    }

    /** Closes the file without writing. */
    void abandon() {
        try {
            close();
        } catch (RuntimeException e) {
            // The failure that led here has been reported.
        }
    }

    /** Overwrites both ends of the newest version, so that the next opening finds the version before it. */
    static void discardNewest(Path file, ChunkFile read) {
        SFChunk chunk = read.chunk();
        if (chunk == null) {
            throw DataUtils.newMVStoreException(DataUtils.ERROR_FILE_CORRUPT, "no version to discard");
        }
        ChunkFile chunks = new ChunkFile();
        try {
            chunks.open(file);
            chunks.writeFully(chunk, chunk.block * BLOCK, ByteBuffer.allocate(BLOCK));
            chunks.writeFully(chunk, (chunk.block + chunk.len - 1) * BLOCK, ByteBuffer.allocate(BLOCK));
            chunks.sync();
        } finally {
            chunks.abandon();
        }
    }

    /** Whether the disk has refused a write; what is in the file is intact. */
    static boolean writeFailed(Throwable e) {
        return e instanceof MVStoreException thrown && thrown.getErrorCode() == DataUtils.ERROR_WRITING_FAILED;
    }

    /** Whether another process, or another part of this one, holds the file. */
    static boolean locked(Throwable e) {
        return e instanceof MVStoreException thrown && thrown.getErrorCode() == DataUtils.ERROR_FILE_LOCKED;
    }
}
