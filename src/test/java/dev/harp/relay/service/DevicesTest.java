package dev.harp.relay.service;

import static dev.harp.relay.service.Rig.LONG;
import static dev.harp.relay.service.Rig.MINUTE;
import static dev.harp.relay.service.Rig.NO_WAIT;
import static dev.harp.relay.service.Rig.ok;
import static dev.harp.relay.service.Rig.parked;
import static dev.harp.relay.service.Rig.refused;
import static dev.harp.relay.service.Rig.soon;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.Envelope;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Footprint;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Submission;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.memory.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code docs/protocol.md}, sections 5 and 6. */
@Timeout(300)
class DevicesTest {
    private final Rig rig = new Rig();
    private final Rig.Pair pair = rig.pair();

    // --- section 5

    @Test
    void thePushTokenIsSetAndCleared() {
        DeviceId id = pair.phone().device();
        assertThat(ok(rig.devices.updatePushToken(pair.phone(), Optional.of("push"))), is(id));
        assertThat(rig.store.device(id).orElseThrow().pushToken(), is(Optional.of("push")));
        assertThat(ok(rig.devices.updatePushToken(pair.phone(), Optional.empty())), is(id));
        assertThat(rig.store.device(id).orElseThrow().pushToken(), is(Optional.empty()));
    }

    @Test
    void aDeviceWithoutAPairingSetsNoPushToken() {
        Caller.Device stranger = rig.phone();
        refused(ErrorCode.NOT_PAIRED, rig.devices.updatePushToken(stranger, Optional.of("push")));
        ok(rig.devices.updatePushToken(stranger, Optional.empty()));
        assertThat(rig.store.device(stranger.device()).orElseThrow().pushToken(), is(Optional.empty()));
        rig.pair(stranger);
        ok(rig.devices.updatePushToken(stranger, Optional.of("push")));
        assertThat(rig.store.device(stranger.device()).orElseThrow().pushToken(), is(Optional.of("push")));
    }

    /** The calls of a device whose token was looked up just before it was removed. */
    @Test
    void removedDeviceHasNoAccess() {
        DeviceId id = pair.phone().device();
        RequestId request = rig.submitted(pair, 1);
        assertThat(ok(rig.devices.remove(pair.phone())), is(id));
        refused(ErrorCode.UNAUTHORIZED, rig.devices.updatePushToken(pair.phone(), Optional.of("push")));
        refused(ErrorCode.UNAUTHORIZED, rig.inbox(pair, Optional.empty(), LONG));
        refused(ErrorCode.UNAUTHORIZED, rig.join(pair.phone(), rig.session()));
        refused(ErrorCode.REQUEST_CANCELLED, rig.respond(pair, request, 1));
    }

    /** Section 5.3. */
    @Test
    void removingADeviceRevokesAllItsPairings() {
        Rig.Pair second = rig.pair(pair.phone());
        Rig.Pair stranger = rig.pair();
        RequestId one = rig.submitted(pair, 1);
        RequestId two = rig.submitted(second, 2);
        RequestId other = rig.submitted(stranger, 3);
        assertThat(ok(rig.devices.remove(pair.phone())), is(pair.phone().device()));
        refused(ErrorCode.PAIR_REVOKED, rig.pairings.await(pair.platform(), NO_WAIT));
        refused(ErrorCode.PAIR_REVOKED, rig.pairings.await(second.platform(), NO_WAIT));
        assertThat(rig.state(pair, one), is("cancelled"));
        assertThat(rig.state(second, two), is("cancelled"));
        assertThat(rig.state(stranger, other), is("pending"));
    }

    /** The later call revokes: no pairing is left with a removed device. */
    @Test
    void removingADeviceWhileItJoinsLeavesNoPairingBehind() {
        for (int round = 0; round < 100; round++) {
            Caller.Device phone = rig.phone();
            PairId id = rig.session();
            Crowd.of(2, who -> who == 0 ? rig.join(phone, id) : rig.devices.remove(phone));
            assertThat(rig.store.pairing(id).orElseThrow().state() instanceof Pairing.Active, is(false));
        }
    }

    /** The same with the removal exactly between the store's step and the check. */
    @Test
    void aDeviceThatIsRemovedRightAfterItsJoinIsRefused() {
        HookedStore hooked = new HookedStore(new MemoryStore(Samples.TERMS, Rig.ROOMY));
        Rig slow = new Rig(hooked.store(), Samples.TERMS, 0, 10);
        Caller.Device phone = slow.phone();
        PairId id = slow.session();
        hooked.after(
                "changePairing",
                () -> hooked.store()
                        .changeDevice(phone.device(), _ -> new dev.harp.relay.store.Change<>(Optional.empty(), true)));
        refused(ErrorCode.UNAUTHORIZED, slow.join(phone, id));
        refused(ErrorCode.PAIR_REVOKED, slow.pairings.await(slow.platform(id), NO_WAIT));
    }

