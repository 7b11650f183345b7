package dev.harp.relay.store;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.device;
import static dev.harp.relay.protocol.Samples.key;
import static dev.harp.relay.protocol.Samples.pair;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Samples;
import dev.harp.testing.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Cursors of changes that a store has lost ({@code docs/protocol.md}, 6.4): a store falls back to what was kept, and
 * gives new positions to new requests. One subclass for each store that outlives its process.
 */
public abstract class LostHistoryContract {
    private static final long ANY_TEXT = 1 << 20;
    protected static final Capacity ROOMY = new Capacity(1 << 28, 10_000, 10_000);

    /** It moves at each opening only, so that no position depends on the duration of a test. */
    protected final FakeClock clock = new FakeClock(T0);

    private RelayStore store;

    /** Opens the store with what is in it. */
    protected abstract RelayStore open();

    /** Keeps a copy of what is stored now. May close the open store, and returns the one to go on with. */
    protected abstract RelayStore kept(RelayStore open);

    /** Closes the store, and opens it with what {@link #kept} has kept. */
    protected abstract RelayStore fallenBack(RelayStore open);

    /** Closes the store, and opens it with everything. */
    protected abstract RelayStore restarted(RelayStore open);

    @BeforeEach
    void openOne() {
        store = open();
    }

    @AfterEach
    void closeIt() {
        store.close();
    }

    private void keep() {
        clock.advance(Duration.ofMinutes(1));
        store = kept(store);
    }

    private void fallBack() {
        clock.advance(Duration.ofMinutes(1));
        store = fallenBack(store);
    }

    private void restart() {
        clock.advance(Duration.ofMinutes(1));
        store = restarted(store);
    }

    private void put(Pairing pairing) {
        var _ = store.changePairing(pairing.id(), _ -> Change.to(pairing, true));
    }

    private void put(Request request) {
        var _ = store.changeRequest(request.key(), (_, _, _) -> Change.to(request, true));
    }

    private static Request request(int pairing, int number) {
        return Samples.open(key(pairing, number), pairing, T0, Duration.ofSeconds(300));
    }

    private void submit(int... numbers) {
        IntStream.of(numbers).forEach(number -> put(request(1, number)));
    }

    private void cancel(int number) {
        put(Samples.in(request(1, number), new Request.Cancelled(T0)));
    }

    private Page inbox(Optional<Cursor> after) {
        return store.inbox(device(1), after, 100, ANY_TEXT);
    }

    private Page history(Optional<Cursor> after) {
        return store.history(pair(1), after, 100, ANY_TEXT);
    }

    private static List<RequestKey> keys(Page page) {
        return page.requests().stream().map(Request::key).toList();
    }

    // --- a cursor of what is lost

    /** The attack of an accident: as many new requests as were lost have the positions that the device has read. */
    @Test
    void newRequestsAreNotSwallowedByCursorsOfLostOnes() {
        put(Samples.active(1, 1, T0));
        submit(1);
        keep();
        submit(2, 3);
        Cursor read = inbox(Optional.empty()).cursor();
        Cursor seen = history(Optional.empty()).cursor();
        fallBack();
        submit(4, 5);
        Page page = inbox(Optional.of(read));
        assertThat(page.reset(), is(true));
        assertThat(keys(page), contains(key(1, 1), key(1, 4), key(1, 5)));
        Page changes = history(Optional.of(seen));
        assertThat(changes.reset(), is(true));
        assertThat(keys(changes), contains(key(1, 1), key(1, 4), key(1, 5)));
        // And once only.
        assertThat(inbox(Optional.of(page.cursor())), is(new Page(List.of(), page.cursor(), false)));
        assertThat(history(Optional.of(changes.cursor())).reset(), is(false));
    }

    @Test
    void aLostCursorResetsBeforeAnythingIsNew() {
        put(Samples.active(1, 1, T0));
        submit(1);
        keep();
        submit(2);
        Cursor read = inbox(Optional.empty()).cursor();
        fallBack();
        assertThat(inbox(Optional.of(read)).reset(), is(true));
        assertThat(keys(inbox(Optional.of(read))), contains(key(1, 1)));
    }

