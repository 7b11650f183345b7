package dev.harp.relay.store;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.device;
import static dev.harp.relay.protocol.Samples.key;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.protocol.Envelope;
import dev.harp.relay.protocol.PushState;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A device's list, read from cursor to cursor. */
abstract class FeedContract extends SharesContract {
    // --- the feed

    @Test
    void withoutACursorOpenRequestsOnlyOldestFirst() {
        put(Samples.active(1, 1, T0));
        put(Samples.active(2, 1, T0));
        for (int i = 1; i <= 5; i++) {
            put(open(1 + i % 2, i));
        }
        put(Samples.in(open(1, 2), new Request.Cancelled(T0)));
        put(Samples.in(open(2, 3), new Request.Expired()));
        Page page = store.inbox(device(1), Optional.empty(), 10, ANY_TEXT);
        assertThat(keys(page), contains(key(2, 1), key(1, 4), key(2, 5)));
        assertThat(page.reset(), is(false));
        assertThat(keys(read(page.cursor())), is(empty()));
    }

    @Test
    void deliveryKeepsThePosition() {
        put(Samples.active(1, 1, T0));
        put(open(1, 1));
        put(open(1, 2));
        Request one = open(1, 1);
        put(new Request(
                one.key(),
                one.device(),
                one.question(),
                one.createdAt(),
                one.expiresAt(),
                Optional.of(T0),
                one.state(),
                new PushState.None(),
                Optional.empty()));
        assertThat(keys(store.inbox(device(1), Optional.empty(), 10, ANY_TEXT)), contains(key(1, 1), key(1, 2)));
    }

    @Test
    void pastACursorChangesAreInOrder() {
        put(Samples.active(1, 1, T0));
        put(open(1, 1));
        put(open(1, 2));
        Cursor cursor = read(Cursor.at(0)).cursor();
        put(open(1, 3));
        put(Samples.in(open(1, 1), new Request.Cancelled(T0)));
        put(open(1, 4));
        put(Samples.in(open(1, 2), new Request.Responded(Samples.answer(1), T0)));
        put(Samples.in(open(1, 4), new Request.Expired()));
        Page page = read(cursor);
        assertThat(keys(page), contains(key(1, 3), key(1, 1)));
        assertThat(states(page), contains("pending", "cancelled"));
        assertThat(page.reset(), is(false));
        // Section 6.3: the same cursor twice gives the same changes.
        assertThat(read(cursor), is(page));
        assertThat(read(page.cursor()), is(new Page(List.of(), page.cursor(), false)));
    }

    @Test
    void listHasNoOtherDevicesRequests() {
        put(Samples.active(1, 1, T0));
        put(Samples.active(2, 2, T0));
        put(open(1, 1));
        assertThat(keys(store.inbox(device(2), Optional.empty(), 10, ANY_TEXT)), is(empty()));
    }

    @Test
    void longListIsReadInPages() {
        put(Samples.active(1, 1, T0));
        for (int i = 1; i <= 7; i++) {
            put(open(1, i));
        }
        assertThat(
                pages(3, ANY_TEXT),
                contains(
                        List.of(key(1, 1), key(1, 2), key(1, 3)),
                        List.of(key(1, 4), key(1, 5), key(1, 6)),
                        List.of(key(1, 7))));
    }

    /** Section 6.1: also bounded in text, unless a single entry has more. */
    @Test
    void pageIsBoundedByText() {
        put(Samples.active(1, 1, T0));
        int[] lengths = {40, 60, 1, 500, 100, 101};
        for (int i = 0; i < lengths.length; i++) {
            put(Request.submitted(
                    key(1, i), device(1), new Envelope("n", Samples.text(lengths[i])), T0, T0.plus(MINUTE)));
        }
        assertThat(
                pages(10, 100),
                contains(
                        List.of(key(1, 0), key(1, 1)),
                        List.of(key(1, 2)),
                        List.of(key(1, 3)),
                        List.of(key(1, 4)),
                        List.of(key(1, 5))));
    }

