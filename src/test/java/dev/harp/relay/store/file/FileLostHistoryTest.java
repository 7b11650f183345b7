package dev.harp.relay.store.file;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.device;
import static dev.harp.relay.protocol.Samples.key;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
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
            var _ = store.changePairing(Samples.pair(1), _ -> Change.to(Samples.active(1, 1, T0), true));
            // A sync that comes in between is allowed, and is no power cut of the kind that is looked for.
            for (int number = 1; lost < 5; number++) {
                put(store, number);
                Cursor read =
                        store.inbox(device(1), Optional.empty(), 100, 1 << 20).cursor();
                Path image = folder.resolve("image" + number);
                Files.createDirectories(image);
                byte[] marker = Files.readAllBytes(directory.resolve(SYNCED));
                Disk.write(image.resolve(RECORDS), disk.afterPowerCut(random));
                Disk.write(image.resolve(SYNCED), marker);
                try (RelayStore after = open(image)) {
                    boolean gone = after.request(key(1, number)).isEmpty();
                    lost += gone ? 1 : 0;
                    if (after.pairing(Samples.pair(1)).isPresent()) {
                        put(after, 1001);
                        put(after, 1002);
                        Page page = after.inbox(device(1), Optional.of(read), 100, 1 << 20);
                        assertThat("request " + number, page.reset(), is(gone));
                        assertThat(
                                page
                                        .requests()
                                        .subList(
                                                page.requests().size() - 2,
                                                page.requests().size())
                                        .stream()
                                        .map(Request::key)
                                        .toList(),
                                contains(key(1, 1001), key(1, 1002)));
                    }
                }
            }
        }
    }
}