    /** The list was not there when the copy was made. */
    @Test
    void aCursorOfALostListResets() {
        put(Samples.active(2, 2, T0));
        put(request(2, 1));
        keep();
        put(Samples.active(1, 1, T0));
        submit(1);
        Cursor one = inbox(Optional.empty()).cursor();
        submit(2);
        Cursor read = inbox(Optional.empty()).cursor();
        fallBack();
        put(Samples.active(1, 1, T0));
        submit(3, 4);
        for (Cursor lost : List.of(one, read)) {
            assertThat(inbox(Optional.of(lost)).reset(), is(true));
            assertThat(history(Optional.of(lost)).reset(), is(true));
        }
        assertThat(inbox(Optional.of(Cursor.at(0))).reset(), is(false));
    }

    /** The device was told that the request is cancelled, and the relay does not know that any more. */
    @Test
    void aRequestWhoseCancellationIsLostIsReadAgain() {
        put(Samples.active(1, 1, T0));
        submit(1, 2);
        keep();
        Cursor before = inbox(Optional.empty()).cursor();
        cancel(2);
        Page told = inbox(Optional.of(before));
        assertThat(keys(told), contains(key(1, 2)));
        fallBack();
        submit(3);
        Page page = inbox(Optional.of(told.cursor()));
        assertThat(page.reset(), is(true));
        assertThat(keys(page), contains(key(1, 1), key(1, 2), key(1, 3)));
        assertThat(page.requests().get(1).open(), is(true));
    }

    /** A device that has read the first part of a list that is lost. */
    @Test
    void aCursorWithinACutListResets() {
        put(Samples.active(1, 1, T0));
        submit(1);
        keep();
        submit(2, 3, 4, 5);
        List<Cursor> parts = store.inbox(device(1), Optional.empty(), 4, ANY_TEXT).entries().stream()
                .map(Page.Entry::cursor)
                .toList();
        fallBack();
        submit(6, 7, 8, 9);
        for (Cursor part : parts) {
            assertThat(inbox(Optional.of(part)).reset(), is(true));
        }
    }

    /** The clock of a machine without a battery stands at an earlier time after a power cut. */
    @Test
    void positionsGrowAlsoIfTheClockHasGoneBackwards() {
        put(Samples.active(1, 1, T0));
        submit(1);
        keep();
        Cursor kept = inbox(Optional.empty()).cursor();
        submit(2, 3);
        Cursor lost = inbox(Optional.empty()).cursor();
        clock.set(T0.minus(Duration.ofDays(9000)));
        fallBack();
        submit(4, 5, 6);
        assertThat(inbox(Optional.of(lost)).reset(), is(true));
        Page page = inbox(Optional.of(kept));
        assertThat(page.reset(), is(false));
        assertThat(keys(page), contains(key(1, 4), key(1, 5), key(1, 6)));
        assertThat(page.cursor().heard(), is(greaterThan(kept.heard())));
    }

    /** A clock that was years ahead for a day is set right: from then on it is behind all positions. */
    @Test
    void openingsOfOneCopyDifferAlsoIfTheClockIsBehind() {
        clock.advance(Duration.ofDays(9000));
        put(Samples.active(1, 1, T0));
        submit(1);
        clock.set(T0);
        keep();
        submit(2, 3);
        Cursor lost = inbox(Optional.empty()).cursor();
        fallBack();
        submit(4, 5, 6);
        assertThat(inbox(Optional.of(lost)).reset(), is(true));
    }