    /** A cancelled entry is sent without its text. */
    @Test
    void cancelledEntriesDoNotCountAsText() {
        put(Samples.active(1, 1, T0));
        for (int i = 1; i <= 4; i++) {
            put(open(1, i));
            put(Samples.in(open(1, i), new Request.Cancelled(T0)));
        }
        put(open(1, 5));
        assertThat(keys(store.inbox(device(1), Optional.of(Cursor.at(0)), 10, 10)), hasSize(5));
    }

    /** Section 6.4: a cancellation past the cursor was removed. */
    @Test
    void removedCancellationResets() {
        put(Samples.active(1, 1, T0));
        put(open(1, 1));
        put(open(1, 2));
        Cursor cursor = read(Cursor.at(0)).cursor();
        put(Samples.in(open(1, 1), new Request.Cancelled(T0)));
        Cursor told = read(cursor).cursor();
        forget(key(1, 1));
        Page page = read(cursor);
        assertThat(page.reset(), is(true));
        assertThat(keys(page), contains(key(1, 2)));
        assertThat(read(page.cursor()).reset(), is(false));
        // A device that knows of it needs no reset.
        assertThat(read(told), is(new Page(List.of(), told, false)));
    }

    /** Neither an expiry nor a response is in the list, so their removal needs no reset. */
    @Test
    void otherRemovedEndsDoNotReset() {
        put(Samples.active(1, 1, T0));
        put(open(1, 1));
        put(open(1, 2));
        Cursor cursor = read(Cursor.at(0)).cursor();
        put(Samples.in(open(1, 1), new Request.Expired()));
        put(Samples.in(open(1, 2), new Request.Responded(Samples.answer(1), T0)));
        forget(key(1, 1));
        forget(key(1, 2));
        assertThat(read(cursor).reset(), is(false));
    }

    @Test
    void removedPairingWithCancellationsResets() {
        put(Samples.phone(1, T0));
        put(Samples.active(1, 1, T0));
        put(open(1, 1));
        Cursor cursor = read(Cursor.at(0)).cursor();
        put(Samples.in(open(1, 1), new Request.Cancelled(T0)));
        forgetPairing(1);
        Page page = read(cursor);
        assertThat(page.reset(), is(true));
        assertThat(page.requests(), is(empty()));
        assertThat(read(page.cursor()).reset(), is(false));
    }

    /** Section 6.4: a cursor from a relay that lost its memory. */
    @Test
    void aCursorFromTheFutureResets() {
        put(Samples.active(1, 1, T0));
        put(open(1, 1));
        Cursor end = read(Cursor.at(0)).cursor();
        Cursor future = Cursor.at(end.heard() + 1);
        assertThat(read(end).reset(), is(false));
        assertThat(read(future).reset(), is(true));
        assertThat(keys(read(future)), contains(key(1, 1)));
        assertThat(
                store.inbox(device(9), Optional.of(Cursor.at(1)), 10, ANY_TEXT).reset(), is(true));
        assertThat(
                store.inbox(device(9), Optional.of(Cursor.at(0)), 10, ANY_TEXT).reset(), is(false));
    }

    /** Section 6.4: a request that was removed before the first page was read causes no reset in later pages. */
    @Test
    void pagesProgressAfterEarlierRemovals() {
        put(Samples.active(1, 1, T0));
        for (int i = 1; i <= 9; i++) {
            put(open(1, i));
        }
        for (int i = 7; i <= 9; i++) {
            put(Samples.in(open(1, i), new Request.Cancelled(T0)));
            forget(key(1, i));
        }
        assertThat(
                pages(2, ANY_TEXT),
                contains(List.of(key(1, 1), key(1, 2)), List.of(key(1, 3), key(1, 4)), List.of(key(1, 5), key(1, 6))));
    }

