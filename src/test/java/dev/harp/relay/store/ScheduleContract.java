package dev.harp.relay.store;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.device;
import static dev.harp.relay.protocol.Samples.key;
import static dev.harp.relay.protocol.Samples.pair;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.PushState;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Samples;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A pairing's history, and what is due. */
abstract class ScheduleContract extends FeedContract {
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
                same.question(),
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

    private static Pairing used() {
        return Samples.active(1, 1, T0).used(Optional.of(T0));
    }

    private RelayStore openedWithIdle() {
        RelayStore next = open(
                new ProtocolLimits(
                        TERMS.retention(),
                        TERMS.replayWindow(),
                        TERMS.maxOpenRequests(),
                        TERMS.maxCiphertext(),
                        TERMS.maxAnswer(),
                        Optional.of(Duration.ofDays(90))),
                ROOMY);
        opened.add(next);
        return next;
    }

    @Test
    void anUnusedPairingIsDue() {
        store = openedWithIdle();
        put(Samples.active(1, 1, T0));
        assertThat(store.nextDue(), is(Optional.empty()));
        put(used());
        assertThat(store.nextDue(), is(Optional.of(T0.plus(Duration.ofDays(91)))));
        put(used().used(Optional.of(T0.plusSeconds(5))));
        assertThat(store.nextDue(), is(Optional.of(T0.plusSeconds(5).plus(Duration.ofDays(91)))));
        put(Samples.revoked(used(), T0).used(Optional.empty()));
        assertThat(store.nextDue(), is(Optional.of(T0.plus(TERMS.retention()))));
    }

    /** A removal that was interrupted is completed at once, and not when the pairings were unused for long. */
    @Test
    void theUnusedPairingOfARemovedDeviceIsDueAtOnce() {
        store = openedWithIdle();
        put(Samples.phone(1, T0));
        put(used());
        forgetDevice(1);
        assertThat(store.due(T0, 10), is(List.of(new DueRecord.OfPairing(pair(1)))));
    }

    @Test
    void activePairingIsNeverDueAndARevokedOneIs() {
        put(Samples.active(1, 1, T0));
        assertThat(store.nextDue(), is(Optional.empty()));
        put(Samples.revoked(Samples.active(1, 1, T0), T0));
        assertThat(store.nextDue(), is(Optional.of(T0.plus(TERMS.retention()))));
    }
}
