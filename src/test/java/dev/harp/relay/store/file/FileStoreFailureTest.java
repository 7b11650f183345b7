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
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.service.RequestLifecycle;
import dev.harp.relay.service.RequestListener;
import dev.harp.relay.service.Rig;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.testing.FakeClock;
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

/** The records after a failure of the disk, the machine or the process. */
class FileStoreFailureTest extends FileStoreRig {
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
            new RequestLifecycle(store, _ -> {}, TERMS, new FakeClock(T0), RequestListener.NONE, List.of(), 1000)
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
            assertThat(disk.reached.await(60, TimeUnit.SECONDS), is(true));
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
            assertThat(recovered.await(60, TimeUnit.SECONDS), is(true));
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
            assertThat(recovered.await(60, TimeUnit.SECONDS), is(true));
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