    /** Section 5.4: never paired, and no longer paired. */
    @Test
    void unusedDevicesAreRemoved() {
        DeviceId never = rig.phone().device();
        rig.clock.advance(ProtocolLimits.UNPAIRED_DEVICE.minusMillis(1));
        rig.lifecycle.processDue();
        assertThat(rig.store.device(never).isPresent(), is(true));
        rig.clock.advance(Duration.ofMillis(1));
        rig.lifecycle.processDue();
        assertThat(rig.store.device(never), is(Optional.empty()));
        assertThat(rig.store.device(pair.phone().device()).isPresent(), is(true));
    }

    @Test
    void deviceIsKeptForADayAfterItsLastPairing() {
        rig.clock.advance(Duration.ofDays(30));
        rig.lifecycle.processDue();
        assertThat(ok(rig.pairings.revoke(pair.platform(), pair.id())).id(), is(pair.id()));
        rig.clock.advance(ProtocolLimits.FORMER_DEVICE.minusMillis(1));
        rig.lifecycle.processDue();
        assertThat(rig.store.device(pair.phone().device()).isPresent(), is(true));
        rig.clock.advance(Duration.ofMillis(1));
        rig.lifecycle.processDue();
        assertThat(rig.store.device(pair.phone().device()), is(Optional.empty()));
    }

    @Test
    void deviceWithAPairingIsNeverRemoved() {
        for (int day = 0; day < 10; day++) {
            rig.clock.advance(Duration.ofDays(1).plusSeconds(1));
            rig.lifecycle.processDue();
        }
        assertThat(rig.store.device(pair.phone().device()).isPresent(), is(true));
    }

    @Test
    void aFullRelayRefusesDevicesAndPushTokens() {
        Capacity capacity = new Capacity(2 * Footprint.RECORD + "payload".length() + 3L, 9, 1);
        Rig full = new Rig(new MemoryStore(Samples.TERMS, capacity), Samples.TERMS, 0, 10);
        Caller.Device phone = full.pair().phone();
        refused(ErrorCode.RELAY_FULL, full.devices.register(Opener.NONE));
        refused(ErrorCode.RELAY_FULL, full.devices.updatePushToken(phone, Optional.of("1234")));
        assertThat(ok(full.devices.updatePushToken(phone, Optional.of("123"))), is(phone.device()));
        assertThat(ok(full.devices.updatePushToken(phone, Optional.empty())), is(phone.device()));
    }

    // --- section 6

    @Test
    void listingDelivers() {
        RequestId id = rig.submitted(pair, 1);
        rig.clock.advance(Duration.ofSeconds(1));
        Request listed =
                ok(rig.inbox(pair, Optional.empty(), NO_WAIT)).requests().getFirst();
        assertThat(listed.stateName(), is("delivered"));
        assertThat(listed.deliveredAt(), is(Optional.of(Samples.T0.plusSeconds(1))));
        assertThat(rig.state(pair, id), is("delivered"));
    }

    @Test
    void listHasAllPairingsOldestFirst() {
        Rig.Pair second = rig.pair(pair.phone());
        RequestId one = rig.submitted(second, 1);
        RequestId two = rig.submitted(pair, 2);
        RequestId three = rig.submitted(second, 3);
        assertThat(ids(ok(rig.inbox(pair, Optional.empty(), NO_WAIT))), contains(one, two, three));
    }

    /** Section 7.9: an open request expires at its time, even if the relay has not stored that yet. */
    @Test
    void expiredRequestIsNotListedEvenIfNotYetStoredAsExpired() {
        rig.submitted(pair, 1);
        rig.clock.advance(MINUTE);
        Page inbox = ok(rig.inbox(pair, Optional.empty(), NO_WAIT));
        assertThat(inbox.requests(), is(empty()));
        assertThat(ok(rig.inbox(pair, Optional.of(Cursor.at(0)), NO_WAIT)).requests(), is(empty()));
    }

    @Test
    void cancellationIsListedPastACursorOnly() {
        RequestId id = rig.submitted(pair, 1);
        Cursor cursor = ok(rig.inbox(pair, Optional.empty(), NO_WAIT)).cursor();
        assertThat(ok(rig.requests.cancel(pair.platform(), id)).stateName(), is("cancelled"));
        Page told = ok(rig.inbox(pair, Optional.of(cursor), NO_WAIT));
        assertThat(ids(told), contains(id));
        assertThat(told.requests().getFirst().stateName(), is("cancelled"));
        assertThat(ok(rig.inbox(pair, Optional.empty(), NO_WAIT)).requests(), is(empty()));
    }

