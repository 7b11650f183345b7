package dev.harp.relay.protocol;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.device;
import static dev.harp.relay.protocol.Samples.secret;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.sameInstance;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code docs/protocol.md}, section 4: every state of a pairing, with every event. */
class PairingTransitionsTest {
    private static final Instant NOW = T0.plusSeconds(100);
    private static final Pairing PENDING = Samples.pending(1, T0);
    private static final Pairing ACTIVE = Samples.active(1, 1, T0);
    private static final PairingEvent.Bind JOIN = new PairingEvent.Bind(device(1), secret(1), Optional.of("payload1"));
    private static final PairingEvent.Bind GUESS = new PairingEvent.Bind(device(2), secret(2), Optional.of("payload1"));

    enum Before {
        PENDING,
        ACTIVE,
        TIMED_OUT,
        GUESSED_OUT,
        REVOKED,
        REVOKED_UNJOINED;

        Pairing pairing() {
            return switch (this) {
                case PENDING -> PairingTransitionsTest.PENDING;
                case ACTIVE -> PairingTransitionsTest.ACTIVE;
                case TIMED_OUT ->
                    PairingTransitionsTest.PENDING.withState(new Pairing.Closed(Pairing.Closed.Why.TIME, T0));
                case GUESSED_OUT ->
                    PairingTransitionsTest.PENDING.withState(new Pairing.Closed(Pairing.Closed.Why.WRONG_SECRETS, T0));
                case REVOKED -> Samples.revoked(PairingTransitionsTest.ACTIVE, T0);
                case REVOKED_UNJOINED -> Samples.revoked(PairingTransitionsTest.PENDING, T0);
            };
        }
    }

    enum Event {
        JOIN,
        JOIN_AS_OTHER,
        JOIN_WITH_OTHER_PAYLOAD,
        JOIN_WITHOUT_PAYLOAD,
        GUESS,
        REVOKE,
        TICK;

        PairingEvent event() {
            return switch (this) {
                case JOIN -> PairingTransitionsTest.JOIN;
                case JOIN_AS_OTHER -> new PairingEvent.Bind(device(2), secret(1), Optional.of("payload1"));
                case JOIN_WITH_OTHER_PAYLOAD -> new PairingEvent.Bind(device(1), secret(1), Optional.of("other"));
                case JOIN_WITHOUT_PAYLOAD -> new PairingEvent.Bind(device(1), secret(1), Optional.empty());
                case GUESS -> PairingTransitionsTest.GUESS;
                case REVOKE -> new PairingEvent.Revoke();
                case TICK -> new PairingEvent.Tick();
            };
        }
    }

