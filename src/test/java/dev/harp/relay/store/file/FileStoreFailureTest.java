package dev.harp.relay.store.file;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.key;
import static dev.harp.relay.protocol.Samples.pair;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.service.RequestLifecycle;
import dev.harp.relay.service.RequestListener;
import dev.harp.relay.service.Rig;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.StoreUnusable;
import dev.harp.relay.store.codec.Records;
import dev.harp.testing.FakeClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The records after a failure of the disk, the machine or the process. */
class FileStoreFailureTest {
    private static final String RECORDS = "harp-relay.mv";
    private static final String SYNCED = "harp-relay.synced";

    @TempDir
    private Path directory;

    private final Disk disk = new Disk();
    private final AtomicInteger recoveries = new AtomicInteger();
    private final CountDownLatch recovered = new CountDownLatch(1);

    private FileStore open(Path where) {
        return FileStore.open(where, Sync.ALWAYS, TERMS, Rig.ROOMY, InstantSource.system(), System::nanoTime, () -> {});
    }

    private FileStore openOnDisk() {
        return openOnDisk(Sync.ALWAYS);
    }

    private FileStore openOnDisk(Sync sync) {
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

    private static void put(RelayStore store, Pairing pairing) {
        var _ = store.changePairing(pairing.id(), _ -> Change.to(pairing, true));
    }

    private static void put(RelayStore store, Request request) {
        var _ = store.changeRequest(request.key(), (_, _, _) -> Change.to(request, true));
    }

    private static void forget(RelayStore store, RequestKey key) {
        var _ = store.changeRequest(key, (_, _, _) -> new Change<>(Optional.empty(), true));
    }

    private static Request request(int number) {
        return Samples.open(key(1, number), 1, T0, Duration.ofSeconds(300));
    }

    private static String line(StoreUnusable e) {
        return String.valueOf(e.getMessage());
    }

    private static Path copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        Files.copy(from.resolve(SYNCED), to.resolve(SYNCED));
        Files.copy(from.resolve(RECORDS), to.resolve(RECORDS));
        return to;
    }

    private static String refused(Path where) {
        return line(assertThrows(
                StoreUnusable.class,
                () -> FileStore.open(
                        where, Sync.ALWAYS, TERMS, Rig.ROOMY, InstantSource.system(), System::nanoTime, () -> {})));
    }

