package dev.harp.relay.store.file;

import static dev.harp.relay.protocol.Samples.TERMS;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.service.Rig;
import dev.harp.relay.store.StoreSecret;
import dev.harp.relay.store.StoreUnavailable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.StringDataType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The key pair for Web Push in the file: who was told it has subscribed with it, so it must never be another one. */
@Timeout(300)
class FileVapidKeyTest {
    private static final Path FORMAT_1 = Path.of("src/test/resources/store-format-1");

    @TempDir
    private Path directory;

    private final Disk disk = new Disk();
    private final CountDownLatch recovered = new CountDownLatch(1);

    private static FileStore open(Path where) {
        return FileStore.open(where, Sync.ALWAYS, TERMS, Rig.ROOMY, InstantSource.system(), System::nanoTime, () -> {});
    }

    private FileStore openOnDisk() {
        return FileStore.open(
                directory,
                Sync.ALWAYS,
                TERMS,
                Rig.ROOMY,
                InstantSource.system(),
                System::nanoTime,
                recovered::countDown,
                disk::chunkFile);
    }

    private static Path copied(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (String name : new String[] {"harp-relay.mv", "harp-relay.synced"}) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
        return to;
    }

    @Test
    void itSurvivesRestarts() {
        for (String proposed : new String[] {"first", "second", "third"}) {
            try (FileStore store = open(directory)) {
                assertThat(store.secret(StoreSecret.VAPID, proposed), is("first"));
                assertThat(store.secret(StoreSecret.OPENERS, "of openers, " + proposed), is("of openers, first"));
            }
        }
    }

    @Test
    void aFileOfAnEarlierFormatTakesOne() throws Exception {
        Path where = copied(FORMAT_1, directory.resolve("store"));
        try (FileStore store = open(where)) {
            assertThat(store.secret(StoreSecret.VAPID, "first"), is("first"));
        }
        try (FileStore store = open(where)) {
            assertThat(store.secret(StoreSecret.VAPID, "second"), is("first"));
        }
    }

    /** Versions that know no key pair read the file as before: it has no format of its own, and no table. */
    @Test
    void theFormatIsTheOneWithoutAKeyPair() throws Exception {
        try (FileStore store = open(directory)) {
            assertThat(store.secret(StoreSecret.VAPID, "first"), is("first"));
        }
        try (MVStore store = MVStore.open(directory.resolve("harp-relay.mv").toString())) {
            assertThat(store.getMapNames().size(), is(5));
            MVMap<String, byte[]> meta = store.openMap(
                    "meta",
                    new MVMap.Builder<String, byte[]>()
                            .keyType(StringDataType.INSTANCE)
                            .valueType(ByteArrayDataType.INSTANCE));
            assertThat(ByteBuffer.wrap(meta.get("format")).getLong(), is(Tables.FORMAT));
        }
    }

    @Test
    void itIsNotToldBeforeItIsOnTheDisk() throws Exception {
        try (FileStore store = openOnDisk()) {
            CountDownLatch gate = new CountDownLatch(1);
            disk.reached = new CountDownLatch(1);
            disk.gate = gate;
            Future<String> first = Rig.parked(() -> store.secret(StoreSecret.VAPID, "first"));
            assertThat(disk.reached.await(60, TimeUnit.SECONDS), is(true));
            Future<String> second = Rig.parked(() -> store.secret(StoreSecret.VAPID, "second"));
            assertThat(first.isDone() || second.isDone(), is(false));
            gate.countDown();
            assertThat(Rig.soon(first), is("first"));
            assertThat(Rig.soon(second), is("first"));
        }
    }

    @Test
    void aPowerCutTakesNoneBackThatWasTold() throws Exception {
        Random random = new Random(7);
        try (FileStore store = openOnDisk()) {
            assertThat(store.secret(StoreSecret.VAPID, "first"), is("first"));
            for (int cut = 0; cut < 8; cut++) {
                Path image = directory.resolve("image-" + cut);
                Files.createDirectories(image);
                Files.copy(directory.resolve("harp-relay.synced"), image.resolve("harp-relay.synced"));
                Disk.write(image.resolve("harp-relay.mv"), disk.afterPowerCut(random));
                try (FileStore after = open(image)) {
                    assertThat(after.secret(StoreSecret.VAPID, "second"), is("first"));
                }
            }
        }
    }

    /** What a full disk has not taken was told to nobody, so the next one may be another. */
    @Test
    void aFullDiskTakesNone() throws Exception {
        try (FileStore store = openOnDisk()) {
            disk.full = true;
            assertThrows(StoreUnavailable.class, () -> store.secret(StoreSecret.VAPID, "first"));
            assertThrows(StoreUnavailable.class, () -> store.secret(StoreSecret.VAPID, "first"));
            disk.full = false;
            assertThat(recovered.await(60, TimeUnit.SECONDS), is(true));
            assertThat(store.secret(StoreSecret.VAPID, "second"), is("second"));
        }
        try (FileStore store = open(directory)) {
            assertThat(store.secret(StoreSecret.VAPID, "third"), is("second"));
        }
    }
}