    /** Sections 4.2, 4.5 and 4.6: for each cell the state afterwards ({@code =} if unchanged), and the refusal. */
    @ParameterizedTest(name = "{0} and {1}: {2}, {3}")
    @CsvSource({
        "PENDING,          JOIN,                    Active,  -",
        "PENDING,          JOIN_AS_OTHER,           Active,  -",
        "PENDING,          JOIN_WITH_OTHER_PAYLOAD, Active,  -",
        "PENDING,          JOIN_WITHOUT_PAYLOAD,    Active,  -",
        "PENDING,          GUESS,                   Pending, WRONG_SECRET",
        "PENDING,          REVOKE,                  Revoked, -",
        "PENDING,          TICK,                    =,       -",
        "ACTIVE,           JOIN,                    =,       -",
        "ACTIVE,           JOIN_AS_OTHER,           =,       ALREADY_PAIRED",
        "ACTIVE,           JOIN_WITH_OTHER_PAYLOAD, =,       ALREADY_PAIRED",
        "ACTIVE,           JOIN_WITHOUT_PAYLOAD,    =,       ALREADY_PAIRED",
        "ACTIVE,           GUESS,                   =,       WRONG_SECRET",
        "ACTIVE,           REVOKE,                  Revoked, -",
        "ACTIVE,           TICK,                    =,       -",
        "TIMED_OUT,        JOIN,                    =,       PAIRING_EXPIRED",
        "TIMED_OUT,        JOIN_AS_OTHER,           =,       PAIRING_EXPIRED",
        "TIMED_OUT,        GUESS,                   =,       WRONG_SECRET",
        "TIMED_OUT,        REVOKE,                  =,       PAIRING_EXPIRED",
        "TIMED_OUT,        TICK,                    =,       -",
        "GUESSED_OUT,      JOIN,                    =,       PAIRING_EXPIRED",
        "GUESSED_OUT,      JOIN_AS_OTHER,           =,       PAIRING_EXPIRED",
        "GUESSED_OUT,      GUESS,                   =,       WRONG_SECRET",
        "GUESSED_OUT,      REVOKE,                  =,       PAIRING_EXPIRED",
        "GUESSED_OUT,      TICK,                    =,       -",
        "REVOKED,          JOIN,                    =,       PAIR_REVOKED",
        "REVOKED,          JOIN_AS_OTHER,           =,       PAIR_REVOKED",
        "REVOKED,          GUESS,                   =,       WRONG_SECRET",
        "REVOKED,          REVOKE,                  =,       PAIR_REVOKED",
        "REVOKED,          TICK,                    =,       -",
        "REVOKED_UNJOINED, JOIN,                    =,       PAIR_REVOKED",
        "REVOKED_UNJOINED, JOIN_AS_OTHER,           =,       PAIR_REVOKED",
        "REVOKED_UNJOINED, GUESS,                   =,       WRONG_SECRET",
        "REVOKED_UNJOINED, REVOKE,                  =,       PAIR_REVOKED",
        "REVOKED_UNJOINED, TICK,                    =,       -",
    })
    void everyCellOfTheTable(Before before, Event event, String after, String refusal) {
        Pairing pairing = before.pairing();
        Transition<Pairing> transition = Transitions.apply(pairing, event.event(), NOW);
        if (after.equals("=")) {
            assertThat(transition.record(), is(sameInstance(pairing)));
        } else {
            assertThat(transition.record().state().getClass().getSimpleName(), is(after));
        }
        assertThat(code(transition), is(refusal));
    }

    @Test
    void joiningKeepsWhoWhatAndWhen() {
        assertThat(
                Transitions.apply(PENDING, JOIN, NOW).record().state(),
                is(equalTo(new Pairing.Active(device(1), Optional.of("payload1"), NOW))));
    }

    /** Section 4.2: a retry is answered with the same {@code paired_at}. */
    @Test
    void joiningAgainMuchLaterChangesNothing() {
        Pairing joined = Transitions.apply(PENDING, JOIN, NOW).record();
        Transition<Pairing> retry = Transitions.apply(joined, JOIN, NOW.plusSeconds(100_000));
        assertThat(retry.record(), is(sameInstance(joined)));
        assertThat(retry.refusal(), is(Optional.empty()));
    }

    @Test
    void sessionIsPendingUntilTheMillisecondBeforeItsEnd() {
        Instant last = PENDING.expiresAt().minusMillis(1);
        assertThat(Transitions.apply(PENDING, JOIN, last).record().state(), is(instanceOf(Pairing.Active.class)));
        assertThat(Transitions.apply(PENDING, new PairingEvent.Tick(), last).record(), is(sameInstance(PENDING)));
    }

    @Test
    void sessionEndsExactlyAtItsTime() {
        Transition<Pairing> late = Transitions.apply(PENDING, JOIN, PENDING.expiresAt());
        assertThat(code(late), is("PAIRING_EXPIRED"));
        assertThat(
                late.record().state(), is(equalTo(new Pairing.Closed(Pairing.Closed.Why.TIME, PENDING.expiresAt()))));
    }

    /** The retention time begins at the session's end, however late the relay stores that. */
    @Test
    void lateStoredEndKeepsItsTime() {
        Transition<Pairing> late = Transitions.apply(
                PENDING, new PairingEvent.Tick(), PENDING.expiresAt().plusSeconds(77));
        assertThat(late.record().state(), is(new Pairing.Closed(Pairing.Closed.Why.TIME, PENDING.expiresAt())));
    }