    /** Section 6.1: a hundred entries at most, and a mebibyte of text. */
    @Test
    void longListIsPaged() {
        ProtocolLimits terms =
                new ProtocolLimits(Duration.ofSeconds(300), Duration.ofSeconds(300), 1000, 600_000, 600_000);
        Rig large = new Rig(new MemoryStore(terms, new Capacity(1L << 30, 9, 9)), terms, 0, 10);
        Rig.Pair mine = large.pair();
        for (int i = 0; i < 250; i++) {
            large.submitted(mine, i);
        }
        assertThat(pages(large, mine), contains(100, 100, 50));
        Rig.Pair texts = large.pair();
        for (int i = 0; i < 4; i++) {
            Submission submission = new Submission(
                    texts.key(large.id(i)), new Envelope("n", Samples.text(524_288 + (i == 3 ? 1 : 0))), MINUTE);
            assertThat(
                    ok(large.requests.submit(texts.platform(), submission).result())
                            .repeated(),
                    is(false));
        }
        assertThat(pages(large, texts), contains(2, 1, 1));
    }

    private static List<Integer> pages(Rig rig, Rig.Pair pair) {
        List<Integer> sizes = new ArrayList<>();
        Optional<Cursor> cursor = Optional.empty();
        for (int i = 0; i < 10; i++) {
            Page inbox = ok(rig.inbox(pair, cursor, NO_WAIT));
            if (inbox.requests().isEmpty()) {
                break;
            }
            sizes.add(inbox.requests().size());
            cursor = Optional.of(inbox.cursor());
        }
        return sizes;
    }

    /** Section 6.1: a first page that consists of expired requests only must not be answered as an empty list. */
    @Test
    void requestsAfterAHundredExpiredOnesAreListed() {
        ProtocolLimits terms = new ProtocolLimits(Duration.ofSeconds(300), Duration.ofSeconds(300), 1000, 2000, 2000);
        Rig large = new Rig(new MemoryStore(terms, Rig.ROOMY), terms, 0, 10);
        Rig.Pair mine = large.pair();
        for (int i = 0; i < 150; i++) {
            large.submitted(mine, i);
        }
        large.clock.advance(MINUTE);
        RequestId last = large.submitted(mine, 500);
        assertThat(ids(ok(large.inbox(mine, Optional.empty(), NO_WAIT))), contains(last));
    }

    /** Section 6.4: at once, even if the list is empty. */
    @Test
    void aResetDoesNotWait() {
        RequestId id = rig.submitted(pair, 1);
        Cursor cursor = ok(rig.inbox(pair, Optional.empty(), NO_WAIT)).cursor();
        assertThat(ok(rig.requests.cancel(pair.platform(), id)).stateName(), is("cancelled"));
        rig.clock.advance(Duration.ofSeconds(306));
        rig.lifecycle.processDue();
        Page reset = ok(rig.inbox(pair, Optional.of(cursor), LONG));
        assertThat(reset, is(new Page(List.of(), reset.cursor(), true)));
        Page future = ok(rig.inbox(pair, Optional.of(Cursor.at(99)), LONG));
        assertThat(future.reset(), is(true));
    }

    /**
     * Section 6.4: a device never keeps a request that has ended. The hostile case: a cancellation is listed, and
     * removed before the list is answered. The answer still contains it, or resets.
     */
    @Test
    void cancellationRemovedDuringAReadIsListedOrResets() {
        HookedStore hooked = new HookedStore(new MemoryStore(Samples.TERMS, Rig.ROOMY));
        Rig slow = new Rig(hooked.store(), Samples.TERMS, 0, 10);
        Rig.Pair mine = slow.pair();
        RequestId withdrawn = slow.submitted(mine, 1);
        Cursor cursor = ok(slow.inbox(mine, Optional.empty(), NO_WAIT)).cursor();
        assertThat(ok(slow.requests.cancel(mine.platform(), withdrawn)).stateName(), is("cancelled"));
        slow.clock.advance(Duration.ofSeconds(305));
        RequestId next = slow.submitted(mine, 2);
        hooked.after("inbox", () -> {
            slow.clock.advance(Duration.ofSeconds(1));
            slow.lifecycle.processDue();
        });
        Page inbox = ok(slow.inbox(mine, Optional.of(cursor), NO_WAIT));
        Page following = ok(slow.inbox(mine, Optional.of(inbox.cursor()), NO_WAIT));
        assertThat(
                inbox + " then " + following,
                ids(inbox).contains(withdrawn) || inbox.reset() || following.reset(),
                is(true));
        assertThat(ids(inbox).contains(next), is(true));
    }

