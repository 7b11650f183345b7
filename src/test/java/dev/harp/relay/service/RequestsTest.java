package dev.harp.relay.service;

import static dev.harp.relay.service.Rig.LONG;
import static dev.harp.relay.service.Rig.MINUTE;
import static dev.harp.relay.service.Rig.NO_WAIT;
import static dev.harp.relay.service.Rig.ok;
import static dev.harp.relay.service.Rig.parked;
import static dev.harp.relay.service.Rig.refused;
import static dev.harp.relay.service.Rig.soon;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Footprint;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Response;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Submission;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.memory.MemoryStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code docs/protocol.md}, section 7. */
@Timeout(300)
class RequestsTest {
    private final Rig rig = new Rig();
    private final Rig.Pair pair = rig.pair();

    @Test
    void requestIsResponded() {
        RequestId id = rig.submitted(pair, 1);
        assertThat(rig.state(pair, id), is("pending"));
        Request read = ok(rig.requests.read(pair.phone(), id));
        assertThat(read.envelope(), is(Optional.of(Samples.envelope(1))));
        assertThat(read.stateName(), is("delivered"));
        assertThat(ok(rig.respond(pair, id, 1)).stateName(), is("responded"));
        assertThat(
                ok(rig.requests.await(pair.platform(), id, LONG)).state(),
                is(new Request.Responded(Samples.answer(1), Samples.T0)));
    }

    /** Section 7.6: the device reads the envelope in every state. */
    @Test
    void deviceReadsEndedRequests() {
        RequestId id = rig.submitted(pair, 1);
        assertThat(ok(rig.requests.cancel(pair.platform(), id)).stateName(), is("cancelled"));
        Request read = ok(rig.requests.read(pair.phone(), id));
        assertThat(read.stateName(), is("cancelled"));
        assertThat(read.deliveredAt(), is(Optional.empty()));
    }

    // --- who may (section 2.4)

    @Test
    void requestIsVisibleToItsSidesOnly() {
        RequestId id = rig.submitted(pair, 1);
        Rig.Pair other = rig.pair();
        refused(ErrorCode.UNAUTHORIZED, rig.requests.await(other.platform(), id, LONG));
        refused(ErrorCode.UNAUTHORIZED, rig.requests.cancel(other.platform(), id));
        refused(ErrorCode.UNAUTHORIZED, rig.requests.read(other.phone(), id));
        refused(ErrorCode.UNAUTHORIZED, rig.requests.respond(other.phone(), id, Rig.anyAnswer()));
        refused(
                ErrorCode.UNAUTHORIZED,
                rig.requests
                        .submit(other.platform(), new Submission(pair.key(rig.id(2)), Samples.envelope(1), MINUTE))
                        .result());
        assertThat(rig.state(pair, id), is("pending"));
    }

    @Test
    void unknownRequestIsRefusedLikeAnotherPairings() {
        RequestId id = rig.id(99);
        refused(ErrorCode.UNAUTHORIZED, rig.requests.await(pair.platform(), id, LONG));
        refused(ErrorCode.UNAUTHORIZED, rig.requests.cancel(pair.platform(), id));
        refused(ErrorCode.UNAUTHORIZED, rig.requests.read(pair.phone(), id));
        refused(ErrorCode.UNAUTHORIZED, rig.requests.respond(pair.phone(), id, Rig.anyAnswer()));
    }

    @Test
    void removedPairingAcceptsNothing() {
        assertThat(ok(rig.pairings.revoke(pair.platform(), pair.id())).id(), is(pair.id()));
        refused(ErrorCode.PAIR_REVOKED, rig.submit(pair, rig.id(1)));
        rig.clock.advance(Duration.ofSeconds(300));
        rig.lifecycle.processDue();
        refused(ErrorCode.UNAUTHORIZED, rig.submit(pair, rig.id(1)));
    }

    @Test
    void sessionWithoutADeviceAcceptsNothing() {
        Caller.Platform platform = rig.platform(rig.session());
        Submission submission = new Submission(new RequestKey(platform.pair(), rig.id(1)), Samples.envelope(1), MINUTE);
        refused(ErrorCode.NOT_PAIRED, rig.requests.submit(platform, submission).result());
    }

    // --- ids (sections 7.2 to 7.4)

