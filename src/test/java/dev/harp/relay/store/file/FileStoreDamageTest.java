package dev.harp.relay.store.file;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.key;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.protocol.Samples;
import dev.harp.relay.store.StoreUnusable;
import dev.harp.relay.store.codec.Records;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A file that is damaged, missing or older, and a disk that is full at the start. */
class FileStoreDamageTest extends FileStoreRig {
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
}
