package dev.harp.relay.store.file;

import static dev.harp.relay.protocol.Samples.TERMS;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.limit.Allowance;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.service.DeviceUpdate;
import dev.harp.relay.service.EventSubscription;
import dev.harp.relay.service.PairingCursor;
import dev.harp.relay.service.PairingUpdate;
import dev.harp.relay.service.Requests;
import dev.harp.relay.service.Rig;
import dev.harp.relay.service.Subscriptions;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.StoreUnavailable;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Polls and streams while the disk fails or stalls ({@code docs/protocol.md}, 9.7 and 15.5). */
@Timeout(300)
class FileOutageTest {
    @TempDir
    private Path directory;

    private final Disk disk = new Disk();
    private final CountDownLatch recovered = new CountDownLatch(1);
    private final AtomicReference<Runnable> onRecovery = new AtomicReference<>(() -> {});
    private FileStore store;
    private Rig rig;
    private Subscriptions streams;
    private Rig.Pair pair;

    @BeforeEach
    void open() {
        store = FileStore.open(
                directory,
                Sync.ALWAYS,
                TERMS,
                Rig.ROOMY,
                InstantSource.system(),
                System::nanoTime,
                () -> {
                    onRecovery.get().run();
                    recovered.countDown();
                },
                disk::chunkFile);
        rig = new Rig(store, TERMS, 0, 10_000);
        onRecovery.set(rig.room::raiseAll);
        streams = new Subscriptions(store, rig.lifecycle, rig.room, Rig.LONG.atMost(), Rig.LONG.atMost());
        pair = rig.pair();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private EventSubscription<DeviceUpdate> device(Optional<Cursor> after) {
        return Rig.ok(streams.ofDevice(pair.phone(), after, Opener.NONE, Allowance.UNBOUNDED));
    }

    private EventSubscription<PairingUpdate> platform(Optional<PairingCursor> after) {
        return Rig.ok(streams.ofPairing(pair.platform(), after, Opener.NONE, Allowance.UNBOUNDED));
    }

    private static <T> T news(EventSubscription.Next<T> next) {
        return next instanceof EventSubscription.Update<T>(T value) ? value : noNews(next);
    }

    private static <T> T noNews(EventSubscription.Next<T> next) {
        throw new AssertionError("no news: " + next);
    }

    private static List<String> facts(DeviceUpdate news) {
        return news.page().requests().stream().map(FileOutageTest::fact).toList();
    }

    private static List<String> facts(PairingUpdate news) {
        return news.page().requests().stream().map(FileOutageTest::fact).toList();
    }

    private static String fact(Request request) {
        return request.key().request() + " " + request.stateName();
    }

    /**
     * A change that a full disk did not take is discarded. No stream has sent it, and each stream continues from its
     * cursor.
     */
    @Test
    void aFullDiskTakesNothingBackFromAStream() throws Exception {
        try (EventSubscription<DeviceUpdate> device = device(Optional.empty());
                EventSubscription<PairingUpdate> platform = platform(Optional.empty())) {
            RequestId first = rig.submitted(pair, 1);
            DeviceUpdate told = news(device.next());
            assertThat(told.complete(), is(true));
            assertThat(facts(news(device.next())), contains(first + " delivered"));
            PairingUpdate known = news(platform.next());
            assertThat(known.complete(), is(true));
            PairingUpdate delivered = news(platform.next());
            assertThat(facts(delivered), contains(first + " delivered"));
            int places = rig.room.waiters();
            Future<EventSubscription.Next<DeviceUpdate>> deviceWaits = Rig.parked(device::next);
            Future<EventSubscription.Next<PairingUpdate>> platformWaits = Rig.parked(platform::next);

            disk.full = true;
            assertThrows(StoreUnavailable.class, () -> rig.submit(pair, rig.id(2)));
            assertThrows(StoreUnavailable.class, () -> device(Optional.empty()));
            assertThrows(StoreUnavailable.class, () -> platform(Optional.empty()));
            assertThat("a stream that has not begun holds no place", rig.room.waiters(), is(places));
            assertThat(streams.open(), is(2));
            assertThat(deviceWaits.isDone() || platformWaits.isDone(), is(false));

            disk.full = false;
            assertThat(recovered.await(60, TimeUnit.SECONDS), is(true));
            RequestId third = rig.submitted(pair, 3);
            assertThat(facts(news(Rig.soon(deviceWaits))), contains(third + " delivered"));
            List<String> seen = new ArrayList<>(facts(news(Rig.soon(platformWaits))));
            if (!seen.contains(third + " delivered")) {
                seen.addAll(facts(news(platform.next())));
            }
            assertThat(seen.getLast(), is(third + " delivered"));
            assertThat(seen.stream().allMatch(fact -> fact.startsWith(third + " ")), is(true));
            // A client that reconnects with an earlier cursor gets the same.
            Cursor cursor = Optional.of(news(deviceFrom(Optional.of(told.page().cursor()))))
                    .map(again -> again.page().entries().getLast().cursor())
                    .orElseThrow();
            try (EventSubscription<DeviceUpdate> after = device(Optional.of(cursor))) {
                assertThat(facts(news(after.next())), is(List.of()));
            }
            PairingCursor from = known.at(known.page().cursor());
            try (EventSubscription<PairingUpdate> again = platform(Optional.of(from))) {
                assertThat(facts(news(again.next())), contains(first + " delivered", third + " delivered"));
            }
        }
        assertThat(rig.room.waiters(), is(0));
        assertThat(streams.open(), is(0));
    }

    private EventSubscription.Next<DeviceUpdate> deviceFrom(Optional<Cursor> after) {
        try (EventSubscription<DeviceUpdate> again = device(after)) {
            return again.next();
        }
    }

    /** A stalled disk makes calls fail, and later stores their changes all the same. Waiters are signalled then. */
    @Test
    void aChangeThatIsStoredLateIsSignalled() throws Exception {
        RequestId asked = rig.submitted(pair, 1);
        Future<Result<Request>> outcome = Rig.parked(() -> rig.requests.await(pair.platform(), asked, Rig.LONG));
        try (EventSubscription<DeviceUpdate> device = device(Optional.empty())) {
            news(device.next());
            CountDownLatch gate = new CountDownLatch(1);
            disk.reached = new CountDownLatch(1);
            disk.gate = gate;
            Future<Result<Request>> response = Rig.parked(() -> rig.respond(pair, asked, 1));
            assertThat(disk.reached.await(60, TimeUnit.SECONDS), is(true));
            RequestId late = rig.id(2);
            Future<Result<Requests.Submitted>> submission = Rig.parked(() -> rig.submit(pair, late));
            Future<EventSubscription.Next<DeviceUpdate>> next = Rig.parked(device::next);
            refused(response);
            refused(submission);
            assertThat(outcome.isDone() || next.isDone(), is(false));
            gate.countDown();
            assertThat(facts(news(Rig.soon(next))), contains(late + " delivered"));
            assertThat(Rig.ok(Rig.soon(outcome)).stateName(), is("responded"));
        }
    }

    private static void refused(Future<?> call) {
        ExecutionException e = assertThrows(ExecutionException.class, () -> call.get(60, TimeUnit.SECONDS));
        assertThat(e.getCause() instanceof StoreUnavailable, is(true));
    }
}