    /**
     * Section 6.5: a poll that does not wait is not answered empty while a request is open. The hostile case: the only
     * request of the first page is cancelled while the page is read, and another one is submitted.
     */
    @Test
    void noPollIsAnsweredEmptyWhileARequestIsOpen() {
        for (Optional<Cursor> after : List.of(Optional.<Cursor>empty(), Optional.of(Cursor.at(99)))) {
            HookedStore hooked = new HookedStore(new MemoryStore(Samples.TERMS, Rig.ROOMY));
            Rig slow = new Rig(hooked.store(), Samples.TERMS, 0, 10);
            Rig.Pair mine = slow.pair();
            RequestId withdrawn = slow.submitted(mine, 1);
            List<RequestId> next = new ArrayList<>();
            hooked.after("inbox", () -> {
                assertThat(ok(slow.requests.cancel(mine.platform(), withdrawn)).stateName(), is("cancelled"));
                next.add(slow.submitted(mine, 2));
            });
            Page inbox = ok(slow.inbox(mine, after, NO_WAIT));
            assertThat(ids(inbox), contains(withdrawn, next.getFirst()));
            assertThat(inbox.reset(), is(after.isPresent()));
        }
    }

    // --- section 6.5

    @Test
    void aPollIsWokenByASubmission() {
        Future<Result<Page>> poll = parked(() -> rig.inbox(pair, Optional.empty(), LONG));
        RequestId id = rig.submitted(pair, 1);
        assertThat(ids(ok(soon(poll))), contains(id));
        assertThat(rig.room.waiters(), is(0));
    }

    @Test
    void aPollIsWokenByACancellation() {
        RequestId id = rig.submitted(pair, 1);
        Cursor cursor = ok(rig.inbox(pair, Optional.empty(), NO_WAIT)).cursor();
        Future<Result<Page>> poll = parked(() -> rig.inbox(pair, Optional.of(cursor), LONG));
        assertThat(ok(rig.requests.cancel(pair.platform(), id)).stateName(), is("cancelled"));
        assertThat(ids(ok(soon(poll))), contains(id));
    }

    @Test
    void aPollIsWokenByTheRevocationOfAPairingWithOpenRequests() {
        RequestId id = rig.submitted(pair, 1);
        Cursor cursor = ok(rig.inbox(pair, Optional.empty(), NO_WAIT)).cursor();
        Future<Result<Page>> poll = parked(() -> rig.inbox(pair, Optional.of(cursor), LONG));
        assertThat(ok(rig.pairings.revoke(pair.platform(), pair.id())).id(), is(pair.id()));
        assertThat(ids(ok(soon(poll))), contains(id));
    }

    @Test
    void aPollIsWokenByTheRemovalOfTheDevice() {
        Future<Result<Page>> poll = parked(() -> rig.inbox(pair, Optional.empty(), LONG));
        assertThat(ok(rig.devices.remove(pair.phone())), is(pair.phone().device()));
        refused(ErrorCode.UNAUTHORIZED, soon(poll));
    }

    /** Section 7.2: a retry wakes no poll, and neither do expiry and responses. */
    @Test
    void pollIsNotEndedByUnlistedChanges() {
        RequestId one = rig.submitted(pair, 1);
        RequestId two = rig.submitted(pair, 2);
        Cursor cursor = ok(rig.inbox(pair, Optional.empty(), NO_WAIT)).cursor();
        Future<Result<Page>> poll = parked(() -> rig.inbox(pair, Optional.of(cursor), LONG));
        assertThat(ok(rig.submit(pair, one)).repeated(), is(true));
        assertThat(ok(rig.respond(pair, one, 1)).stateName(), is("responded"));
        rig.clock.advance(MINUTE);
        rig.lifecycle.processDue();
        assertThat(rig.state(pair, two), is("expired"));
        RequestId three = rig.submitted(pair, 3);
        assertThat(ids(ok(soon(poll))), contains(three));
    }

    /** Section 8.3. */
    @Test
    void fifthPollDisplacesTheOldestWhichAnswersEmpty() {
        List<Future<Result<Page>>> polls = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            polls.add(parked(() -> rig.inbox(pair, Optional.empty(), LONG)));
        }
        assertThat(ok(soon(polls.getFirst())).requests(), is(empty()));
        RequestId id = rig.submitted(pair, 1);
        for (Future<Result<Page>> poll : polls.subList(1, 5)) {
            assertThat(ids(ok(soon(poll))), contains(id));
        }
        assertThat(polls, hasSize(5));
    }

    private static List<RequestId> ids(Page inbox) {
        return inbox.requests().stream().map(request -> request.key().request()).toList();
    }
}