    /** The same for a request that was cancelled before the first page was read, and removed between two pages. */
    @Test
    void pagesProgressWithRemovalsOfOldCancellations() {
        put(Samples.active(1, 1, T0));
        for (int i = 1; i <= 6; i++) {
            put(open(1, i));
        }
        put(Samples.in(open(1, 6), new Request.Cancelled(T0)));
        Page first = store.inbox(device(1), Optional.empty(), 2, ANY_TEXT);
        forget(key(1, 6));
        Page second = store.inbox(device(1), Optional.of(first.cursor()), 10, ANY_TEXT);
        assertThat(second.reset(), is(false));
        assertThat(keys(second), contains(key(1, 3), key(1, 4), key(1, 5)));
    }

    /**
     * A cancellation between two pages is listed, wherever the request was; if it is removed before, that is a reset.
     */
    @Test
    void cancellationBetweenTwoPagesIsListedOrResets() {
        put(Samples.active(1, 1, T0));
        for (int i = 1; i <= 4; i++) {
            put(open(1, i));
        }
        Page first = store.inbox(device(1), Optional.empty(), 2, ANY_TEXT);
        put(Samples.in(open(1, 1), new Request.Cancelled(T0)));
        Page second = store.inbox(device(1), Optional.of(first.cursor()), 10, ANY_TEXT);
        assertThat(keys(second), contains(key(1, 3), key(1, 4), key(1, 1)));
        forget(key(1, 1));
        assertThat(
                store.inbox(device(1), Optional.of(first.cursor()), 10, ANY_TEXT)
                        .reset(),
                is(true));
    }

    /**
     * Section 6, as a property: a device that keeps the newest cursor, and applies cancellations and resets, shows in
     * the end exactly the open requests, whatever was submitted, ended and removed while it read page by page.
     */
    @Test
    void deviceEndsWithExactlyTheOpenRequests() {
        for (int seed = 1; seed <= followingDevices(); seed++) {
            RelayStore fresh = opened(ROOMY);
            store = fresh;
            Random random = new Random(seed);
            put(Samples.phone(1, T0));
            put(Samples.active(1, 1, T0));
            FollowingDevice phone = new FollowingDevice(fresh);
            List<Integer> open = new ArrayList<>();
            List<Integer> cancelled = new ArrayList<>();
            for (int step = 0, next = 1; step < 60; step++) {
                switch (random.nextInt(5)) {
                    case 0, 1 -> {
                        put(open(1, next));
                        open.add(next++);
                    }
                    case 2 -> {
                        if (!open.isEmpty()) {
                            int which = open.remove(/* index */ random.nextInt(open.size()));
                            put(Samples.in(open(1, which), new Request.Cancelled(T0)));
                            cancelled.add(which);
                        }
                    }
                    case 3 -> {
                        if (!cancelled.isEmpty()) {
                            forget(key(1, cancelled.remove(/* index */ random.nextInt(cancelled.size()))));
                        }
                    }
                    default -> phone.read(1 + random.nextInt(3));
                }
            }
            for (int i = 0; i < 100; i++) {
                phone.read(2);
            }
            assertThat(
                    "seed " + seed,
                    phone.cards,
                    containsInAnyOrder(open.stream().map(i -> key(1, i)).toArray()));
        }
    }

    /** A device that follows section 6. */
    private static final class FollowingDevice {
        private final RelayStore store;
        private final List<RequestKey> cards = new ArrayList<>();
        private final List<RequestKey> listed = new ArrayList<>();
        private Optional<Cursor> cursor = Optional.empty();
        private boolean resetting;

        FollowingDevice(RelayStore store) {
            this.store = store;
        }

        void read(int limit) {
            Page page = store.inbox(device(1), cursor, limit, ANY_TEXT);
            cursor = Optional.of(page.cursor());
            if (page.reset()) {
                resetting = true;
                listed.clear();
            }
            page.requests().forEach(entry -> {
                cards.remove(entry.key());
                listed.remove(entry.key());
                if (entry.open()) {
                    cards.add(entry.key());
                    listed.add(entry.key());
                }
            });
            // "If the list is cut, the device does so when it has read on to the end."
            if (resetting && page.requests().size() < limit) {
                cards.retainAll(listed);
                resetting = false;
            }
        }
    }
}
