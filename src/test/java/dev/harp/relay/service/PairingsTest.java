package dev.harp.relay.service;

import static dev.harp.relay.service.Rig.LONG;
import static dev.harp.relay.service.Rig.NO_WAIT;
import static dev.harp.relay.service.Rig.ok;
import static dev.harp.relay.service.Rig.parked;
import static dev.harp.relay.service.Rig.refused;
import static dev.harp.relay.service.Rig.soon;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Footprint;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.memory.MemoryStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code docs/protocol.md}, section 4. */
@Timeout(300)
class PairingsTest {
    private static final Optional<String> PAYLOAD = Optional.of("payload");
    private final Rig rig = new Rig();

    @Test
    void aSessionIsPendingForItsTtl() {
        Pairings.Opened opened = ok(rig.pairings.open(Samples.secret(1), Duration.ofSeconds(30), Opener.NONE));
        assertThat(opened.pairing().expiresAt(), is(Samples.T0.plusSeconds(30)));
        PairId id = opened.pairing().id();
        assertThat(ok(platformReads(id)).state(), is(new Pairing.Pending(0)));
        rig.clock.advance(Duration.ofSeconds(30));
        refused(ErrorCode.PAIRING_EXPIRED, platformReads(id));
    }

    /** Section 4.4: an ended session is readable for the retention time, then it is unknown. */
    @Test
    void endedSessionIsRemovedAfterTheRetentionTime() {
        PairId id = rig.session();
        rig.clock.advance(Duration.ofSeconds(600).minusMillis(1));
        rig.lifecycle.processDue();
        refused(ErrorCode.PAIRING_EXPIRED, platformReads(id));
        rig.clock.advance(Duration.ofMillis(1));
        rig.lifecycle.processDue();
        refused(ErrorCode.UNAUTHORIZED, platformReads(id));
        refused(ErrorCode.WRONG_SECRET, rig.join(rig.phone(), id));
    }

    @Test
    void theJoinIsWhatThePlatformReads() {
        PairId id = rig.session();
        Caller.Device phone = rig.phone();
        Pairing joined = ok(rig.join(phone, id));
        assertThat(joined.state(), is(new Pairing.Active(phone.device(), PAYLOAD, Samples.T0)));
        assertThat(ok(platformReads(id)), is(joined));
    }

    @Test
    void aRetryOfTheJoinIsTheSameJoin() {
        PairId id = rig.session();
        Caller.Device phone = rig.phone();
        Pairing joined = ok(rig.join(phone, id));
        rig.clock.advance(Duration.ofSeconds(400));
        assertThat(ok(rig.join(phone, id)), is(joined));
        refused(
                ErrorCode.ALREADY_PAIRED,
                rig.pairings.join(phone, Optional.of(id), Samples.secret(1), Optional.empty()));
        refused(ErrorCode.ALREADY_PAIRED, rig.join(rig.phone(), id));
    }

    /** Section 4.2: a wrong secret is 403 in every state of the pairing, and reveals nothing else. */
    @Test
    void wrongSecretRevealsNothing() {
        PairId pending = rig.session();
        Rig.Pair active = rig.pair();
        Rig.Pair revoked = rig.pair();
        assertThat(ok(rig.pairings.revoke(revoked.platform(), revoked.id())).id(), is(revoked.id()));
        List<Optional<PairId>> all = List.of(
                Optional.empty(),
                Optional.of(Samples.pair(0xbad)),
                Optional.of(pending),
                Optional.of(active.id()),
                Optional.of(revoked.id()));
        List<Result<Pairing>> answers = all.stream()
                .map(id -> rig.pairings.join(rig.phone(), id, Samples.secret(2), PAYLOAD))
                .distinct()
                .toList();
        assertThat(answers, hasSize(1));
        refused(ErrorCode.WRONG_SECRET, answers.getFirst());
    }

    @Test
    void fiveWrongSecretsCloseTheSessionForBothSides() {
        PairId id = rig.session();
        Caller.Device guesser = rig.phone();
        for (int i = 0; i < 5; i++) {
            assertThat(ok(platformReads(id)).state(), is(new Pairing.Pending(i)));
            refused(
                    ErrorCode.WRONG_SECRET,
                    rig.pairings.join(guesser, Optional.of(id), Samples.secret(2), Optional.empty()));
        }
        refused(ErrorCode.PAIRING_EXPIRED, platformReads(id));
        refused(ErrorCode.PAIRING_EXPIRED, rig.join(rig.phone(), id));
        refused(ErrorCode.PAIRING_EXPIRED, rig.pairings.revoke(rig.platform(id), id));
    }

