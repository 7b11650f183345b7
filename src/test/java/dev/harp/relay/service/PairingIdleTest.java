package dev.harp.relay.service;

import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.service.Rig.ok;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.sameInstance;

import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.PairingEvent;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Submission;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.memory.MemoryStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code docs/protocol.md}, section 4.7: a pairing that nobody uses ends. */
@Timeout(300)
class PairingIdleTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration MILLI = Duration.ofMillis(1);

    /** 90 days, and one because not each use is stored. */
    private static final Duration IDLE = Duration.ofDays(91);

    private final RelayStore store = new MemoryStore(terms(Optional.of(Duration.ofDays(90))), Rig.ROOMY);
    private final Rig rig = rig(store, Optional.of(Duration.ofDays(90)));
    private final Rig.Pair pair = rig.pair();

    private static ProtocolLimits terms(Optional<Duration> idle) {
        return new ProtocolLimits(
                TERMS.retention(),
                TERMS.replayWindow(),
                TERMS.maxOpenRequests(),
                TERMS.maxCiphertext(),
                TERMS.maxAnswer(),
                idle);
    }

    private static Rig rig(RelayStore store, Optional<Duration> idle) {
        return new Rig(store, terms(idle), 0, 10_000);
    }

    private Pairing pairing() {
        return store.pairing(pair.id()).orElseThrow();
    }

    private void after(Duration time) {
        rig.clock.advance(time);
        rig.lifecycle.processDue();
    }

    @Test
    void unusedItEndsAsIfRevoked() {
        after(IDLE.minus(MILLI));
        assertThat(pairing().state(), is(instanceOf(Pairing.Active.class)));
        after(MILLI);
        assertThat(
                pairing().state(),
                is(new Pairing.Revoked(Optional.of(pair.phone().device()), rig.clock.instant())));
        Rig.refused(ErrorCode.PAIR_REVOKED, rig.submit(pair, rig.id(1)));
        Rig.refused(ErrorCode.PAIR_REVOKED, rig.pairings.await(pair.platform(), Wait.NONE));
        after(TERMS.retention());
        assertThat(store.pairing(pair.id()), is(Optional.empty()));
    }

    @Test
    void aUseJustBeforeTheEndProlongsIt() {
        after(IDLE.minus(MILLI));
        rig.submitted(pair, 1);
        after(MILLI);
        after(IDLE.minus(MILLI).minus(MILLI));
        assertThat(pairing().state(), is(instanceOf(Pairing.Active.class)));
        after(MILLI);
        assertThat(pairing().state(), is(instanceOf(Pairing.Revoked.class)));
    }

    /** At one and the same moment the end and the use come in one order or the other, and never both. */
    @Test
    void theEndAndAUseAtTheSameMoment() {
        rig.clock.advance(IDLE);
        PairingEvent.Tick end = new PairingEvent.Tick(Optional.of(Duration.ofDays(90)));
        Rig.Pair other = rig.pair(pair.phone());
        rig.clock.advance(IDLE);
        assertThat(
                rig.lifecycle
                        .apply(other.id(), new PairingEvent.Use())
                        .orElseThrow()
                        .refusal(),
                is(Optional.empty()));
        assertThat(
                rig.lifecycle.apply(other.id(), end).orElseThrow().record().state(),
                is(instanceOf(Pairing.Active.class)));
        assertThat(
                rig.lifecycle.apply(pair.id(), end).orElseThrow().record().state(),
                is(instanceOf(Pairing.Revoked.class)));
        assertThat(
                rig.lifecycle
                        .apply(pair.id(), new PairingEvent.Use())
                        .orElseThrow()
                        .refusal()
                        .orElseThrow()
                        .code(),
                is(ErrorCode.PAIR_REVOKED));
        Rig.refused(ErrorCode.PAIR_REVOKED, rig.submit(pair, rig.id(1)));
        assertThat(ok(rig.submit(other, rig.id(2))).repeated(), is(false));
    }

    /** A submission costs no further write, except once a day. */
    @Test
    void aUseIsStoredOnceADay() {
        Instant joined = rig.clock.instant();
        rig.clock.advance(DAY.minus(MILLI));
        Pairing before = pairing();
        rig.submitted(pair, 1);
        assertThat(pairing(), is(sameInstance(before)));
        assertThat(pairing().usedAt(), is(Optional.of(joined)));
        rig.clock.advance(MILLI);
        rig.submitted(pair, 2);
        assertThat(pairing().usedAt(), is(Optional.of(joined.plus(DAY))));
    }

    @Test
    void refusalsAndRepetitionsAreNoUse() {
        RequestId id = rig.submitted(pair, 1);
        Instant used = pairing().usedAt().orElseThrow();
        rig.clock.advance(DAY);
        Rig.refused(ErrorCode.STALE_REQUEST_ID, rig.submit(pair, Samples.id(Samples.T0, 9)));
        var _ = rig.submit(pair, id);
        assertThat(pairing().usedAt(), is(Optional.of(used)));
    }

    /** With the shortest bound and the longest TTL, too. */
    @Test
    void noAcceptedRequestIsCancelledByIt() {
        Rig brief = rig(new MemoryStore(terms(Optional.of(DAY)), Rig.ROOMY), Optional.of(DAY));
        Rig.Pair own = brief.pair();
        brief.clock.advance(DAY.minus(MILLI));
        RequestId id = brief.id(1);
        assertThat(
                ok(brief.requests
                                .submit(own.platform(), new Submission(own.key(id), Samples.envelope(1), DAY))
                                .result())
                        .repeated(),
                is(false));
        brief.clock.advance(DAY.minus(MILLI));
        brief.lifecycle.processDue();
        assertThat(ok(brief.respond(own, id, 1)).stateName(), is("responded"));
    }

    /** Nobody knows when such a pairing was last used. It must not end because the relay was updated. */
    @Test
    void aPairingOfAnEarlierVersionCountsAsUsedWhenItIsFirstSeen() {
        var _ = store.changePairing(
                pair.id(), known -> Change.to(known.orElseThrow().used(Optional.empty()), true));
        rig.clock.advance(Duration.ofDays(1000));
        rig.lifecycle.processDue();
        assertThat(pairing().state(), is(instanceOf(Pairing.Active.class)));
        assertThat(pairing().usedAt(), is(Optional.of(rig.clock.instant())));
        after(IDLE);
        assertThat(pairing().state(), is(instanceOf(Pairing.Revoked.class)));
    }

    @Test
    void withoutABoundItNeverEnds() {
        Rig ever = rig(new MemoryStore(terms(Optional.empty()), Rig.ROOMY), Optional.empty());
        Rig.Pair own = ever.pair();
        ever.clock.advance(Duration.ofDays(10_000));
        ever.lifecycle.processDue();
        ever.submitted(own, 1);
    }

    /** It is due by the shorter bound that the store was opened with, and then by the longer one. */
    @Test
    void aLongerBoundCounts() {
        Rig longer = rig(store, Optional.of(Duration.ofDays(200)));
        longer.clock.advance(IDLE);
        longer.lifecycle.processDue();
        assertThat(pairing().state(), is(instanceOf(Pairing.Active.class)));
        longer.clock.advance(Duration.ofDays(110));
        longer.lifecycle.processDue();
        assertThat(pairing().state(), is(instanceOf(Pairing.Revoked.class)));
    }
}
