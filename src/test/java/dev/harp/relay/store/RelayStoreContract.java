package dev.harp.relay.store;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.device;
import static dev.harp.relay.protocol.Samples.id;
import static dev.harp.relay.protocol.Samples.key;
import static dev.harp.relay.protocol.Samples.pair;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.Envelope;
import dev.harp.relay.protocol.Footprint;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.PushState;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract of {@link RelayStore}. One subclass for each store; none may override a test. */
public abstract class RelayStoreContract {
    private static final Capacity ROOMY = new Capacity(1 << 24, 1000, 1000);
    private static final Instant FAR = T0.plus(Duration.ofDays(36_500));
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** Longer than any store's lease on a due record. */
    private static final Duration A_WHILE = Duration.ofSeconds(10);

    private static final long ANY_TEXT = 1 << 20;

    private final List<RelayStore> opened = new ArrayList<>();
    private RelayStore store;

    /** An empty store. */
    protected abstract RelayStore open(ProtocolLimits terms, Capacity capacity);

    /** How many random devices read their lists: fewer for a slower store. */
    protected int followingDevices() {
        return 200;
    }

    @BeforeEach
    void openOne() {
        store = opened(ROOMY);
    }

    @AfterEach
    void closeAll() {
        opened.forEach(RelayStore::close);
    }

    private RelayStore opened(Capacity capacity) {
        RelayStore next = open(TERMS, capacity);
        opened.add(next);
        return next;
    }

    // --- names and tokens

    @Test
    void emptyStoreHasNothing() {
        assertThat(store.pairing(pair(1)), is(Optional.empty()));
        assertThat(store.pairingByToken(Sha256.of("hpt1")), is(Optional.empty()));
        assertThat(store.device(device(1)), is(Optional.empty()));
        assertThat(store.deviceByToken(Sha256.of("hdt1")), is(Optional.empty()));
        assertThat(store.request(key(1, 1)), is(Optional.empty()));
        assertThat(store.requestOf(device(1), id(T0, 1)), is(Optional.empty()));
        assertThat(store.openRequests(pair(1)), is(empty()));
        assertThat(store.pairingsOf(device(1)), is(empty()));
        assertThat(store.due(FAR, 10), is(empty()));
        assertThat(store.nextDue(), is(Optional.empty()));
        assertThat(store.levels(), is(new Levels(0, 0, 0, 0, 0, 0)));
        assertThat(
                store.inbox(device(1), Optional.empty(), 10, ANY_TEXT), is(new Page(List.of(), Cursor.at(0), false)));
    }

    @Test
    void pairingIsFoundByIdAndToken() {
        Pairing pairing = put(Samples.pending(1, T0));
        assertThat(store.pairing(pair(1)), is(Optional.of(pairing)));
        assertThat(store.pairingByToken(Sha256.of("hpt1")), is(Optional.of(pairing)));
        assertThat(store.pairingByToken(Sha256.of("hpt2")), is(Optional.empty()));
        assertThat(store.deviceByToken(Sha256.of("hpt1")), is(Optional.empty()));
    }

    @Test
    void tokenFindsThePresentPairing() {
        put(Samples.pending(1, T0));
        Pairing joined = put(Samples.active(1, 1, T0));
        assertThat(store.pairingByToken(Sha256.of("hpt1")), is(Optional.of(joined)));
    }

    @Test
    void removedPairingsTokenIsUnknown() {
        put(Samples.pending(1, T0));
        forgetPairing(1);
        assertThat(store.pairing(pair(1)), is(Optional.empty()));
        assertThat(store.pairingByToken(Sha256.of("hpt1")), is(Optional.empty()));
    }

    @Test
    void deviceIsFoundByIdAndToken() {
        Device phone = put(Samples.phone(1, T0).withPushToken(Optional.of("push")));
        assertThat(store.device(device(1)), is(Optional.of(phone)));
        assertThat(store.deviceByToken(Sha256.of("hdt1")), is(Optional.of(phone)));
        assertThat(store.pairingByToken(Sha256.of("hdt1")), is(Optional.empty()));
        forgetDevice(1);
        assertThat(store.device(device(1)), is(Optional.empty()));
        assertThat(store.deviceByToken(Sha256.of("hdt1")), is(Optional.empty()));
    }

    @Test
    void requestIsUnchanged() {
        put(Samples.active(1, 1, T0));
        Request request = put(Request.submitted(
                key(1, 1), device(1), new Envelope("-_nonce==", Samples.text(2000)), T0, T0.plus(MINUTE)));
        assertThat(store.request(key(1, 1)), is(Optional.of(request)));
        Request answered = put(Samples.in(request, new Request.Responded(Samples.answer(1), T0)));
        assertThat(store.request(key(1, 1)), is(Optional.of(answered)));
    }