    /** Hostile: concurrent guesses are counted one by one. */
    @Test
    void concurrentGuessesAreAllCounted() {
        PairId id = rig.session();
        Crowd.of(100, _ -> rig.pairings.join(rig.phone(), Optional.of(id), Samples.secret(2), Optional.empty()));
        refused(ErrorCode.PAIRING_EXPIRED, rig.join(rig.phone(), id));
    }

    /** Section 4.2: if several devices race, exactly one joins. */
    @Test
    void oneOfAHundredDevicesJoins() {
        PairId id = rig.session();
        List<Caller.Device> phones = Crowd.of(100, _ -> rig.phone());
        List<Result<Pairing>> joins = Crowd.of(100, number -> rig.join(phones.get(number), id));
        List<Pairing> bound =
                joins.stream().filter(Result.Ok.class::isInstance).map(Rig::ok).toList();
        assertThat(bound, hasSize(1));
        assertThat(ok(platformReads(id)), is(bound.getFirst()));
        joins.stream().filter(Result.Refused.class::isInstance).forEach(one -> refused(ErrorCode.ALREADY_PAIRED, one));
    }

    /** Section 2.4: another device's pairing, a pending one and an unknown one are refused alike. */
    @Test
    void onlyItsSidesRevokeAPairing() {
        Rig.Pair mine = rig.pair();
        Rig.Pair other = rig.pair();
        refused(ErrorCode.UNAUTHORIZED, rig.pairings.revoke(mine.platform(), other.id()));
        refused(ErrorCode.UNAUTHORIZED, rig.pairings.revoke(mine.phone(), other.id()));
        refused(ErrorCode.UNAUTHORIZED, rig.pairings.revoke(mine.phone(), rig.session()));
        refused(ErrorCode.UNAUTHORIZED, rig.pairings.revoke(mine.phone(), Samples.pair(0xbad)));
        assertThat(ok(platformReads(other.id())).state(), is(instanceOf(Pairing.Active.class)));
    }

    @Test
    void eitherSideRevokesAndTheSecondIsRefused() {
        Rig.Pair one = rig.pair();
        assertThat(ok(rig.pairings.revoke(one.platform(), one.id())).id(), is(one.id()));
        refused(ErrorCode.PAIR_REVOKED, rig.pairings.revoke(one.phone(), one.id()));
        refused(ErrorCode.PAIR_REVOKED, platformReads(one.id()));
        Rig.Pair two = rig.pair();
        assertThat(ok(rig.pairings.revoke(two.phone(), two.id())).id(), is(two.id()));
        refused(ErrorCode.PAIR_REVOKED, rig.pairings.revoke(two.platform(), two.id()));
        PairId pending = rig.session();
        assertThat(ok(rig.pairings.revoke(rig.platform(pending), pending)).id(), is(pending));
        refused(ErrorCode.PAIR_REVOKED, rig.join(rig.phone(), pending));
    }

    @Test
    void revokedPairingIsRemovedAfterTheRetentionTime() {
        Rig.Pair pair = rig.pair();
        assertThat(ok(rig.pairings.revoke(pair.platform(), pair.id())).id(), is(pair.id()));
        rig.clock.advance(Duration.ofSeconds(300));
        rig.lifecycle.processDue();
        refused(ErrorCode.UNAUTHORIZED, platformReads(pair.id()));
        refused(ErrorCode.UNAUTHORIZED, rig.pairings.revoke(pair.platform(), pair.id()));
        refused(ErrorCode.UNAUTHORIZED, rig.pairings.revoke(pair.phone(), pair.id()));
    }

    // --- long polls (section 8.2)

    @Test
    void aPollIsWokenByTheJoin() {
        PairId id = rig.session();
        Future<Result<Pairing>> poll = parked(() -> rig.pairings.await(rig.platform(id), LONG));
        Pairing joined = ok(rig.join(rig.phone(), id));
        assertThat(ok(soon(poll)), is(joined));
        assertThat(rig.room.waiters(), is(0));
    }

