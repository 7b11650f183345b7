package dev.harp.relay.protocol;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.device;
import static dev.harp.relay.protocol.Samples.envelope;
import static dev.harp.relay.protocol.Samples.id;
import static dev.harp.relay.protocol.Samples.key;
import static dev.harp.relay.protocol.Samples.pair;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docs/protocol.md}, sections 7.1 to 7.4 and 7.10: accepting a request, its retry, and its removal. */
class SubmissionTest {
    private static final Duration TTL = Duration.ofSeconds(60);
    private static final Pairing PAIRING = Samples.active(1, 1, T0);
    private static final Submission SUBMISSION = new Submission(key(1, 1), envelope(1), TTL);
    private static final Request KNOWN = Request.submitted(key(1, 1), device(1), envelope(1), T0, T0.plus(TTL));

    @Test
    void aNewRequestIsPendingForItsTtl() {
        Instant now = T0.plusMillis(123);
        assertThat(
                submit(PAIRING, Optional.empty(), SUBMISSION, 0, now),
                is(Result.ok(Request.submitted(key(1, 1), device(1), envelope(1), now, now.plus(TTL)))));
    }

    /** Section 7.1, step 1. */
    @Test
    void thePairingHasToBeActive() {
        Instant end = T0.plusSeconds(300);
        assertThat(code(submit(Samples.pending(1, T0), Optional.empty(), SUBMISSION, 0, T0)), is("NOT_PAIRED"));
        assertThat(code(submit(Samples.pending(1, T0), Optional.empty(), SUBMISSION, 0, end)), is("PAIRING_EXPIRED"));
        assertThat(code(submit(Samples.revoked(PAIRING, T0), Optional.empty(), SUBMISSION, 0, T0)), is("PAIR_REVOKED"));
    }

    /** Section 7.9, row "submission after revocation": even a retry. */
    @Test
    void aRetryAfterTheRevocationIsRefusedToo() {
        assertThat(
                code(submit(Samples.revoked(PAIRING, T0), Optional.of(KNOWN), SUBMISSION, 0, T0)), is("PAIR_REVOKED"));
    }

    /** Section 7.2: the state is the present one; the ttl of the retry is ignored. */
    @Test
    void sameEnvelopeAgainIsTheKnownRequest() {
        Submission retry = new Submission(key(1, 1), envelope(1), Duration.ofSeconds(5000));
        assertThat(submit(PAIRING, Optional.of(KNOWN), retry, 1, T0.plusSeconds(1)), is(Result.ok(KNOWN)));
        assertThat(
                submit(PAIRING, Optional.of(KNOWN), retry, 1, T0.plus(TTL)),
                is(Result.ok(KNOWN.ended(new Request.Expired()))));
    }

    @Test
    void anotherNonceOrCiphertextIsADuplicate() {
        for (Envelope other : new Envelope[] {
            new Envelope("x", envelope(1).ciphertext()),
            new Envelope(envelope(1).nonce(), "x")
        }) {
            Submission submission = new Submission(key(1, 1), other, TTL);
            assertThat(code(submit(PAIRING, Optional.of(KNOWN), submission, 0, T0)), is("DUPLICATE_REQUEST"));
        }
    }

    /** Section 7.4: a known id is accepted however old it is, and however many requests are open. */
    @Test
    void aKnownIdIsNeitherTooOldNorTooMany() {
        Instant late = T0.plusSeconds(100_000);
        assertThat(
                submit(PAIRING, Optional.of(KNOWN), SUBMISSION, TERMS.maxOpenRequests(), late),
                is(Result.ok(KNOWN.ended(new Request.Expired()))));
    }

    /** Section 7.4: the limits of the window are inside, in both directions. */
    @ParameterizedTest
    @CsvSource({"-300000, -", "-300001, STALE_REQUEST_ID", "300000, -", "300001, STALE_REQUEST_ID", "0, -"})
    void replayWindowIncludesItsLimits(long offset, String refusal) {
        assertThat(code(submit(PAIRING, Optional.empty(), SUBMISSION, 0, T0.plusMillis(offset))), is(refusal));
    }

    @Test
    void refusalOfAStaleIdGivesTheDifference() {
        assertThat(
                detail(submit(PAIRING, Optional.empty(), SUBMISSION, 0, T0.plusSeconds(1234))),
                allOf(containsString("1234 s"), containsString("behind"), containsString("300 s")));
        assertThat(
                detail(submit(PAIRING, Optional.empty(), SUBMISSION, 0, T0.minusSeconds(1234))),
                allOf(containsString("1234 s"), containsString("ahead")));
        assertThat(
                detail(submit(PAIRING, Optional.empty(), SUBMISSION, 0, T0.plusMillis(300_001))),
                containsString("301 s behind"));
    }