    // --- rules

    @Test
    void ruleGetsTheStoredRecord() {
        Pairing pairing = put(Samples.active(1, 1, T0));
        Request one = put(open(1, 1));
        put(open(1, 2));
        put(Samples.in(open(1, 2), new Request.Expired()));
        put(open(1, 3));
        Optional<StoreResult<Integer>> seen = store.changeRequest(key(1, 1), (within, request, open) -> {
            assertThat(within, is(pairing));
            assertThat(request, is(Optional.of(one)));
            return new Change<>(request, open);
        });
        assertThat(seen, is(Optional.of(new StoreResult.Done<>(2))));
    }

    @Test
    void ruleIsNotCalledWithoutAPairing() {
        assertThat(
                store.changeRequest(key(1, 1), (_, _, _) -> {
                    throw new AssertionError("asked");
                }),
                is(Optional.empty()));
    }

    @Test
    void aRuleThatThrowsChangesNothing() {
        put(Samples.active(1, 1, T0));
        Levels before = store.levels();
        for (Runnable change : List.<Runnable>of(
                () -> store.changePairing(pair(1), _ -> fail()),
                () -> store.changeDevice(device(1), _ -> fail()),
                () -> store.changeRequest(key(1, 1), (_, _, _) -> fail()))) {
            try {
                change.run();
                throw new AssertionError("the rule's exception is lost");
            } catch (UnsupportedOperationException expected) {
                assertThat(store.levels(), is(before));
            }
        }
        put(open(1, 1));
    }

    private static <T> Change<T, Boolean> fail() {
        throw new UnsupportedOperationException("a rule that fails");
    }

    @Test
    void removingAnAbsentRecordDoesNothing() {
        put(Samples.active(1, 1, T0));
        Levels before = store.levels();
        forgetPairing(2);
        forgetDevice(2);
        forget(key(1, 7));
        assertThat(store.levels(), is(before));
    }

    // --- what belongs together

    @Test
    void openRequestsAreThoseThatAreStoredAsOpen() {
        put(Samples.active(1, 1, T0));
        put(Samples.active(2, 1, T0));
        put(open(1, 1));
        put(open(1, 2));
        put(open(2, 3));
        put(Samples.in(open(1, 2), new Request.Cancelled(T0)));
        assertThat(store.openRequests(pair(1)), contains(key(1, 1)));
        assertThat(store.openRequests(pair(2)), contains(key(2, 3)));
        forget(key(1, 1));
        assertThat(store.openRequests(pair(1)), is(empty()));
    }

    @Test
    void pairingsOfADeviceAreItsOwnUntilRemoval() {
        put(Samples.pending(1, T0));
        assertThat(store.pairingsOf(device(1)), is(empty()));
        put(Samples.active(1, 1, T0));
        put(Samples.active(2, 1, T0));
        put(Samples.active(3, 2, T0));
        assertThat(store.pairingsOf(device(1)), containsInAnyOrder(pair(1), pair(2)));
        put(Samples.revoked(Samples.active(1, 1, T0), T0));
        assertThat(store.pairingsOf(device(1)), containsInAnyOrder(pair(1), pair(2)));
        forgetPairing(1);
        assertThat(store.pairingsOf(device(1)), contains(pair(2)));
    }

    /** {@code Devices.remove} reads the pairings after it has removed the device. */
    @Test
    void pairingsOfARemovedDeviceAreStillStored() {
        put(Samples.phone(1, T0));
        put(Samples.active(1, 1, T0));
        forgetDevice(1);
        assertThat(store.pairingsOf(device(1)), contains(pair(1)));
        forgetPairing(1);
        assertThat(store.pairingsOf(device(1)), is(empty()));
    }

    /** Section 7.3: the same id in another pairing is another request. */
    @Test
    void anIdCountsWithinItsPairing() {
        put(Samples.active(1, 1, T0));
        put(Samples.active(2, 1, T0));
        Request first = put(open(1, 7));
        Request second = put(open(2, 7));
        assertThat(store.request(key(1, 7)), is(Optional.of(first)));
        assertThat(store.request(key(2, 7)), is(Optional.of(second)));
    }

    /** Section 7.3: of two the device means the one that was submitted first, as long as that is stored. */
    @Test
    void deviceFindsTheFirstRequestWithAnId() {
        put(Samples.active(1, 1, T0));
        put(Samples.active(2, 1, T0));
        put(open(2, 7));
        put(open(1, 7));
        assertThat(store.requestOf(device(1), id(T0, 7)), is(Optional.of(key(2, 7))));
        put(Samples.in(open(2, 7), new Request.Cancelled(T0)));
        assertThat(store.requestOf(device(1), id(T0, 7)), is(Optional.of(key(2, 7))));
        forget(key(2, 7));
        assertThat(store.requestOf(device(1), id(T0, 7)), is(Optional.of(key(1, 7))));
        forget(key(1, 7));
        assertThat(store.requestOf(device(1), id(T0, 7)), is(Optional.empty()));
    }