    @Test
    void aPollIsWokenByTheFifthWrongSecretAndNotByTheFourth() {
        PairId id = rig.session();
        Future<Result<Pairing>> poll = parked(() -> rig.pairings.await(rig.platform(id), LONG));
        for (int i = 0; i < 4; i++) {
            refused(
                    ErrorCode.WRONG_SECRET,
                    rig.pairings.join(rig.phone(), Optional.of(id), Samples.secret(2), Optional.empty()));
        }
        assertThat(poll.isDone(), is(false));
        refused(
                ErrorCode.WRONG_SECRET,
                rig.pairings.join(rig.phone(), Optional.of(id), Samples.secret(2), Optional.empty()));
        refused(ErrorCode.PAIRING_EXPIRED, soon(poll));
    }

    @Test
    void aPollIsWokenByTheEndOfTheSession() {
        PairId id = rig.session();
        Future<Result<Pairing>> poll = parked(() -> rig.pairings.await(rig.platform(id), LONG));
        rig.clock.advance(Duration.ofSeconds(300));
        rig.lifecycle.processDue();
        refused(ErrorCode.PAIRING_EXPIRED, soon(poll));
    }

    @Test
    void aPollIsWokenByTheRevocation() {
        PairId id = rig.session();
        Future<Result<Pairing>> poll = parked(() -> rig.pairings.await(rig.platform(id), LONG));
        assertThat(ok(rig.pairings.revoke(rig.platform(id), id)).id(), is(id));
        refused(ErrorCode.PAIR_REVOKED, soon(poll));
    }

    @Test
    void aPollOnAnActivePairingAnswersAtOnce() {
        Rig.Pair pair = rig.pair();
        assertThat(ok(rig.pairings.await(pair.platform(), LONG)).state(), is(instanceOf(Pairing.Active.class)));
    }

    // --- a full relay (section 9.4), and chance

    @Test
    void aFullRelayRefusesToOpen() {
        Rig full = new Rig(new MemoryStore(Samples.TERMS, new Capacity(1 << 20, 1, 9)), Samples.TERMS, 0, 10);
        PairId id = full.session();
        refused(ErrorCode.RELAY_FULL, full.pairings.open(Samples.secret(1), Duration.ofSeconds(300), Opener.NONE));
        assertThat(ok(full.join(full.phone(), id)).id(), is(id));
    }

    @Test
    void aFullRelayRefusesToJoinWithAPayloadAndCountsNothing() {
        Capacity capacity = new Capacity(2L * Footprint.RECORD, 9, 9);
        Rig full = new Rig(new MemoryStore(Samples.TERMS, capacity), Samples.TERMS, 0, 10);
        PairId id = full.session();
        Caller.Device phone = full.phone();
        refused(ErrorCode.RELAY_FULL, full.join(phone, id));
        assertThat(ok(full.pairings.await(full.platform(id), NO_WAIT)).state(), is(new Pairing.Pending(0)));
        Pairing joined = ok(full.pairings.join(phone, Optional.of(id), Samples.secret(1), Optional.empty()));
        assertThat(joined.device(), is(Optional.of(phone.device())));
    }

    /** Two generated ids are equal: the second call generates another, and no record is overwritten. */
    @Test
    void generatedIdIsUnique() {
        RandomGenerator stuck = new RandomGenerator() {
            private int calls;

            @Override
            public long nextLong() {
                return calls++ / 24;
            }
        };
        IdGenerator ids = new IdGenerator(stuck);
        Pairings pairings = new Pairings(rig.store, rig.lifecycle, rig.room, ids, rig.clock);
        Devices devices = new Devices(rig.store, rig.lifecycle, rig.room, ids, rig.clock, _ -> Optional.empty());
        PairId first = ok(pairings.open(Samples.secret(1), Duration.ofSeconds(300), Opener.NONE))
                .pairing()
                .id();
        PairId second = ok(pairings.open(Samples.secret(1), Duration.ofSeconds(300), Opener.NONE))
                .pairing()
                .id();
        assertThat(second, is(not(first)));
        assertThat(rig.store.levels().pairings(), is(2));
        for (int i = 0; i < 20; i++) {
            assertThat(ok(devices.register(Opener.NONE)).device().pushToken(), is(Optional.empty()));
        }
        assertThat(rig.store.levels().devices(), is(20));
    }

    private Result<Pairing> platformReads(PairId id) {
        return rig.pairings.await(rig.platform(id), NO_WAIT);
    }
}
