package dev.harp.relay.store.file;

import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.RelayStoreContract;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.io.TempDir;

/** The contract of every store, on the store in a file. */
class FileStoreTest extends RelayStoreContract {
    @TempDir
    private Path directory;

    private int stores;

    @Override
    protected int followingDevices() {
        return 20;
    }

    @Override
    protected RelayStore open(ProtocolLimits terms, Capacity capacity) {
        return FileStore.open(
                directory.resolve("" + stores++),
                Sync.INTERVAL,
                terms,
                capacity,
                InstantSource.system(),
                System::nanoTime,
                () -> {});
    }
}