    @Test
    void deviceDoesNotFindAnotherDevicesRequest() {
        put(Samples.active(1, 1, T0));
        put(open(1, 1));
        assertThat(store.requestOf(device(2), id(T0, 1)), is(Optional.empty()));
    }

    /** Section 4.5: with a pairing its requests are removed, from every index. */
    @Test
    void removedPairingRemovesItsRequests() {
        put(Samples.phone(1, T0));
        put(Samples.active(1, 1, T0));
        put(Samples.active(2, 1, T0));
        put(open(1, 1));
        put(open(1, 2));
        put(Samples.in(open(1, 2), new Request.Cancelled(T0)));
        put(Samples.in(open(1, 3), new Request.Open()));
        put(open(2, 9));
        forgetPairing(1);
        assertThat(store.request(key(1, 1)), is(Optional.empty()));
        assertThat(store.requestOf(device(1), id(T0, 2)), is(Optional.empty()));
        assertThat(store.openRequests(pair(1)), is(empty()));
        assertThat(keys(store.inbox(device(1), Optional.empty(), 10, ANY_TEXT)), contains(key(2, 9)));
        assertThat(store.due(FAR, 100), hasSize(2));
        assertThat(store.levels().openRequests(), is(1));
        assertThat(store.levels().endedRequests(), is(0));
    }

    // --- capacity

    @Test
    void exactlyAsManyPairingsAsAllowed() {
        store = opened(new Capacity(1 << 20, 2, 1));
        put(Samples.pending(1, T0));
        put(Samples.pending(2, T0));
        assertThat(tryPut(Samples.pending(3, T0)), is(instanceOf(StoreResult.Full.class)));
        assertThat(store.pairing(pair(3)), is(Optional.empty()));
        assertThat(store.pairingByToken(Sha256.of("hpt3")), is(Optional.empty()));
        put(Samples.active(2, 1, T0));
        forgetPairing(1);
        put(Samples.pending(3, T0));
    }

    @Test
    void exactlyAsManyDevicesAsAllowed() {
        store = opened(new Capacity(1 << 20, 1, 2));
        put(Samples.phone(1, T0));
        put(Samples.phone(2, T0));
        assertThat(tryPut(Samples.phone(3, T0)), is(instanceOf(StoreResult.Full.class)));
        assertThat(store.device(device(3)), is(Optional.empty()));
        put(Samples.phone(2, T0).withPushToken(Optional.of("more")));
        forgetDevice(1);
        put(Samples.phone(3, T0));
    }

    @Test
    void exactlyAsManyBytesAsAllowed() {
        Request request = open(1, 1);
        long all = Footprint.of(Samples.active(1, 1, T0)) + Footprint.of(request, TERMS);
        store = opened(new Capacity(all, 10, 10));
        put(Samples.active(1, 1, T0));
        put(request);
        assertThat(store.levels().bytes(), is(all));
        assertThat(tryPut(Samples.phone(1, T0)), is(instanceOf(StoreResult.Full.class)));

        store = opened(new Capacity(all - 1, 10, 10));
        put(Samples.active(1, 1, T0));
        assertThat(tryPut(request), is(Optional.of(new StoreResult.Full<>())));
        assertThat(store.request(request.key()), is(Optional.empty()));
        assertThat(store.openRequests(pair(1)), is(empty()));
        assertThat(store.levels().bytes(), is(Footprint.of(Samples.active(1, 1, T0))));
    }

    /**
     * Section 9.4: a join with a payload and a push token may be refused; a change by which no record grows may not.
     */
    @Test
    void growthIsRefusedAndNothingElse() {
        store = opened(new Capacity(2L * Footprint.RECORD, 10, 10));
        Pairing pending = put(Samples.pending(1, T0));
        Device phone = put(Samples.phone(1, T0));
        assertThat(tryPut(Samples.active(1, 1, T0)), is(instanceOf(StoreResult.Full.class)));
        assertThat(store.pairing(pair(1)), is(Optional.of(pending)));
        assertThat(store.pairingsOf(device(1)), is(empty()));
        assertThat(tryPut(phone.withPushToken(Optional.of("x"))), is(instanceOf(StoreResult.Full.class)));
        assertThat(store.device(device(1)), is(Optional.of(phone)));
        put(Samples.revoked(pending, T0));
        put(phone.keptUntil(FAR));
    }

