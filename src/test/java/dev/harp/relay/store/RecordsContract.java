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

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.Envelope;
import dev.harp.relay.protocol.Footprint;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Sha256;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a store finds again, what a rule is given, and how much there is room for. */
abstract class RecordsContract extends StoreRig {
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
    void replacedTokensAreUnknown() {
        Pairing pairing = put(Samples.rotated(put(Samples.active(1, 1, T0)), "hpt1b"));
        Device phone = put(put(Samples.phone(1, T0)).withToken(Sha256.of("hdt1b")));
        assertThat(store.pairingByToken(Sha256.of("hpt1")), is(Optional.empty()));
        assertThat(store.pairingByToken(Sha256.of("hpt1b")), is(Optional.of(pairing)));
        assertThat(store.deviceByToken(Sha256.of("hdt1")), is(Optional.empty()));
        assertThat(store.deviceByToken(Sha256.of("hdt1b")), is(Optional.of(phone)));
        forgetDevice(1);
        forgetPairing(1);
        assertThat(store.pairingByToken(Sha256.of("hpt1b")), is(Optional.empty()));
        assertThat(store.deviceByToken(Sha256.of("hdt1b")), is(Optional.empty()));
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
        assertThat(tryPut(request), is(Optional.of(new StoreResult.Full<>(StoreResult.Bound.WHOLE))));
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
                                Samples.text(TERMS.maxAnswer()),
                                Optional.of(Samples.text(ProtocolLimits.MAX_SIGNATURE))),
                        T0)));
    }

    @Test
    void endFreesTheRoomOfQuestionAndResponse() {
        put(Samples.active(1, 1, T0));
        put(open(1, 1));
        long before = store.levels().bytes();
        put(Samples.in(open(1, 1), new Request.Expired()));
        assertThat(
                before - store.levels().bytes(),
                is((long) "nonce".length()
                        + "ciphertext".length()
                        + ProtocolLimits.MAX_NONCE
                        + TERMS.maxAnswer()
                        + ProtocolLimits.MAX_SIGNATURE));
    }
}