    /** Each history that is lost has positions of its own. */
    @Test
    void severalLostHistoriesAreToldApart() {
        put(Samples.active(1, 1, T0));
        submit(1);
        keep();
        List<Cursor> lost = new ArrayList<>();
        for (int i = 2; i < 5; i++) {
            submit(i, i + 10);
            lost.add(inbox(Optional.empty()).cursor());
            fallBack();
        }
        submit(5, 6, 7);
        lost.forEach(cursor ->
                assertThat(cursor.toString(), inbox(Optional.of(cursor)).reset(), is(true)));
    }

    // --- a cursor of what is there

    @Test
    void aCursorFromBeforeTheCopyContinues() {
        put(Samples.active(1, 1, T0));
        submit(1, 2);
        Cursor read = inbox(Optional.empty()).cursor();
        Cursor seen = history(Optional.empty()).cursor();
        cancel(2);
        Cursor told = inbox(Optional.of(read)).cursor();
        keep();
        submit(3);
        fallBack();
        submit(4);
        assertThat(inbox(Optional.of(read)).reset(), is(false));
        assertThat(keys(inbox(Optional.of(read))), contains(key(1, 2), key(1, 4)));
        assertThat(keys(inbox(Optional.of(told))), contains(key(1, 4)));
        assertThat(history(Optional.of(seen)).reset(), is(false));
        assertThat(keys(history(Optional.of(seen))), contains(key(1, 2), key(1, 4)));
    }

    /** What a list notes is bounded. Only cursors from before the oldest leap that it has forgotten are reset. */
    @Test
    void cursorsSurviveSeveralRestarts() {
        put(Samples.active(1, 1, T0));
        List<Cursor> cursors = new ArrayList<>(List.of(Cursor.at(0)));
        int restarts = 3 * Positions.MAX_LEAPS;
        for (int i = 1; i <= restarts; i++) {
            submit(i);
            cursors.add(inbox(Optional.empty()).cursor());
            restart();
        }
        for (int i = 0; i <= restarts; i++) {
            boolean known = i >= restarts - Positions.MAX_LEAPS;
            assertThat("after request " + i, inbox(Optional.of(cursors.get(i))).reset(), is(!known));
        }
    }

    @Test
    void aRestartResetsNoneOfAThousandDevices() throws Exception {
        int devices = 1000;
        Cursor[] read = new Cursor[devices];
        Cursor[] seen = new Cursor[devices];
        forEach(devices, i -> {
            put(Samples.active(i, i, T0));
            // Lists of different lengths, read to different places.
            for (int number = 0; number < i % 4; number++) {
                put(request(i, number));
            }
            read[i] = list(i, Optional.empty(), 1 + i % 3).cursor();
            seen[i] = history(i, Optional.empty(), 1 + i % 3).cursor();
            if (i % 5 == 0 && i % 4 > 0) {
                put(Samples.in(request(i, 0), new Request.Cancelled(T0)));
            }
        });
        restart();
        AtomicInteger resets = new AtomicInteger();
        forEach(devices, i -> {
            count(resets, list(i, Optional.of(read[i]), 100));
            count(resets, history(i, Optional.of(seen[i]), 100));
            put(request(i, 9));
            Page changes = list(i, Optional.of(read[i]), 100);
            count(resets, changes);
            count(resets, history(i, Optional.of(seen[i]), 100));
            assertThat(keys(changes).getLast(), is(key(i, 9)));
        });
        assertThat(resets.get(), is(0));
    }

    private Page list(int device, Optional<Cursor> after, int limit) {
        return store.inbox(device(device), after, limit, ANY_TEXT);
    }

    private Page history(int pairing, Optional<Cursor> after, int limit) {
        return store.history(pair(pairing), after, limit, ANY_TEXT);
    }

    private static void count(AtomicInteger resets, Page page) {
        if (page.reset()) {
            resets.incrementAndGet();
        }
    }

    private static void forEach(int count, IntConsumer step) throws Exception {
        List<Future<?>> steps = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            for (int i = 0; i < count; i++) {
                int number = i;
                steps.add(threads.submit(() -> step.accept(number)));
            }
        }
        for (Future<?> done : steps) {
            done.get();
        }
    }
}