    /** Section 7.7: an open request reserves room for its response. */
    @Test
    void theLargestResponseFitsIntoAFullStore() {
        Request request = open(1, 1);
        store = opened(new Capacity(Footprint.of(Samples.active(1, 1, T0)) + Footprint.of(request, TERMS), 10, 10));
        put(Samples.active(1, 1, T0));
        put(request);
        put(Samples.in(
                request,
                new Request.Responded(
                        new dev.harp.relay.protocol.Response(
                                Samples.text(ProtocolLimits.MAX_NONCE),
                                Samples.text(TERMS.maxCiphertext()),
                                Optional.of(Samples.text(ProtocolLimits.MAX_SIGNATURE))),
                        T0)));
    }

    @Test
    void endFreesTheRoomOfTheResponse() {
        put(Samples.active(1, 1, T0));
        put(open(1, 1));
        long before = store.levels().bytes();
        put(Samples.in(open(1, 1), new Request.Expired()));
        assertThat(
                before - store.levels().bytes(),
                is((long) ProtocolLimits.MAX_NONCE + TERMS.maxCiphertext() + ProtocolLimits.MAX_SIGNATURE));
    }

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
                one.envelope(),
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

    // --- a pairing's history

    private Page history(int pair, Optional<Cursor> after) {
        return store.history(pair(pair), after, 100, ANY_TEXT);
    }

    /** Each request once, at its last change; its earlier states are not listed. */
    @Test
    void aHistoryHasEachRequestAtItsLatestChange() {
        put(Samples.active(1, 1, T0));
        put(open(1, 1));
        put(open(1, 2));
        put(open(1, 3));
        put(Samples.in(open(1, 2), new Request.Responded(Samples.answer(1), T0)));
        put(Samples.in(open(1, 1), new Request.Expired()));
        Page all = history(1, Optional.empty());
        assertThat(keys(all), contains(key(1, 3), key(1, 2), key(1, 1)));
        assertThat(states(all), contains("pending", "responded", "expired"));
        assertThat(all.entries().getLast().cursor(), is(all.cursor()));
        for (int i = 0; i < 3; i++) {
            Page rest = history(1, Optional.of(all.entries().get(i).cursor()));
            assertThat(rest.reset(), is(false));
            assertThat(rest.requests(), is(all.requests().subList(i + 1, 3)));
        }
        assertThat(history(2, Optional.empty()), is(new Page(List.of(), Cursor.at(0), false)));
    }

    /** A change that the platform does not see leaves the position unchanged. */
    @Test
    void invisibleChangeKeepsThePosition() {
        put(Samples.active(1, 1, T0));
        put(open(1, 1));
        put(open(1, 2));
        Cursor before = history(1, Optional.empty()).cursor();
        Request same = open(1, 1);
        put(new Request(
                same.key(),
                same.device(),
                same.envelope(),
                same.createdAt(),
                same.expiresAt().plusSeconds(1),
                same.deliveredAt(),
                same.state(),
                new PushState.None(),
                same.webhook()));
        assertThat(history(1, Optional.of(before)), is(new Page(List.of(), before, false)));
        assertThat(keys(history(1, Optional.empty())), contains(key(1, 1), key(1, 2)));
    }

    /** A removal resets a cursor from before the request's end, and no later one. */
    @Test
    void removedRequestResetsOlderCursors() {
        put(Samples.active(1, 1, T0));
        put(open(1, 1));
        put(open(1, 2));
        Cursor early = history(1, Optional.empty()).cursor();
        put(Samples.in(open(1, 1), new Request.Expired()));
        Cursor told = history(1, Optional.of(early)).cursor();
        forget(key(1, 1));
        assertThat(history(1, Optional.of(told)).reset(), is(false));
        Page anew = history(1, Optional.of(early));
        assertThat(anew.reset(), is(true));
        assertThat(keys(anew), contains(key(1, 2)));
        assertThat(history(1, Optional.of(Cursor.at(told.heard() + 1))).reset(), is(true));
    }

    /** The history is removed with its pairing, and a new pairing of the same id begins with an empty one. */
    @Test
    void removedPairingHasNoHistory() {
        put(Samples.active(1, 1, T0));
        put(open(1, 1));
        Cursor first = history(1, Optional.empty()).cursor();
        forgetPairing(1);
        assertThat(history(1, Optional.empty()), is(new Page(List.of(), Cursor.at(0), false)));
        put(Samples.active(1, 1, T0));
        put(open(1, 2));
        assertThat(history(1, Optional.empty()).cursor(), is(first));
    }