    @Test
    void anActivePairingHasNoEndOfItsOwn() {
        assertThat(
                Transitions.apply(ACTIVE, new PairingEvent.Tick(), T0.plusSeconds(1_000_000_000))
                        .record(),
                is(sameInstance(ACTIVE)));
    }

    /** Section 4.3: the fifth wrong secret closes the session, and the right one is then too late. */
    @Test
    void theFifthWrongSecretCloses() {
        Pairing pairing = PENDING;
        for (int i = 1; i <= 4; i++) {
            pairing = Transitions.apply(pairing, GUESS, NOW).record();
            assertThat(pairing.state(), is(new Pairing.Pending(i)));
        }
        assertThat(Transitions.apply(pairing, JOIN, NOW).record().state(), is(instanceOf(Pairing.Active.class)));
        pairing = Transitions.apply(pairing, GUESS, NOW).record();
        assertThat(pairing.state(), is(new Pairing.Closed(Pairing.Closed.Why.WRONG_SECRETS, NOW)));
        Transition<Pairing> right = Transitions.apply(pairing, JOIN, NOW);
        assertThat(code(right), is("PAIRING_EXPIRED"));
        assertThat(right.refusal().orElseThrow().detail(), containsString("Five wrong secrets"));
    }

    /** Section 4.3: on an ended session nothing is counted; expiry takes precedence over the fifth guess. */
    @Test
    void expiryPrecedesTheFifthWrongSecret() {
        Pairing four = PENDING.withState(new Pairing.Pending(4));
        Transition<Pairing> fifth = Transitions.apply(four, GUESS, PENDING.expiresAt());
        assertThat(fifth.record().state(), is(new Pairing.Closed(Pairing.Closed.Why.TIME, PENDING.expiresAt())));
        assertThat(code(fifth), is("WRONG_SECRET"));
    }

    /** Section 2.4: the refusal of a wrong secret is the same text in every state. */
    @Test
    void wrongSecretIsRefusedAlikeInEveryState() {
        for (Before before : Before.values()) {
            assertThat(
                    Transitions.apply(before.pairing(), GUESS, NOW).refusal(),
                    is(Optional.of(Transitions.wrongSecret())));
        }
    }

    @Test
    void revokingRemembersTheDevice() {
        Pairing revoked =
                Transitions.apply(ACTIVE, new PairingEvent.Revoke(), NOW).record();
        assertThat(revoked.state(), is(new Pairing.Revoked(Optional.of(device(1)), NOW)));
        assertThat(revoked.device(), is(Optional.of(device(1))));
        Pairing unjoined =
                Transitions.apply(PENDING, new PairingEvent.Revoke(), NOW).record();
        assertThat(unjoined.device(), is(Optional.empty()));
    }

    @Test
    void revocationAtTheEndIsTooLate() {
        Transition<Pairing> late = Transitions.apply(PENDING, new PairingEvent.Revoke(), PENDING.expiresAt());
        assertThat(code(late), is("PAIRING_EXPIRED"));
        assertThat(late.record().state(), is(instanceOf(Pairing.Closed.class)));
    }

    @Test
    void onlyJoinedPairingsHaveADevice() {
        assertThat(PENDING.device(), is(Optional.empty()));
        assertThat(ACTIVE.device(), is(Optional.of(device(1))));
        assertThat(Before.TIMED_OUT.pairing().device(), is(Optional.empty()));
    }

    @Test
    void transitionIsARecordOrARefusal() {
        assertThat(Transitions.apply(PENDING, JOIN, NOW).result(), is(instanceOf(Result.Ok.class)));
        assertThat(Transitions.apply(PENDING, GUESS, NOW).result(), is(instanceOf(Result.Refused.class)));
    }

    private static String code(Transition<?> transition) {
        return transition.refusal().map(refusal -> refusal.code().name()).orElse("-");
    }
}