    /** Fills a store with some records of each kind and closes it. */
    private void fill() {
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

    // --- restart

    @Test
    void cursorsSurviveARestart() {
        Cursor before;
        try (FileStore store = open(directory)) {
            put(store, Samples.active(1, 1, T0));
            put(store, request(1));
            put(store, request(2));
            before = store.inbox(Samples.device(1), Optional.of(Cursor.at(0)), 10, 1000)
                    .cursor();
            put(store, Samples.in(request(1), new Request.Cancelled(T0)));
        }
        try (FileStore store = open(directory)) {
            Page page = store.inbox(Samples.device(1), Optional.of(before), 10, 1000);
            assertThat(page.reset(), is(false));
            assertThat(page.requests().getFirst().key(), is(key(1, 1)));
            assertThat(store.requestOf(Samples.device(1), key(1, 2).request()), is(Optional.of(key(1, 2))));
            forget(store, key(1, 1));
            forget(store, key(1, 2));
        }
        try (FileStore store = open(directory)) {
            assertThat(
                    store.inbox(Samples.device(1), Optional.of(before), 10, 1000)
                            .reset(),
                    is(true));
            put(store, request(3));
            Page page = store.inbox(Samples.device(1), Optional.of(Cursor.at(before.read() + 1)), 10, 1000);
            assertThat(page.reset(), is(false));
            assertThat(page.requests().getFirst().key(), is(key(1, 3)));
        }
    }

    /** The process may be killed before all consequences of a revocation or a removal are stored. */
    @Test
    void anInterruptedRevocationIsCompletedAfterARestart() {
        try (FileStore store = open(directory)) {
            var _ = store.changeDevice(Samples.device(1), _ -> Change.to(Samples.phone(1, T0), true));
            put(store, Samples.active(1, 1, T0));
            put(store, Samples.active(2, 2, T0));
            put(store, request(1));
            put(store, Samples.open(key(2, 1), 2, T0, Duration.ofSeconds(300)));
            put(store, Samples.revoked(Samples.active(1, 1, T0), T0));
        }
        try (FileStore store = open(directory)) {
            new RequestLifecycle(store, _ -> {}, TERMS, new FakeClock(T0), RequestListener.NONE, List.of())
                    .processDue();
            assertThat(store.request(key(1, 1)).orElseThrow().stateName(), is("cancelled"));
            assertThat(store.request(key(2, 1)).orElseThrow().stateName(), is("cancelled"));
            assertThat(store.levels().openRequests(), is(0));
        }
    }

    @Test
    void aSecondRelayIsRefused() {
        try (FileStore store = open(directory)) {
            assertThat(refused(directory), containsString(directory + " is in use by another relay"));
            put(store, Samples.pending(1, T0));
        }
    }

    @Test
    void aClosedStoreIsUnavailable() {
        FileStore store = open(directory);
        store.close();
        assertThat(store.reachable(), is(false));
        assertThrows(StoreUnavailable.class, () -> store.pairing(pair(1)));
    }

    // --- durable before it is visible

    @Test
    void aRecordIsNotVisibleBeforeItIsOnTheDisk() throws Exception {
        try (FileStore store = openOnDisk()) {
            put(store, Samples.pending(2, T0));
            CountDownLatch gate = new CountDownLatch(1);
            disk.reached = new CountDownLatch(1);
            disk.gate = gate;
            Thread writer = Thread.startVirtualThread(() -> put(store, Samples.pending(1, T0)));
            assertThat(disk.reached.await(10, TimeUnit.SECONDS), is(true));
            Future<Optional<Pairing>> reader = Rig.parked(() -> store.pairing(pair(1)));
            Future<Optional<Pairing>> byToken =
                    Rig.parked(() -> store.pairingByToken(Samples.pending(1, T0).token()));
            assertThat(
                    "a record that is in the file is read at once",
                    store.pairing(pair(2)).isPresent(),
                    is(true));
            assertThat(store.pairing(pair(3)).isPresent(), is(false));
            assertThat(reader.isDone() || byToken.isDone() || !writer.isAlive(), is(false));
            gate.countDown();
            assertThat(Rig.soon(reader).isPresent() && Rig.soon(byToken).isPresent(), is(true));
            writer.join();
        }
    }

    @Test
    void concurrentChangesShareASync() throws Exception {
        try (FileStore store = openOnDisk()) {
            int before = disk.syncs.get();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                int first = i * 10;
                threads.add(Thread.startVirtualThread(() -> {
                    for (int n = 0; n < 10; n++) {
                        put(store, Samples.pending(first + n, T0));
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(store.levels().pairings(), is(640));
            assertThat(disk.syncs.get() - before, is(lessThan(320)));
        }
    }

    // --- a disk that fails

    @Test
    void theStoreRecoversFromAFullDisk() throws Exception {
        try (FileStore store = openOnDisk()) {
            put(store, Samples.active(1, 1, T0));
            disk.full = true;
            StoreUnavailable e = assertThrows(StoreUnavailable.class, () -> put(store, request(1)));
            assertThat(e.getMessage(), containsString("No space left on device"));
            assertThat(store.reachable(), is(false));
            assertThrows(StoreUnavailable.class, () -> store.pairing(pair(1)));
            disk.full = false;
            assertThat(recovered.await(20, TimeUnit.SECONDS), is(true));
            assertThat(store.reachable(), is(true));
            assertThat(store.request(key(1, 1)), is(Optional.empty()));
            put(store, request(2));
            assertThat(recoveries.get(), is(1));
        }
        try (FileStore store = open(directory)) {
            assertThat(store.request(key(1, 2)).isPresent(), is(true));
        }
    }

    /** After a failed sync the operating system may mark pages as clean that have never reached the disk. */
    @Test
    void aVersionThatFailedToSyncIsDiscarded() throws Exception {
        try (FileStore store = openOnDisk()) {
            put(store, Samples.active(1, 1, T0));
            disk.syncFails = true;
            assertThrows(StoreUnavailable.class, () -> put(store, request(1)));
            disk.syncFails = false;
            assertThat(recovered.await(20, TimeUnit.SECONDS), is(true));
            assertThat(store.pairing(pair(1)).isPresent(), is(true));
            assertThat(store.request(key(1, 1)), is(Optional.empty()));
        }
    }

    @Test
    void callsOnAStalledDiskTimeOut() {
        AtomicLong nanos = new AtomicLong();
        CountDownLatch gate = new CountDownLatch(1);
        try (FileStore store = FileStore.open(
                directory,
                Sync.ALWAYS,
                TERMS,
                Rig.ROOMY,
                InstantSource.system(),
                nanos::get,
                () -> {},
                disk::chunkFile)) {
            disk.gate = gate;
            assertThrows(StoreUnavailable.class, () -> put(store, Samples.pending(1, T0)));
            nanos.addAndGet(Duration.ofSeconds(4).toNanos());
            assertThat(store.reachable(), is(false));
            gate.countDown();
            assertThat(store.pairing(pair(1)).isPresent(), is(true));
        }
    }

    // --- a machine that fails

    @Test
    void aPowerCutLosesNothingThatWasAcknowledged() throws Exception {
        Path image = directory.resolve("image");
        Random random = new Random(7);
        Set<PairId> acknowledged = ConcurrentHashMap.newKeySet();
        AtomicInteger next = new AtomicInteger(1);
        int opened = 0;
        try (FileStore store = openOnDisk()) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                threads.add(Thread.startVirtualThread(() -> {
                    for (int n = 0; n < 40; n++) {
                        Pairing pairing = Samples.pending(next.getAndIncrement(), T0);
                        put(store, pairing);
                        acknowledged.add(pairing.id());
                    }
                }));
            }
            while (threads.stream().anyMatch(Thread::isAlive) || opened < 20) {
                Set<PairId> durable = Set.copyOf(acknowledged);
                byte[] marker = Files.readAllBytes(directory.resolve(SYNCED));
                byte[] records = disk.afterPowerCut(random);
                Files.createDirectories(image);
                Disk.write(image.resolve(SYNCED), marker);
                Disk.write(image.resolve(RECORDS), records);
                try (FileStore after = open(image)) {
                    durable.forEach(id -> assertThat(after.pairing(id).isPresent(), is(true)));
                }
                opened++;
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(opened, is(greaterThan(5)));
    }

    // --- a damaged file

    @Test
    void aTruncatedFileIsRefusedOrIntact() throws Exception {
        fill();
        byte[] whole = Files.readAllBytes(directory.resolve(RECORDS));
        for (int length = 0; length < whole.length; length += 4096) {
            Path cut = copy(directory, directory.resolve("cut" + length));
            Disk.write(cut.resolve(RECORDS), java.util.Arrays.copyOf(whole, length));
            refusedOrIntact(cut, "cut at " + length);
        }
    }

    /** Much of the file is unused or outdated; a flipped bit there does no harm. */
    @Test
    void aFlippedBitIsRefusedOrHarmless() throws Exception {
        fill();
        byte[] whole = Files.readAllBytes(directory.resolve(RECORDS));
        Random random = new Random(3);
        for (int i = 0; i < 100; i++) {
            byte[] flipped = whole.clone();
            int at = random.nextInt(flipped.length);
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            Path other = copy(directory, directory.resolve("flip" + i));
            Disk.write(other.resolve(RECORDS), flipped);
            refusedOrIntact(other, "flipped at " + at);
        }
    }

    /** A flipped bit in a current record always does harm. */
    @Test
    void aFlippedBitInARecordIsRefused() throws Exception {
        fill();
        byte[] whole = Files.readAllBytes(directory.resolve(RECORDS));
        byte[] record = Records.bytes(request(7));
        int found = 0;
        for (int at = 0; at + record.length <= whole.length; at++) {
            if (java.util.Arrays.equals(whole, at, at + record.length, record, 0, record.length)) {
                whole[at + record.length / 2] ^= 1;
                found++;
            }
        }
        assertThat(found, is(greaterThan(0)));
        Path other = copy(directory, directory.resolve("flipped"));
        Disk.write(other.resolve(RECORDS), whole);
        assertThat(refusedOrIntact(other, "flipped in a record"), is(true));
    }

    /** Whether the directory is refused; if not, it must be intact. */
    private boolean refusedOrIntact(Path where, String what) {
        try (FileStore store = open(where)) {
            assertThat(what, store.levels().pairings(), is(20));
            assertThat(what, store.levels().devices(), is(20));
            for (int i = 1; i <= 60; i++) {
                assertThat(what, store.request(key(1, i)), is(Optional.of(request(i))));
            }
            return false;
        } catch (StoreUnusable e) {
            assertThat(what, line(e), containsString(where.toString()));
            assertThat(what, line(e).lines().count(), is(1L));
            return true;
        }
    }

    @Test
    void aMissingFileIsRefused() throws Exception {
        fill();
        Files.delete(directory.resolve(RECORDS));
        assertThat(refused(directory), containsString("is missing"));
    }

    @Test
    void anOlderCopyIsRefused() throws Exception {
        fill();
        Path old = copy(directory, directory.resolve("old"));
        try (FileStore store = open(directory)) {
            put(store, Samples.pending(77, T0));
        }
        Files.copy(directory.resolve(SYNCED), old.resolve(SYNCED), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(refused(old), containsString("is older than"));
        // An operator who accepts the loss may delete the marker.
        Files.delete(old.resolve(SYNCED));
        assertThat(refusedOrIntact(old, "without a marker"), is(false));
    }

    @Test
    void aDamagedMarkerIsRefused() throws Exception {
        fill();
        byte[] bytes = Files.readAllBytes(directory.resolve(SYNCED));
        bytes[7] ^= 1;
        Disk.write(directory.resolve(SYNCED), bytes);
        assertThat(refused(directory), containsString(SYNCED + " is damaged"));
    }

    @Test
    void aPathThatIsNoDirectoryIsRefused() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        assertThat(refused(file), containsString("cannot be used as the store's directory"));
        assertThat(refused(file.resolve("below")), containsString("cannot be used as the store's directory"));
        Path full = directory.resolve("full");
        Files.createDirectories(full.resolve(SYNCED));
        assertThat(refused(full), containsString(full.toString()));
    }

    @Test
    void aFullDiskAtTheStartIsRefused() {
        fill();
        disk.full = true;
        assertThat(
                assertThrows(StoreUnusable.class, this::openOnDisk).getMessage(),
                containsString("No space left on device"));
        disk.full = false;
        openOnDisk().close();
    }

    /** Nothing is damaged then, so the message does not ask to restore a copy or to move anything away. */
    @Test
    void aFullDiskAtTheFirstStartIsNoDamage() {
        disk.full = true;
        assertThat(
                assertThrows(StoreUnusable.class, this::openOnDisk).getMessage(),
                is(directory.resolve(RECORDS) + " cannot be written (STORE): No space left on device"));
        disk.full = false;
        openOnDisk().close();
    }

    // --- synced once a second

    @Test
    void withAnIntervalTheEndOfTheProcessLosesNothing() throws Exception {
        Path copy;
        try (FileStore store = openOnDisk(Sync.INTERVAL)) {
            for (int i = 1; i <= 200; i++) {
                put(store, Samples.pending(i, T0));
            }
            assertThat(disk.syncs.get(), is(lessThan(100)));
            copy = copy(directory, directory.resolve("copy"));
        }
        try (FileStore store = open(copy)) {
            assertThat(store.levels().pairings(), is(200));
        }
    }
}