    /** A platform that reads pages of random length knows all requests in the end, and gets no change twice. */
    @Test
    void platformEndsWithAllRequests() {
        for (int seed = 0; seed < followingDevices() / 4; seed++) {
            store = opened(ROOMY);
            put(Samples.active(1, 1, T0));
            Random random = new Random(seed);
            Map<RequestKey, String> states = new HashMap<>();
            Map<RequestKey, String> known = new HashMap<>();
            Optional<Cursor> cursor = Optional.empty();
            int[] generations = new int[6];
            for (int i = 0; i < 60; i++) {
                boolean reading = i >= 40 || random.nextInt(3) == 0;
                if (reading) {
                    Page page = store.history(pair(1), cursor, 1 + random.nextInt(3), ANY_TEXT);
                    if (page.reset()) {
                        known.clear();
                    }
                    String where = "seed " + seed + " step " + i;
                    page.requests()
                            .forEach(entry -> assertThat(
                                    where, known.put(entry.key(), entry.stateName()), not(entry.stateName())));
                    cursor = Optional.of(page.cursor());
                } else {
                    int place = random.nextInt(6);
                    Request request = open(1, 1 + place + 6 * generations[place]);
                    String state = states.getOrDefault(request.key(), "");
                    if (state.isEmpty()) {
                        states.put(request.key(), put(request).stateName());
                    } else if (!state.equals("pending")) {
                        forget(request.key());
                        states.remove(request.key());
                        generations[place]++;
                    } else {
                        Request ended = Samples.in(
                                request,
                                random.nextBoolean()
                                        ? new Request.Cancelled(T0)
                                        : new Request.Responded(Samples.answer(1), T0));
                        states.put(request.key(), put(ended).stateName());
                    }
                }
            }
            known.keySet().retainAll(states.keySet());
            assertThat("seed " + seed, known, is(states));
        }
    }

    // --- the schedule

    @Test
    void dueRecordsComeEarliestFirst() {
        List<DueRecord> all = List.of(
                new DueRecord.OfRequest(key(2, 1)),
                new DueRecord.OfPairing(pair(1)),
                new DueRecord.OfRequest(key(2, 2)),
                new DueRecord.OfDevice(device(1)));
        assertThat(withFour().nextDue(), is(Optional.of(T0.plusSeconds(200))));
        assertThat(withFour().due(FAR, 100), is(all));
        assertThat(withFour().due(FAR, 2), is(all.subList(0, 2)));
        assertThat(withFour().due(T0.plusSeconds(300), 100), is(all.subList(0, 2)));
        assertThat(withFour().due(T0.plusSeconds(300).minusMillis(1), 100), is(all.subList(0, 1)));
        assertThat(withFour().due(T0.plusSeconds(200).minusMillis(1), 100), is(empty()));
    }

    /** A fresh store each time, because a call may lease the records for a while. */
    private RelayStore withFour() {
        store = opened(ROOMY);
        put(Samples.phone(1, T0.plusSeconds(1)));
        put(Samples.pending(1, T0));
        put(Samples.active(2, 1, T0));
        put(Samples.open(key(2, 1), 1, T0, Duration.ofSeconds(200)));
        put(Samples.open(key(2, 2), 1, T0, Duration.ofSeconds(400)));
        return store;
    }

    /** The relay that leased a record may have died: soon another one gets it. */
    @Test
    void dueRecordIsLeasedAgainUntilProcessed() {
        put(Samples.pending(1, T0));
        List<DueRecord> handedOut = List.of(new DueRecord.OfPairing(pair(1)));
        assertThat(store.due(T0.plusSeconds(300), 1), is(handedOut));
        assertThat(store.due(T0.plusSeconds(300).plus(A_WHILE), 1), is(handedOut));
        forgetPairing(1);
        assertThat(store.due(FAR, 1), is(empty()));
    }

    /**
     * A relay may stop between the removal of a device and the revocation of its pairings, so these are due until that
     * is done.
     */
    @Test
    void thePairingsOfARemovedDeviceAreDue() {
        put(Samples.phone(1, T0));
        put(Samples.active(1, 1, T0));
        put(Samples.active(2, 2, T0));
        assertThat(store.due(T0, 10), is(empty()));
        forgetDevice(1);
        assertThat(store.due(T0, 10), is(List.of(new DueRecord.OfPairing(pair(1)))));
        put(open(1, 1));
        assertThat(store.due(T0.plus(A_WHILE), 10), is(List.of(new DueRecord.OfPairing(pair(1)))));
        put(Samples.in(open(1, 1), new Request.Cancelled(T0)));
        put(Samples.revoked(Samples.active(1, 1, T0), T0));
        assertThat(store.due(T0.plus(A_WHILE).plus(A_WHILE), 10), is(empty()));
    }

