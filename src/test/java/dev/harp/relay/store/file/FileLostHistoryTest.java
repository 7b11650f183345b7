package dev.harp.relay.store.file;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.device;
import static dev.harp.relay.protocol.Samples.key;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.LostHistoryContract;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.RelayStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A directory that is restored from a copy, and one after a power cut with {@code FSYNC=interval}. */
class FileLostHistoryTest extends LostHistoryContract {
    private static final String RECORDS = "harp-relay.mv";
    private static final String SYNCED = "harp-relay.synced";

    @TempDir
    private Path folder;

    @Override
    protected RelayStore open() {
        return open(folder.resolve("store"));
    }

    private RelayStore open(Path directory) {
        return FileStore.open(directory, Sync.INTERVAL, TERMS, ROOMY, clock, System::nanoTime, () -> {});
    }

    @Override
    protected RelayStore kept(RelayStore open) {
        open.close();
        copy(folder.resolve("store"), folder.resolve("copy"));
        return open();
    }

    @Override
    protected RelayStore fallenBack(RelayStore open) {
        open.close();
        copy(folder.resolve("copy"), folder.resolve("store"));
        return open();
    }

    @Override
    protected RelayStore restarted(RelayStore open) {
        open.close();
        return open();
    }

    private static void copy(Path from, Path to) {
        try {
            Files.createDirectories(to);
            for (String name : new String[] {RECORDS, SYNCED}) {
                Files.copy(from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void put(RelayStore store, int number) {
        Request request = Samples.open(key(1, number), 1, T0, Duration.ofSeconds(300));
        var _ = store.changeRequest(request.key(), (_, _, _) -> Change.to(request, true));
    }

    /** The request was acknowledged and read, and is not on the disk when the power goes. */
    @Test
    @Timeout(300)
    void aPowerCutWithinTheIntervalSwallowsNothing() throws Exception {
        Disk disk = new Disk();
        Path directory = folder.resolve("disk");
        Random random = new Random(11);
        int lost = 0;
        try (RelayStore store = FileStore.open(
                directory, Sync.INTERVAL, TERMS, ROOMY, clock, System::nanoTime, () -> {}, disk::chunkFile)) {
            int before = disk.syncs.get();
            var _ = store.changePairing(Samples.pair(1), _ -> Change.to(Samples.active(1, 1, T0), true));
            until("the pairing is on the disk", () -> disk.syncs.get() > before);
            // A sync may come in between: then nothing is lost, and the next request is tried.
            for (int number = 1; lost < 5; number++) {
                put(store, number);
                Cursor read =
                        store.inbox(device(1), Optional.empty(), 100, 1 << 20).cursor();
                Path image = folder.resolve("image" + number);
                Files.createDirectories(image);
                byte[] marker = Files.readAllBytes(directory.resolve(SYNCED));
                Disk.write(image.resolve(RECORDS), disk.afterPowerCut(random));
                Disk.write(image.resolve(SYNCED), marker);
                clock.advance(Duration.ofSeconds(1));
                try (RelayStore after = open(image)) {
                    boolean gone = after.request(key(1, number)).isEmpty();
                    lost += gone ? 1 : 0;
                    // More than were lost: at most 24 changes are not synced.
                    for (int i = 0; i < 30; i++) {
                        put(after, 1000 + i);
                    }
                    Page page = after.inbox(device(1), Optional.of(read), 100, 1 << 20);
                    assertThat("request " + number, page.reset(), is(gone));
                    assertThat(page.requests().size(), is(greaterThanOrEqualTo(30)));
                }
            }
        }
    }
}