    @Test
    void aRetryHasNoSecondEffect() {
        RequestId id = rig.submitted(pair, 1);
        Requests.Submitted again = ok(rig.submit(pair, id));
        assertThat(again.repeated(), is(true));
        assertThat(again.request().expiresAt(), is(Samples.T0.plus(MINUTE)));
        assertThat(rig.store.levels().openRequests(), is(1));
        rig.clock.advance(MINUTE);
        assertThat(ok(rig.submit(pair, id)).request().stateName(), is("expired"));
    }

    @Test
    void anotherEnvelopeUnderTheSameIdIsRefused() {
        RequestId id = rig.submitted(pair, 1);
        refused(
                ErrorCode.DUPLICATE_REQUEST,
                rig.requests
                        .submit(pair.platform(), new Submission(pair.key(id), Samples.envelope(2), MINUTE))
                        .result());
    }

    @Test
    void theSameIdInTwoPairingsOfOneDeviceMeansTheFirst() {
        Rig.Pair second = rig.pair(pair.phone());
        RequestId id = rig.id(1);
        assertThat(ok(rig.submit(second, id)).repeated(), is(false));
        assertThat(ok(rig.submit(pair, id)).repeated(), is(false));
        assertThat(ok(rig.respond(pair, id, 1)).key().pair(), is(second.id()));
        assertThat(rig.state(pair, id), is("pending"));
    }

    @Test
    void aStaleIdIsRefused() {
        refused(ErrorCode.STALE_REQUEST_ID, rig.submit(pair, Samples.id(Samples.T0.minusSeconds(301), 1)));
        refused(ErrorCode.STALE_REQUEST_ID, rig.submit(pair, Samples.id(Samples.T0.plusSeconds(301), 1)));
    }

    /** Sections 7.4 and 7.10: an id takes effect once, whatever clock it comes from. */
    @Test
    void noIdTakesEffectTwice() {
        for (int offset = -300; offset <= 300; offset += 60) {
            Rig fresh = new Rig();
            Rig.Pair mine = fresh.pair();
            RequestId id = Samples.id(Samples.T0.plusSeconds(offset), 1);
            Submission submission = new Submission(mine.key(id), Samples.envelope(1), Duration.ofSeconds(1));
            int effects = 0;
            for (int second = 0; second <= 700; second++) {
                if (fresh.requests.submit(mine.platform(), submission).result()
                        instanceof Result.Ok<Requests.Submitted>(Requests.Submitted submitted)) {
                    effects += submitted.repeated() ? 0 : 1;
                }
                if (second == 0) {
                    assertThat(ok(fresh.requests.cancel(mine.platform(), id)).stateName(), is("cancelled"));
                }
                fresh.clock.advance(Duration.ofSeconds(1));
                fresh.lifecycle.processDue();
            }
            assertThat("offset " + offset, effects, is(1));
        }
    }

    /** Section 7.10. */
    @Test
    void responseIsKeptUntilTtlPlusRetention() {
        RequestId id = rig.submitted(pair, 1);
        assertThat(ok(rig.respond(pair, id, 1)).stateName(), is("responded"));
        rig.clock.advance(MINUTE.plusSeconds(300).minusMillis(1));
        rig.lifecycle.processDue();
        assertThat(rig.state(pair, id), is("responded"));
        assertThat(ok(rig.respond(pair, id, 1)).stateName(), is("responded"));
        rig.clock.advance(Duration.ofMillis(1));
        rig.lifecycle.processDue();
        refused(ErrorCode.UNAUTHORIZED, rig.requests.await(pair.platform(), id, NO_WAIT));
    }

    /** Section 4.5: for the retention time the platform can still read a revoked pairing's requests. */
    @Test
    void revokedPairingsRequestsAreReadableUntilItsRemoval() {
        RequestId open = rig.submitted(pair, 1);
        RequestId answered = rig.submitted(pair, 2);
        assertThat(ok(rig.respond(pair, answered, 1)).stateName(), is("responded"));
        assertThat(ok(rig.pairings.revoke(pair.phone(), pair.id())).id(), is(pair.id()));
        rig.clock.advance(Duration.ofSeconds(300).minusMillis(1));
        rig.lifecycle.processDue();
        assertThat(rig.state(pair, open), is("cancelled"));
        assertThat(rig.state(pair, answered), is("responded"));
        refused(ErrorCode.REQUEST_CANCELLED, rig.respond(pair, open, 1));
        rig.clock.advance(Duration.ofMillis(1));
        rig.lifecycle.processDue();
        refused(ErrorCode.UNAUTHORIZED, rig.requests.await(pair.platform(), open, NO_WAIT));
        refused(ErrorCode.UNAUTHORIZED, rig.respond(pair, answered, 1));
    }

