package dev.harp.relay.service;

import static dev.harp.relay.service.Rig.NO_WAIT;
import static dev.harp.relay.service.Rig.ok;
import static dev.harp.relay.service.Rig.refused;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;

import dev.harp.relay.limit.Allowance;
import dev.harp.relay.protocol.Callback;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Submission;
import dev.harp.relay.protocol.Transitions;
import dev.harp.relay.store.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** {@code docs/protocol.md}, section 7.10: what has ended gives its room back. */
class FetchedAnswersTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration RETENTION = Samples.TERMS.retention();

    private final Rig rig = new Rig();
    private final Rig.Pair pair = rig.pair();

    private RequestId answered() {
        RequestId id = rig.id(1);
        Submission submission = new Submission(pair.key(id), Samples.envelope(1), DAY);
        assertThat(ok(rig.requests.submit(pair.platform(), submission).result()).repeated(), is(false));
        rig.clock.advance(Duration.ofSeconds(20));
        assertThat(ok(rig.respond(pair, id, 1)).stateName(), is("responded"));
        return id;
    }

    private void advance(Duration time) {
        rig.clock.advance(time);
        rig.lifecycle.processDue();
    }

    private boolean known(RequestId id) {
        return rig.store.request(pair.key(id)).isPresent();
    }

    @Test
    void aFetchedAnswerIsKeptForTheRetentionTimeAndNoLonger() {
        RequestId id = answered();
        assertThat(rig.state(pair, id), is("responded"));
        advance(RETENTION.minusMillis(1));
        assertThat("who has lost the answer reads it again", rig.state(pair, id), is("responded"));
        advance(Duration.ofMillis(1));
        refused(ErrorCode.UNAUTHORIZED, rig.requests.await(pair.platform(), id, NO_WAIT));
        refused(ErrorCode.STALE_REQUEST_ID, rig.submit(pair, id));
    }

    @Test
    void anAnswerThatNobodyHasFetchedIsKeptUntilTtlPlusRetention() {
        RequestId id = answered();
        advance(DAY.minusSeconds(20).plus(RETENTION).minusMillis(1));
        assertThat(rig.state(pair, id), is("responded"));
        advance(Duration.ofMillis(1));
        assertThat("a late fetch prolongs nothing", known(id), is(false));
    }

    @Test
    void aDeviceThatReadsItsAnswerHasNotFetchedItForThePlatform() {
        RequestId id = answered();
        assertThat(ok(rig.requests.read(pair.phone(), id)).stateName(), is("responded"));
        assertThat(ok(rig.respond(pair, id, 1)).stateName(), is("responded"));
        advance(RETENTION.multipliedBy(2));
        assertThat(rig.state(pair, id), is("responded"));
    }

    @Test
    void anAnswerThatAStreamHasSentIsFetched() {
        RequestId id = answered();
        RequestLists lists = new RequestLists(rig.store, rig.lifecycle, 10, 1000);
        assertThat(
                lists.history(pair.id(), Optional.empty(), Allowance.UNBOUNDED)
                        .entries()
                        .size(),
                is(1));
        advance(RETENTION);
        assertThat(known(id), is(false));
    }

    @Test
    void anIdOfAFastClockStaysKnownUntilItIsStale() {
        RequestId id = Samples.id(rig.clock.instant().plus(Samples.TERMS.replayWindow()), 1);
        assertThat(ok(rig.submit(pair, id)).repeated(), is(false));
        assertThat(ok(rig.respond(pair, id, 1)).stateName(), is("responded"));
        assertThat(rig.state(pair, id), is("responded"));
        advance(RETENTION);
        assertThat(known(id), is(true));
        advance(Samples.TERMS.replayWindow());
        assertThat("and no longer than one that nobody has fetched", known(id), is(true));
        advance(Duration.ofSeconds(5));
        assertThat(known(id), is(false));
    }

    @Test
    void aWebhookThatIsStillToBeSentKeepsItsRequest() {
        RequestKey key = pair.key(rig.id(1));
        Callback callback = new Callback("https://hooks.example/", "0123456789abcdef");
        Submission submission = new Submission(key, Samples.envelope(1), DAY, false, Optional.of(callback));
        var _ = rig.store.changeRequest(
                key,
                (pairing, known, open) -> Change.to(
                        ok(Transitions.submit(pairing, known, submission, open, Samples.TERMS, rig.clock.instant())),
                        key));
        assertThat(ok(rig.respond(pair, key.request(), 1)).stateName(), is("responded"));
        assertThat(rig.state(pair, key.request()), is("responded"));
        advance(RETENTION);
        assertThat(known(key.request()), is(true));
    }

    /** Section 7.2: the digest tells a repeated submission from another one. */
    @Test
    void theEnvelopeGoesAtTheEndAndItsDigestStays() {
        RequestId id = rig.submitted(pair, 1);
        long before = rig.store.levels().bytes();
        assertThat(ok(rig.respond(pair, id, 1)).envelope(), is(Optional.empty()));
        assertThat(rig.store.levels().bytes(), is(lessThan(before)));
        Requests.Submitted again = ok(rig.submit(pair, id));
        assertThat(again.repeated(), is(true));
        assertThat(again.request().stateName(), is("responded"));
        refused(
                ErrorCode.DUPLICATE_REQUEST,
                rig.requests
                        .submit(pair.platform(), new Submission(pair.key(id), Samples.envelope(2), Rig.MINUTE))
                        .result());
        Request read = ok(rig.requests.read(pair.phone(), id));
        assertThat(read.envelope(), is(Optional.empty()));
    }

    @Test
    void whatIsNotedIsBounded() {
        FetchedAnswers fetched = new FetchedAnswers(3);
        Instant now = Samples.T0;
        for (int i = 0; i <= 3; i++) {
            fetched.note(Samples.key(i, 1), now);
        }
        int removed = 0;
        while (fetched.due(now).isPresent()) {
            removed++;
        }
        assertThat(removed, is(3));
    }
}