    /** The extreme times that a UUIDv7 can carry: 1970, and the year 10889. */
    @ParameterizedTest
    @ValueSource(strings = {"00000000-0000-7000-8000-000000000000", "ffffffff-ffff-7fff-bfff-ffffffffffff"})
    void extremeIdsAreStale(String text) {
        RequestId id = RequestId.parse(text).orElseThrow();
        Submission submission = new Submission(new RequestKey(pair(1), id), envelope(1), TTL);
        assertThat(code(submit(PAIRING, Optional.empty(), submission, 0, T0)), is("STALE_REQUEST_ID"));
    }

    @Test
    void theMaximumOfOpenRequestsIsAllowedAndNotOneMore() {
        assertThat(code(submit(PAIRING, Optional.empty(), SUBMISSION, 4, T0)), is("-"));
        Result<Request> one = submit(PAIRING, Optional.empty(), SUBMISSION, 5, T0);
        assertThat(code(one), is("TOO_MANY_OPEN_REQUESTS"));
        assertThat(((Result.Refused<Request>) one).refusal().retryAfter().isPresent(), is(true));
    }

    /** Section 7.1: the order of the rules. */
    @Test
    void aStaleIdIsStaleHoweverManyAreOpen() {
        assertThat(code(submit(PAIRING, Optional.empty(), SUBMISSION, 5, T0.plusSeconds(301))), is("STALE_REQUEST_ID"));
    }

    /** Section 7.10: how long a request is kept after each end. */
    @Test
    void eachEndIsKeptForItsTime() {
        Instant at = T0.plusSeconds(20);
        assertThat(TERMS.dueAt(KNOWN), is(T0.plus(TTL)));
        assertThat(TERMS.dueAt(KNOWN.ended(new Request.Expired())), is(T0.plusSeconds(60 + 300)));
        assertThat(
                TERMS.dueAt(KNOWN.ended(new Request.Responded(Samples.answer(1), at))), is(T0.plusSeconds(60 + 300)));
        assertThat(TERMS.dueAt(KNOWN.ended(new Request.Cancelled(at))), is(T0.plusSeconds(20 + 300)));
    }

    /**
     * Sections 7.4 and 7.10: an id from a clock that is 300 s fast, cancelled at once, is kept past the retention time,
     * until it is stale, also by the clock of another relay that is 5 s behind.
     */
    @Test
    void anIdFromAFastClockIsKeptUntilItIsStale() {
        RequestKey fast = new RequestKey(pair(1), id(T0.plusSeconds(300), 1));
        Submission submission = new Submission(fast, envelope(1), TTL);
        assertThat(code(submit(PAIRING, Optional.empty(), submission, 0, T0)), is("-"));
        Request cancelled = Request.submitted(fast, device(1), envelope(1), T0, T0.plus(TTL))
                .ended(new Request.Cancelled(T0));
        Instant forgotten = TERMS.dueAt(cancelled);
        assertThat(forgotten, is(T0.plusSeconds(605)));
        assertThat(
                code(submit(PAIRING, Optional.empty(), submission, 0, forgotten.minusMillis(4999))),
                is("STALE_REQUEST_ID"));
        assertThat(code(submit(PAIRING, Optional.empty(), submission, 0, forgotten.minusSeconds(5))), is("-"));
    }

    /** Section 7.4, as a property: when a request is removed, its id is stale. */
    @Test
    void removedRequestHasAStaleId() {
        for (int offset = -300_000; offset <= 300_000; offset += 997) {
            RequestKey key = new RequestKey(pair(1), id(T0.plusMillis(offset), 1));
            Submission submission = new Submission(key, envelope(1), Duration.ofSeconds(1));
            Request request = Request.submitted(key, device(1), envelope(1), T0, T0.plusSeconds(1));
            for (Request.State end : new Request.State[] {
                new Request.Expired(), new Request.Cancelled(T0), new Request.Responded(Samples.answer(1), T0)
            }) {
                Instant forgotten = TERMS.dueAt(request.ended(end));
                assertThat(code(submit(PAIRING, Optional.empty(), submission, 0, forgotten)), is("STALE_REQUEST_ID"));
            }
        }
    }

    /** Section 4.6. */
    @Test
    void dueTimeOfAPairing() {
        Pairing pending = Samples.pending(1, T0);
        assertThat(TERMS.dueAt(pending), is(Optional.of(T0.plusSeconds(300))));
        assertThat(TERMS.dueAt(PAIRING), is(Optional.empty()));
        assertThat(
                TERMS.dueAt(pending.withState(new Pairing.Closed(Pairing.Closed.Why.TIME, T0))),
                is(Optional.of(T0.plusSeconds(300))));
        assertThat(TERMS.dueAt(Samples.revoked(PAIRING, T0)), is(Optional.of(T0.plusSeconds(300))));
    }

    private static Result<Request> submit(
            Pairing pairing, Optional<Request> known, Submission submission, int open, Instant now) {
        return Transitions.submit(pairing, known, submission, open, TERMS, now);
    }

    private static String code(Result<Request> result) {
        return result instanceof Result.Refused<Request>(Refusal refusal)
                ? refusal.code().name()
                : "-";
    }

    private static String detail(Result<Request> result) {
        return ((Result.Refused<Request>) result).refusal().detail();
    }
}