    // --- refusals of ends (sections 7.7, 7.8)

    @Test
    void refusalDependsOnTheEnd() {
        RequestId answered = rig.submitted(pair, 1);
        RequestId withdrawn = rig.submitted(pair, 2);
        RequestId expired = rig.submitted(pair, 3);
        assertThat(ok(rig.respond(pair, answered, 1)).stateName(), is("responded"));
        assertThat(ok(rig.requests.cancel(pair.platform(), withdrawn)).stateName(), is("cancelled"));
        rig.clock.advance(MINUTE);
        refused(ErrorCode.ALREADY_RESPONDED, rig.respond(pair, answered, 2));
        refused(ErrorCode.REQUEST_CANCELLED, rig.respond(pair, withdrawn, 1));
        refused(ErrorCode.REQUEST_EXPIRED, rig.respond(pair, expired, 1));
        for (RequestId id : List.of(answered, withdrawn, expired)) {
            refused(ErrorCode.ALREADY_DECIDED, rig.requests.cancel(pair.platform(), id));
        }
    }

    // --- limits (sections 7.1, 9)

    @Test
    void openRequestsAreBounded() {
        RequestId first = rig.submitted(pair, 1);
        for (int i = 2; i <= 5; i++) {
            rig.submitted(pair, i);
        }
        refused(ErrorCode.TOO_MANY_OPEN_REQUESTS, rig.submit(pair, rig.id(6)));
        assertThat(ok(rig.submit(pair, first)).repeated(), is(true));
        assertThat(ok(rig.respond(pair, first, 1)).stateName(), is("responded"));
        rig.submitted(pair, 7);
    }

    /** Section 9.1 with 7.9: expired requests are not open, even if the relay has not stored that yet. */
    @Test
    void expiredRequestsDoNotCountAsOpen() {
        for (int i = 1; i <= 5; i++) {
            rig.submitted(pair, i);
        }
        rig.clock.advance(MINUTE);
        assertThat(ok(rig.submit(pair, rig.id(6))).repeated(), is(false));
    }

    @Test
    void onlyNewRequestsUseUpTheRateLimit() {
        Rig limited = new Rig(new MemoryStore(Samples.TERMS, Rig.ROOMY), Samples.TERMS, 3, 10);
        Rig.Pair mine = limited.pair();
        Rig.Pair other = limited.pair();
        RequestId first = limited.submitted(mine, 1);
        for (int i = 0; i < 20; i++) {
            assertThat(ok(limited.submit(mine, first)).repeated(), is(true));
            refused(
                    ErrorCode.DUPLICATE_REQUEST,
                    limited.requests
                            .submit(mine.platform(), new Submission(mine.key(first), Samples.envelope(2), MINUTE))
                            .result());
            refused(ErrorCode.STALE_REQUEST_ID, limited.submit(mine, Samples.id(Samples.T0.minusSeconds(999), i)));
        }
        limited.submitted(mine, 2);
        limited.submitted(mine, 3);
        Result<Requests.Submitted> fourth = limited.submit(mine, limited.id(4));
        refused(ErrorCode.RATE_LIMITED, fourth);
        assertThat(
                ((Result.Refused<Requests.Submitted>) fourth).refusal().retryAfter(),
                is(Optional.of(Duration.ofSeconds(20))));
        assertThat(ok(limited.submit(mine, first)).repeated(), is(true));
        limited.submitted(other, 5);
        assertThat(limited.store.levels().openRequests(), is(4));
    }

