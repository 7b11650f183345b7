package dev.harp.relay.service;

import static dev.harp.relay.service.Rig.LONG;
import static dev.harp.relay.service.Rig.MINUTE;
import static dev.harp.relay.service.Rig.ok;
import static dev.harp.relay.service.Rig.parked;
import static dev.harp.relay.service.Rig.refused;
import static dev.harp.relay.service.Rig.soon;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import dev.harp.relay.protocol.Envelope;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Submission;
import dev.harp.relay.store.memory.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code docs/protocol.md}, section 7, with many calls at once. */
@Timeout(300)
class RequestRacesTest {
    private final Rig rig = new Rig();
    private final Rig.Pair pair = rig.pair();

    /** Section 13.2: one of a thousand responses wins, and every read and every poll sees that one. */
    @Test
    void oneOfAThousandResponsesWins() {
        RequestId id = rig.submitted(pair, 1);
        List<Future<Result<Request>>> polls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            polls.add(parked(() -> rig.requests.await(pair.platform(), id, LONG)));
        }
        List<Result<Request>> all = Crowd.of(1000, number -> rig.respond(pair, id, number));
        List<Request> won =
                all.stream().filter(Result.Ok.class::isInstance).map(Rig::ok).toList();
        assertThat(won, hasSize(1));
        all.stream().filter(Result.Refused.class::isInstance).forEach(one -> refused(ErrorCode.ALREADY_RESPONDED, one));
        for (Future<Result<Request>> poll : polls) {
            assertThat(ok(soon(poll)), is(won.getFirst()));
        }
        assertThat(ok(rig.requests.read(pair.phone(), id)), is(won.getFirst()));
    }

    /** Section 7.9: exactly one final state is reached, and no call ever sees another. */
    @Test
    void racingEndsExcludeEachOther() {
        for (int round = 0; round < 100; round++) {
            Rig.Pair mine = rig.pair();
            RequestId id = rig.submitted(mine, 1);
            List<Future<Result<Request>>> polls = List.of(parked(() -> rig.requests.await(mine.platform(), id, LONG)));
            List<String> seen = Crowd.of(5, who -> {
                switch (who) {
                    case 0 -> rig.respond(mine, id, 1);
                    case 1 -> rig.requests.cancel(mine.platform(), id);
                    case 2 -> rig.pairings.revoke(mine.phone(), mine.id());
                    case 3 -> {
                        rig.clock.advance(MINUTE);
                        rig.lifecycle.processDue();
                    }
                    default -> rig.requests.read(mine.phone(), id);
                }
                return rig.state(mine, id);
            });
            String end = rig.state(mine, id);
            assertThat(seen.subList(0, 4), everyItem(is(end)));
            assertThat(ok(soon(polls.getFirst())).stateName(), is(end));
        }
    }

    /** Section 4.5: a revocation races submissions, and no open request is left. */
    @Test
    void noOpenRequestSurvivesARevocation() {
        for (int round = 0; round < 100; round++) {
            Rig.Pair mine = rig.pair();
            List<Object> answers = Crowd.of(
                    5,
                    who -> who == 2 ? rig.pairings.revoke(mine.platform(), mine.id()) : rig.submit(mine, rig.id(who)));
            assertThat(answers, hasSize(5));
            assertThat(rig.store.openRequests(mine.id()), hasSize(0));
            for (int who : new int[] {0, 1, 3, 4}) {
                if (answers.get(who) instanceof Result.Ok<?>) {
                    assertThat(rig.state(mine, rig.id(who)), is("cancelled"));
                }
            }
        }
        assertThat(rig.store.levels().openRequests(), is(0));
    }

    @Test
    void theSameSubmissionManyTimesAtOnceIsOneRequest() {
        RequestId id = rig.id(1);
        List<Result<Requests.Submitted>> all = Crowd.of(100, _ -> rig.submit(pair, id));
        assertThat(all.stream().filter(one -> !ok(one).repeated()).count(), is(1L));
        assertThat(rig.store.levels().openRequests(), is(1));
    }

    /** Section 9.2: retries do not use up the limit, even those that race the first call. */
    @Test
    void racingRetriesAreNotRateLimited() {
        HookedStore hooked = new HookedStore(new MemoryStore(Samples.TERMS, Rig.ROOMY));
        Rig limited = new Rig(hooked.store(), Samples.TERMS, 1, 10);
        Rig.Pair mine = limited.pair();
        RequestId id = limited.id(1);
        hooked.after(
                "changeRequest", () -> assertThat(ok(limited.submit(mine, id)).repeated(), is(false)));
        assertThat(ok(limited.submit(mine, id)).repeated(), is(true));
    }

    @Test
    void theMaximumOfOpenRequestsHoldsInARace() {
        List<Result<Requests.Submitted>> all = Crowd.of(100, number -> rig.submit(pair, rig.id(number)));
        assertThat(all.stream().filter(Result.Ok.class::isInstance).count(), is(5L));
        assertThat(rig.store.openRequests(pair.id()).size(), is(lessThanOrEqualTo(5)));
    }

    /** A revoked pairing whose requests are not yet cancelled in the store has no open request for any call. */
    @Test
    void incompleteRevocationIsVisibleToEveryCall() {
        RequestId id = rig.submitted(pair, 1);
        Pairing active = rig.store.pairing(pair.id()).orElseThrow();
        assertThat(
                rig.store.changePairing(
                        pair.id(),
                        _ -> dev.harp.relay.store.Change.to(Samples.revoked(active, rig.clock.instant()), true)),
                is(new dev.harp.relay.store.StoreResult.Done<>(true)));
        refused(ErrorCode.REQUEST_CANCELLED, rig.respond(pair, id, 1));
        assertThat(rig.state(pair, id), is("cancelled"));
    }

    @Test
    void textIsUnchanged() {
        Envelope odd = new Envelope("-_-_", "AAAA-_==");
        RequestId id = rig.id(1);
        assertThat(
                ok(rig.requests
                                .submit(pair.platform(), new Submission(pair.key(id), odd, MINUTE))
                                .result())
                        .repeated(),
                is(false));
        assertThat(ok(rig.requests.read(pair.phone(), id)).envelope(), is(Optional.of(odd)));
    }
}