    /** The same between the revocation of a pairing and the cancellation of its open requests. */
    @Test
    void revokedPairingIsDueWhileItHasOpenRequests() {
        put(Samples.active(1, 1, T0));
        put(open(1, 1));
        put(open(1, 2));
        put(Samples.revoked(Samples.active(1, 1, T0), T0));
        List<DueRecord> handedOut = List.of(new DueRecord.OfPairing(pair(1)));
        assertThat(store.due(T0, 10), is(handedOut));
        put(Samples.in(open(1, 1), new Request.Cancelled(T0)));
        assertThat(store.due(T0.plus(A_WHILE), 10), is(handedOut));
        put(Samples.in(open(1, 2), new Request.Cancelled(T0)));
        assertThat(store.due(T0.plus(A_WHILE).plus(A_WHILE), 10), is(empty()));
        assertThat(store.nextDue().map(due -> due.isAfter(T0.plusSeconds(299))), is(Optional.of(true)));
    }

    /** A changed record is due by its new state, even if the old one is leased. */
    @Test
    void changeOverridesALease() {
        put(Samples.active(1, 1, T0));
        put(open(1, 1));
        assertThat(store.due(T0.plus(MINUTE), 1), is(List.of(new DueRecord.OfRequest(key(1, 1)))));
        put(Samples.in(open(1, 1), new Request.Expired()));
        assertThat(store.nextDue(), is(Optional.of(TERMS.dueAt(Samples.in(open(1, 1), new Request.Expired())))));
    }

    /** A store may not round a due time down, not even to the millisecond. */
    @Test
    void nothingIsDueTooEarly() {
        put(Samples.pending(1, T0.plusNanos(1_500)));
        assertThat(store.due(T0.plusSeconds(300), 1), is(empty()));
        assertThat(store.due(T0.plusSeconds(300).plusMillis(1), 1), hasSize(1));
    }

    @Test
    void recordsOfTheSameTimeAreAllDue() {
        for (int i = 1; i <= 20; i++) {
            put(Samples.pending(i, T0));
        }
        assertThat(store.due(T0.plusSeconds(300), 100), hasSize(20));
    }

    /** The schedule never grows beyond the records: a change frees the old slot. */
    @Test
    void changesFreeOldSlots() {
        put(Samples.phone(1, T0));
        put(Samples.pending(1, T0));
        put(Samples.active(2, 1, T0));
        put(open(2, 1));
        for (int i = 0; i < 50; i++) {
            put(Samples.phone(1, T0.plusSeconds(i)));
            put(Samples.pending(1, T0.plusSeconds(i)));
            put(Samples.open(key(2, 1), 1, T0.plusSeconds(i), MINUTE));
        }
        assertThat(store.due(FAR, 1000), hasSize(3));
        put(Samples.active(1, 1, T0));
        put(Samples.in(open(2, 1), new Request.Cancelled(T0)));
        assertThat(
                store.due(FAR.plus(A_WHILE), 1000),
                containsInAnyOrder(new DueRecord.OfDevice(device(1)), new DueRecord.OfRequest(key(2, 1))));
        forgetDevice(1);
        forget(key(2, 1));
        forgetPairing(1);
        forgetPairing(2);
        assertThat(store.due(FAR.plus(A_WHILE).plus(A_WHILE), 1000), is(empty()));
        assertThat(store.nextDue(), is(Optional.empty()));
    }

    @Test
    void activePairingIsNeverDueAndARevokedOneIs() {
        put(Samples.active(1, 1, T0));
        assertThat(store.nextDue(), is(Optional.empty()));
        put(Samples.revoked(Samples.active(1, 1, T0), T0));
        assertThat(store.nextDue(), is(Optional.of(T0.plus(TERMS.retention()))));
    }

    // --- sums

    @Test
    void levelsAreTheSumsOfTheRecords() {
        put(Samples.phone(1, T0).withPushToken(Optional.of("push")));
        put(Samples.active(1, 1, T0));
        put(Samples.pending(2, T0));
        put(open(1, 1));
        put(open(1, 2));
        Request ended = put(Samples.in(open(1, 2), new Request.Expired()));
        long bytes = Footprint.of(store.device(device(1)).orElseThrow())
                + Footprint.of(Samples.active(1, 1, T0))
                + Footprint.of(Samples.pending(2, T0))
                + Footprint.of(open(1, 1), TERMS)
                + Footprint.of(ended, TERMS);
        assertThat(store.levels(), is(new Levels(bytes, 2, 1, 1, 0, 1)));
    }

