package dev.harp.relay.store.file;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.key;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.service.Rig;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreUnusable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;

/** File stores on a disk that a test has break. */
abstract class FileStoreRig {
    static final String RECORDS = "harp-relay.mv";
    static final String SYNCED = "harp-relay.synced";

    @TempDir
    Path directory;

    final Disk disk = new Disk();
    final AtomicInteger recoveries = new AtomicInteger();
    final CountDownLatch recovered = new CountDownLatch(1);

    FileStore open(Path where) {
        return FileStore.open(where, Sync.ALWAYS, TERMS, Rig.ROOMY, InstantSource.system(), System::nanoTime, () -> {});
    }

    FileStore openOnDisk() {
        return openOnDisk(Sync.ALWAYS);
    }

    FileStore openOnDisk(Sync sync) {
        return FileStore.open(
                directory,
                sync,
                TERMS,
                Rig.ROOMY,
                InstantSource.system(),
                System::nanoTime,
                () -> {
                    recoveries.incrementAndGet();
                    recovered.countDown();
                },
                disk::chunkFile);
    }

    static void put(RelayStore store, Pairing pairing) {
        var _ = store.changePairing(pairing.id(), _ -> Change.to(pairing, true));
    }

    static void put(RelayStore store, Request request) {
        var _ = store.changeRequest(request.key(), (_, _, _) -> Change.to(request, true));
    }

    static void forget(RelayStore store, RequestKey key) {
        var _ = store.changeRequest(key, (_, _, _) -> new Change<>(Optional.empty(), true));
    }

    static Request request(int number) {
        return Samples.open(key(1, number), 1, T0, Duration.ofSeconds(300));
    }

    static String line(StoreUnusable e) {
        return String.valueOf(e.getMessage());
    }

    static Path copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        Files.copy(from.resolve(SYNCED), to.resolve(SYNCED));
        Files.copy(from.resolve(RECORDS), to.resolve(RECORDS));
        return to;
    }

    static String refused(Path where) {
        return line(assertThrows(
                StoreUnusable.class,
                () -> FileStore.open(
                        where, Sync.ALWAYS, TERMS, Rig.ROOMY, InstantSource.system(), System::nanoTime, () -> {})));
    }

    /** Fills a store with some records of each kind and closes it. */
    void fill() {
        try (FileStore store = FileStore.open(
                directory, Sync.INTERVAL, TERMS, Rig.ROOMY, InstantSource.system(), System::nanoTime, () -> {})) {
            for (int i = 1; i <= 20; i++) {
                int number = i;
                put(store, Samples.active(i, 1, T0));
                var _ = store.changeDevice(Samples.device(i), _ -> Change.to(Samples.phone(number, T0), true));
            }
            for (int i = 1; i <= 60; i++) {
                put(store, request(i));
            }
        }
    }
}
