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
 * The file in which the {@link MVStore} keeps its chunks: each commit adds one, and takes for it only room that the
 * versions before the last few did not use any more.
 */
class Volume extends SingleFileStore {
    /** How many versions back everything is still in the file; more than are ever written between two syncs. */
    static final int VERSIONS = 40;

    private static final int BLOCK = 4096;

    Volume() {
        super(new HashMap<>(Map.of("cacheSize", 32)));
    }

    /** Opens the file, which exists, and locks it. */
    void open(Path file) {
        open(file.toString(), false, null);
    }

    /** The newest version; 0 if there is none, or none that can be found. */
    long newest() {
        SFChunk chunk = chunk();
        return chunk == null ? 0 : chunk.version;
    }

    private @Nullable SFChunk chunk() {
        return lastChunk;
    }

    /** Lets go of the file and writes nothing. */
    void abandon() {
        try {
            close();
        } catch (RuntimeException e) {
            // Whatever is wrong with it has been told before.
        }
    }

    /** Overwrites the ends of the newest version, so that the version before it is found at the next opening. */
    static void forgetNewest(Path file, Volume read) {
        SFChunk chunk = read.chunk();
        if (chunk == null) {
            throw DataUtils.newMVStoreException(DataUtils.ERROR_FILE_CORRUPT, "no version to forget");
        }
        Volume volume = new Volume();
        try {
            volume.open(file);
            volume.writeFully(chunk, chunk.block * BLOCK, ByteBuffer.allocate(BLOCK));
            volume.writeFully(chunk, (chunk.block + chunk.len - 1) * BLOCK, ByteBuffer.allocate(BLOCK));
            volume.sync();
        } finally {
            volume.abandon();
        }
    }

    /** Whether the file is as it was, and the disk does not take what is to be written. */
    static boolean unwritten(Throwable e) {
        return e instanceof MVStoreException thrown && thrown.getErrorCode() == DataUtils.ERROR_WRITING_FAILED;
    }

    /** Whether another process, or another part of this one, holds the file. */
    static boolean locked(Throwable e) {
        return e instanceof MVStoreException thrown && thrown.getErrorCode() == DataUtils.ERROR_FILE_LOCKED;
    }
}