    /** After all records are removed, in whatever order, no sum and no index has anything left. */
    @Test
    void nothingIsLeftAfterAllRemovals() {
        for (int seed = 1; seed <= 50; seed++) {
            Random random = new Random(seed);
            List<Runnable> removals = new ArrayList<>();
            for (int i = 1; i <= 4; i++) {
                int number = i;
                put(Samples.phone(i, T0).withPushToken(Optional.of("push")));
                put(random.nextBoolean() ? Samples.active(i, i, T0) : Samples.active(i, 1, T0));
                removals.add(() -> forgetDevice(number));
                removals.add(() -> forgetPairing(number));
                int owner = store.pairing(pair(i))
                                .flatMap(Pairing::device)
                                .orElseThrow()
                                .equals(device(1))
                        ? 1
                        : i;
                for (int j = 1; j <= 4; j++) {
                    int request = j;
                    Request open = put(Samples.open(key(i, j), owner, T0, MINUTE));
                    switch (random.nextInt(4)) {
                        case 0 -> put(Samples.in(open, new Request.Cancelled(T0)));
                        case 1 -> put(Samples.in(open, new Request.Responded(Samples.answer(1), T0)));
                        case 2 -> put(Samples.in(open, new Request.Expired()));
                        default -> {}
                    }
                    removals.add(() -> forget(key(number, request)));
                }
            }
            Collections.shuffle(removals, random);
            removals.forEach(Runnable::run);
            assertThat("seed " + seed, store.levels(), is(new Levels(0, 0, 0, 0, 0, 0)));
            assertThat("seed " + seed, store.due(FAR, 1000), is(empty()));
            for (int i = 1; i <= 4; i++) {
                assertThat(store.pairingsOf(device(i)), is(empty()));
                assertThat(
                        store.inbox(device(i), Optional.empty(), 10, ANY_TEXT).requests(), is(empty()));
                assertThat(store.pairingByToken(Sha256.of("hpt" + i)), is(Optional.empty()));
                assertThat(store.deviceByToken(Sha256.of("hdt" + i)), is(Optional.empty()));
            }
        }
    }

    // --- the key pair for Web Push

    @Test
    void theFirstKeyPairIsKept() {
        assertThat(store.vapidKey("first"), is("first"));
        assertThat(store.vapidKey("second"), is("first"));
        assertThat(opened(ROOMY).vapidKey("of another store"), is("of another store"));
    }

    @Test
    void aFullStoreTakesAKeyPair() {
        store = opened(new Capacity(0, 0, 0));
        assertThat(tryPut(Samples.phone(1, T0)), is(new StoreResult.Full<>()));
        assertThat(store.vapidKey("first"), is("first"));
        assertThat(store.levels(), is(new Levels(0, 0, 0, 0, 0, 0)));
    }

    @Test
    void inARaceAllGetTheSameKeyPair() throws Exception {
        for (int round = 0; round < 5; round++) {
            store = opened(ROOMY);
            List<String> told = Collections.synchronizedList(new ArrayList<>());
            atOnce(20, number -> told.add(store.vapidKey("of " + number)));
            assertThat(new HashSet<>(told), is(Set.of(store.vapidKey("late"))));
            assertThat(told, hasSize(20));
        }
    }

    // --- many at once

    /** A rule gets what the previous one has stored: no update is lost. */
    @Test
    void changesOfOneRecordExcludeEachOther() throws Exception {
        put(Samples.phone(1, T0));
        atOnce(16, _ -> {
            for (int i = 0; i < 100; i++) {
                store.changeDevice(
                        device(1),
                        phone -> Change.to(
                                phone.orElseThrow()
                                        .keptUntil(
                                                phone.orElseThrow().keptUntil().plusMillis(1)),
                                true));
            }
        });
        assertThat(
                store.device(device(1)).orElseThrow().keptUntil(),
                is(T0.plus(ProtocolLimits.UNPAIRED_DEVICE).plusMillis(1600)));
        assertThat(store.due(FAR, 100), hasSize(1));
    }

    @Test
    void concurrentAddsOfOneIdAddOnce() throws Exception {
        put(Samples.active(1, 1, T0));
        AtomicInteger added = new AtomicInteger();
        atOnce(50, number -> {
            Optional<StoreResult<Boolean>> stored = store.changeRequest(
                    key(1, 1),
                    (_, known, _) -> new Change<>(
                            known.or(() -> Optional.of(Request.submitted(
                                    key(1, 1), device(1), Samples.envelope(number), T0, T0.plus(MINUTE)))),
                            known.isEmpty()));
            if (stored.equals(Optional.of(new StoreResult.Done<>(true)))) {
                added.incrementAndGet();
            }
        });
        assertThat(added.get(), is(1));
        assertThat(store.levels().openRequests(), is(1));
    }

    /** The number of open requests that a rule gets is still right when its record is stored. */
    @Test
    void theMaximumOfOpenRequestsHoldsInARace() throws Exception {
        put(Samples.active(1, 1, T0));
        atOnce(
                50,
                number -> store.changeRequest(
                        key(1, number),
                        (_, known, open) -> new Change<>(open < 5 ? Optional.of(open(1, number)) : known, open)));
        assertThat(store.openRequests(pair(1)), hasSize(5));
    }

