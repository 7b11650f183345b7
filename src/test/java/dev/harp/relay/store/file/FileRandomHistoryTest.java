package dev.harp.relay.store.file;

import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.RandomHistoryTest;
import dev.harp.relay.store.RelayStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/** Random histories on the store in a file, which is closed and opened again at random steps. */
class FileRandomHistoryTest extends RandomHistoryTest {
    private static final int CALLS_BETWEEN = 500;

    @TempDir
    private Path directory;

    private int stores;

    @Override
    protected int seeds() {
        return 3;
    }

    @Override
    protected RelayStore open(ProtocolLimits terms, Capacity capacity) {
        Path own = directory.resolve("" + stores++);
        Random random = new Random(stores);
        RelayStore[] open = {open(own, terms, capacity)};
        return (RelayStore) Proxy.newProxyInstance(
                RelayStore.class.getClassLoader(), new Class<?>[] {RelayStore.class}, (_, method, arguments) -> {
                    if (random.nextInt(CALLS_BETWEEN) == 0) {
                        open[0].close();
                        open[0] = open(own, terms, capacity);
                    }
                    try {
                        return method.invoke(open[0], arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static RelayStore open(Path directory, ProtocolLimits terms, Capacity capacity) {
        return FileStore.open(
                directory, Sync.INTERVAL, terms, capacity, InstantSource.system(), System::nanoTime, () -> {});
    }
}
