package dev.harp.relay.store.file;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.service.Rig;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.StoreSecret;
import dev.harp.relay.store.StoreUnusable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.StringDataType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * This version reads what earlier versions have written. {@link #main} of each version has made the directory of its
 * format.
 */
class FormatTest {
    private static final Path ONE = Path.of("src/test/resources/store-format-1");

    /** Format 2, by the last version whose lists had no leaps. */
    private static final Path TWO = Path.of("src/test/resources/store-format-2");

    /** Format 3, the first whose pairings and devices have an opener. */
    private static final Path THREE = Path.of("src/test/resources/store-format-3");

    /** Format 4, the first whose pairings have the digest of their {@code secret_hash}. */
    private static final Path FOUR = Path.of("src/test/resources/store-format-4");

    private static final Opener OPENER =
            new Opener(List.of("64-0000000000000001", "56-0000000000000002", "48-0000000000000003"));
    private static final Device OPENED_PHONE = Samples.phone(3, T0).openedBy(OPENER);
    private static final Pairing OPENED =
            Samples.active(3, 3, T0).openedBy(OPENER).used(Optional.of(T0.plusNanos(7)));

    private static final Device PHONE = Samples.phone(1, T0).withPushToken(Optional.of("push"));
    private static final Pairing ACTIVE = Samples.active(1, 1, T0);
    private static final Pairing REVOKED = Samples.revoked(Samples.active(2, 1, T0), T0.plusSeconds(1));
    private static final Request OPEN = Samples.open(Samples.key(1, 1), 1, T0, Duration.ofSeconds(300));
    private static final Request ANSWERED = Samples.endedEarlier(
            Samples.open(Samples.key(1, 2), 1, T0, Duration.ofSeconds(300)),
            new Request.Responded(Samples.answer(1), T0.plusSeconds(2)));

    @TempDir
    private Path directory;

    private static FileStore open(Path where) {
        return FileStore.open(where, Sync.ALWAYS, TERMS, Rig.ROOMY, InstantSource.system(), System::nanoTime, () -> {});
    }

    /** Writes a directory of the current format. */
    public static void main(String[] arguments) {
        try (FileStore store = open(Path.of(arguments[0]))) {
            var _ = store.changeDevice(PHONE.id(), _ -> Change.to(PHONE, true));
            var _ = store.changeDevice(OPENED_PHONE.id(), _ -> Change.to(OPENED_PHONE, true));
            var _ = store.changePairing(OPENED.id(), _ -> Change.to(OPENED, true));
            var _ = store.secret(StoreSecret.OPENERS, "the key");
            var _ = store.changePairing(ACTIVE.id(), _ -> Change.to(ACTIVE, true));
            var _ = store.changePairing(REVOKED.id(), _ -> Change.to(REVOKED, true));
            Request gone = Samples.open(Samples.key(1, 3), 1, T0, Duration.ofSeconds(300));
            for (Request request : new Request[] {
                OPEN,
                Samples.open(Samples.key(1, 2), 1, T0, Duration.ofSeconds(300)),
                ANSWERED,
                gone,
                Samples.in(gone, new Request.Cancelled(T0))
            }) {
                var _ = store.changeRequest(request.key(), (_, _, _) -> Change.to(request, true));
            }
            var _ = store.changeRequest(gone.key(), (_, _, _) -> new Change<>(Optional.empty(), true));
        }
    }

    private void copy(Path sample) throws IOException {
        for (String name : new String[] {"harp-relay.mv", "harp-relay.synced"}) {
            Files.copy(sample.resolve(name), directory.resolve(name));
        }
    }

    @Test
    void theFirstFormatIsRead() throws Exception {
        copy(ONE);
        try (FileStore store = open(directory)) {
            assertThat(store.device(PHONE.id()), is(Optional.of(PHONE)));
            assertThat(store.pairing(ACTIVE.id()), is(Optional.of(Samples.hashed(ACTIVE))));
            assertThat(store.pairing(REVOKED.id()), is(Optional.of(Samples.hashed(REVOKED))));
            assertThat(store.request(OPEN.key()), is(Optional.of(OPEN)));
            assertThat(store.request(ANSWERED.key()), is(Optional.of(ANSWERED)));
            Page page = store.inbox(PHONE.id(), Optional.of(Cursor.at(4)), 10, 1000);
            assertThat(page.reset(), is(false));
            assertThat(
                    store.inbox(PHONE.id(), Optional.of(Cursor.at(3)), 10, 1000).reset(), is(true));
            // Format 1 has no history, so all requests are in it, in order of submission.
            Page history = store.history(ACTIVE.id(), Optional.empty(), 10, 1000);
            assertThat(history.requests(), is(List.of(OPEN, ANSWERED)));
            Request ended = Samples.in(OPEN, new Request.Cancelled(T0.plusSeconds(3)));
            var _ = store.changeRequest(OPEN.key(), (_, _, _) -> Change.to(ended, true));
            assertThat(
                    store.history(ACTIVE.id(), Optional.of(history.cursor()), 10, 1000)
                            .requests(),
                    is(List.of(ended)));
            assertThat(store.levels().pairings() + store.levels().devices(), is(3));
        }
    }

    /** The conversion is stored. */
    @Test
    void theFirstFormatIsReadTwice() throws Exception {
        copy(ONE);
        Page history;
        try (FileStore store = open(directory)) {
            history = store.history(ACTIVE.id(), Optional.empty(), 10, 1000);
        }
        try (FileStore store = open(directory)) {
            assertThat(store.history(ACTIVE.id(), Optional.empty(), 10, 1000), is(history));
        }
    }

    /** Its cursors go on, and from now on a cursor of what is lost is told from them. */
    @Test
    void listsWithoutLeapsAreRead() throws Exception {
        copy(TWO);
        Request next = Samples.open(Samples.key(1, 4), 1, T0, Duration.ofSeconds(300));
        for (int opening = 0; opening < 2; opening++) {
            try (FileStore store = open(directory)) {
                assertThat(store.request(OPEN.key()), is(Optional.of(OPEN)));
                assertThat(store.request(ANSWERED.key()), is(Optional.of(ANSWERED)));
                var _ = store.changeRequest(
                        next.key(), (_, before, _) -> new Change<>(before.or(() -> Optional.of(next)), true));
                assertThat(inbox(store, 3).reset(), is(true));
                assertThat(inbox(store, 4).requests(), is(List.of(next)));
                assertThat(inbox(store, 5).reset(), is(true));
                assertThat(
                        store.history(ACTIVE.id(), Optional.of(Cursor.at(5)), 10, 1000)
                                .requests(),
                        is(List.of(next)));
                assertThat(
                        store.history(ACTIVE.id(), Optional.of(Cursor.at(6)), 10, 1000)
                                .reset(),
                        is(true));
            }
        }
    }

    private static Page inbox(FileStore store, long after) {
        return store.inbox(PHONE.id(), Optional.of(Cursor.at(after)), 10, 1000);
    }

    @Test
    void hashedSecretsAreReadAsTheyAre() throws Exception {
        copy(FOUR);
        try (FileStore store = open(directory)) {
            assertThat(store.pairing(OPENED.id()), is(Optional.of(OPENED)));
            assertThat(store.pairing(ACTIVE.id()), is(Optional.of(ACTIVE)));
            assertThat(store.device(OPENED_PHONE.id()), is(Optional.of(OPENED_PHONE)));
        }
    }

    @Test
    void openersAreRead() throws Exception {
        copy(THREE);
        try (FileStore store = open(directory)) {
            assertThat(store.pairing(OPENED.id()), is(Optional.of(Samples.hashed(OPENED))));
            assertThat(store.device(OPENED_PHONE.id()), is(Optional.of(OPENED_PHONE)));
            assertThat(store.pairing(ACTIVE.id()), is(Optional.of(Samples.hashed(ACTIVE))));
            assertThat(store.secret(StoreSecret.OPENERS, "another"), is("the key"));
            assertThat(store.openedBy("56-0000000000000002").size(), is(2));
        }
    }

    @Test
    void aLaterFormatIsRefused() throws Exception {
        copy(ONE);
        try (MVStore store = MVStore.open(directory.resolve("harp-relay.mv").toString())) {
            MVMap<String, byte[]> meta = store.openMap(
                    "meta",
                    new MVMap.Builder<String, byte[]>()
                            .keyType(StringDataType.INSTANCE)
                            .valueType(ByteArrayDataType.INSTANCE));
            meta.put(
                    "format",
                    ByteBuffer.allocate(Long.BYTES).putLong(Tables.FORMAT + 1).array());
        }
        StoreUnusable e = assertThrows(StoreUnusable.class, () -> open(directory));
        assertThat(
                String.valueOf(e.getMessage()),
                containsString("is of format " + (Tables.FORMAT + 1) + ", and this version of the relay knows 1 to "
                        + Tables.FORMAT));
    }
}