    @Test
    void theCapacityHoldsInARace() throws Exception {
        long room = 20L * Footprint.RECORD;
        store = opened(new Capacity(room, 7, 9));
        atOnce(40, number -> {
            var _ = tryPut(Samples.pending(number, T0));
            var _ = tryPut(Samples.phone(number, T0));
        });
        assertThat(store.levels(), is(new Levels(16L * Footprint.RECORD, 7, 9, 0, 0, 0)));
        atOnce(40, number -> tryPut(Samples.phone(number, T0).withPushToken(Optional.of("x".repeat(1000)))));
        assertThat(store.levels().bytes(), is(lessThanOrEqualTo(room)));
    }

    /**
     * Every later read sees a change: a revoked pairing accepts no request, and none of its open requests is missed.
     */
    @Test
    void pairingAndRequestsChangeInOneOrder() throws Exception {
        for (int round = 1; round <= 50; round++) {
            int number = round;
            put(Samples.active(number, 1, T0));
            List<RequestKey> taken = Collections.synchronizedList(new ArrayList<>());
            List<RequestKey> found = Collections.synchronizedList(new ArrayList<>());
            atOnce(5, who -> {
                if (who == 3) {
                    put(Samples.revoked(Samples.active(number, 1, T0), T0));
                    found.addAll(store.openRequests(pair(number)));
                } else {
                    Optional<StoreResult<Boolean>> stored =
                            store.changeRequest(key(number, who), (pairing, known, _) -> {
                                boolean active = pairing.state() instanceof Pairing.Active;
                                return new Change<>(active ? Optional.of(open(number, who)) : known, active);
                            });
                    if (stored.equals(Optional.of(new StoreResult.Done<>(true)))) {
                        taken.add(key(number, who));
                    }
                }
            });
            assertThat(found, containsInAnyOrder(taken.toArray()));
        }
    }

    private static void atOnce(int threads, java.util.function.IntConsumer work)
            throws InterruptedException, ExecutionException {
        CountDownLatch go = new CountDownLatch(1);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 1; i <= threads; i++) {
                int number = i;
                all.add(executor.submit(() -> {
                    go.await();
                    work.accept(number);
                    return true;
                }));
            }
            go.countDown();
            for (Future<Boolean> one : all) {
                assertThat(one.get(), is(true));
            }
        }
    }

    // --- short ways

    private Page read(Cursor after) {
        return store.inbox(device(1), Optional.of(after), 100, ANY_TEXT);
    }

    /** The whole list, page by page. No page may be a reset. */
    private List<List<RequestKey>> pages(int limit, long maxText) {
        List<List<RequestKey>> pages = new ArrayList<>();
        Optional<Cursor> cursor = Optional.empty();
        for (int i = 0; i < 100; i++) {
            Page page = store.inbox(device(1), cursor, limit, maxText);
            assertThat(page.reset(), is(false));
            if (page.requests().isEmpty()) {
                return pages;
            }
            pages.add(keys(page));
            cursor = Cursor.parse(page.cursor().toString());
        }
        throw new AssertionError("no progress: " + pages);
    }

    private static List<RequestKey> keys(Page page) {
        return page.requests().stream().map(Request::key).toList();
    }

    private static List<String> states(Page page) {
        return page.requests().stream().map(Request::stateName).toList();
    }

    private static Request open(int pair, int request) {
        return Samples.open(key(pair, request), 1, T0, MINUTE);
    }

    private Pairing put(Pairing pairing) {
        assertThat(tryPut(pairing), is(new StoreResult.Done<>(true)));
        return pairing;
    }

    private StoreResult<Boolean> tryPut(Pairing pairing) {
        return store.changePairing(pairing.id(), _ -> Change.to(pairing, true));
    }

    private Device put(Device phone) {
        assertThat(tryPut(phone), is(new StoreResult.Done<>(true)));
        return phone;
    }

    private StoreResult<Boolean> tryPut(Device phone) {
        return store.changeDevice(phone.id(), _ -> Change.to(phone, true));
    }

    private Request put(Request request) {
        assertThat(tryPut(request), is(Optional.of(new StoreResult.Done<>(true))));
        return request;
    }

    private Optional<StoreResult<Boolean>> tryPut(Request request) {
        return store.changeRequest(request.key(), (_, _, _) -> Change.to(request, true));
    }

    private void forgetPairing(int number) {
        PairId id = pair(number);
        assertThat(
                store.changePairing(id, _ -> new Change<>(Optional.empty(), true)), is(new StoreResult.Done<>(true)));
    }

    private void forgetDevice(int number) {
        DeviceId id = device(number);
        assertThat(store.changeDevice(id, _ -> new Change<>(Optional.empty(), true)), is(new StoreResult.Done<>(true)));
    }

    private void forget(RequestKey key) {
        var _ = store.changeRequest(key, (_, _, _) -> new Change<>(Optional.empty(), true));
    }
}