    @Test
    void refusedSubmissionsUseUpNothing() {
        Rig limited = new Rig(new MemoryStore(Samples.TERMS, Rig.ROOMY), Samples.TERMS, 6, 10);
        Rig.Pair mine = limited.pair();
        for (int i = 1; i <= 5; i++) {
            limited.submitted(mine, i);
        }
        for (int i = 0; i < 20; i++) {
            refused(ErrorCode.TOO_MANY_OPEN_REQUESTS, limited.submit(mine, limited.id(100 + i)));
        }
        assertThat(ok(limited.respond(mine, limited.id(1), 1)).stateName(), is("responded"));
        limited.submitted(mine, 6);
    }

    /** Section 7.7: a full relay accepts no new request, and every response. */
    @Test
    void fullRelayAcceptsTheLargestResponse() {
        Request sample =
                Request.submitted(Samples.key(1, 1), Samples.device(1), Samples.envelope(1), Samples.T0, Samples.T0);
        long room = 2L * Footprint.RECORD + "payload".length() + Footprint.of(sample, Samples.TERMS);
        Rig full = new Rig(new MemoryStore(Samples.TERMS, new Capacity(room, 9, 9)), Samples.TERMS, 0, 10);
        Rig.Pair mine = full.pair();
        RequestId id = full.submitted(mine, 1);
        refused(ErrorCode.RELAY_FULL, full.submit(mine, full.id(2)));
        assertThat(ok(full.submit(mine, id)).repeated(), is(true));
        Response largest = new Response(
                Samples.text(ProtocolLimits.MAX_NONCE),
                Samples.text(Samples.TERMS.maxCiphertext()),
                Optional.of(Samples.text(ProtocolLimits.MAX_SIGNATURE)));
        assertThat(ok(full.requests.respond(mine.phone(), id, largest)).stateName(), is("responded"));
        refused(ErrorCode.RELAY_FULL, full.submit(mine, full.id(3)));
    }

    // --- long polls (sections 7.5, 8)

    @Test
    void aPollIsWokenByEveryEnd() {
        RequestId answered = rig.submitted(pair, 1);
        RequestId withdrawn = rig.submitted(pair, 2);
        RequestId expired = rig.submitted(pair, 3);
        Future<Result<Request>> one = parked(() -> rig.requests.await(pair.platform(), answered, LONG));
        Future<Result<Request>> two = parked(() -> rig.requests.await(pair.platform(), withdrawn, LONG));
        Future<Result<Request>> three = parked(() -> rig.requests.await(pair.platform(), expired, LONG));
        assertThat(ok(rig.respond(pair, answered, 1)).stateName(), is("responded"));
        assertThat(ok(soon(one)).stateName(), is("responded"));
        assertThat(ok(rig.requests.cancel(pair.platform(), withdrawn)).stateName(), is("cancelled"));
        assertThat(ok(soon(two)).stateName(), is("cancelled"));
        assertThat(three.isDone(), is(false));
        rig.clock.advance(MINUTE);
        rig.lifecycle.processDue();
        assertThat(ok(soon(three)).stateName(), is("expired"));
        assertThat(rig.room.waiters(), is(0));
    }

    @Test
    void aPollIsWokenByTheRevocationAndByTheDevicesRemoval() {
        RequestId id = rig.submitted(pair, 1);
        Future<Result<Request>> poll = parked(() -> rig.requests.await(pair.platform(), id, LONG));
        assertThat(ok(rig.pairings.revoke(pair.phone(), pair.id())).id(), is(pair.id()));
        assertThat(ok(soon(poll)).stateName(), is("cancelled"));
        Rig.Pair next = rig.pair();
        RequestId other = rig.submitted(next, 2);
        Future<Result<Request>> second = parked(() -> rig.requests.await(next.platform(), other, LONG));
        assertThat(ok(rig.devices.remove(next.phone())), is(next.phone().device()));
        assertThat(ok(soon(second)).stateName(), is("cancelled"));
    }

    /** Section 7.5: the poll does not end when the request becomes delivered. */
    @Test
    void aPollIsNotEndedByTheDelivery() {
        RequestId id = rig.submitted(pair, 1);
        Future<Result<Request>> poll = parked(() -> rig.requests.await(pair.platform(), id, LONG));
        assertThat(ok(rig.requests.read(pair.phone(), id)).stateName(), is("delivered"));
        assertThat(poll.isDone(), is(false));
        assertThat(ok(rig.respond(pair, id, 1)).stateName(), is("responded"));
        assertThat(ok(soon(poll)).stateName(), is("responded"));
    }
}
