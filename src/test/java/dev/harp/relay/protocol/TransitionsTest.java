package dev.harp.relay.protocol;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.answer;
import static dev.harp.relay.protocol.Samples.device;
import static dev.harp.relay.protocol.Samples.envelope;
import static dev.harp.relay.protocol.Samples.key;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.sameInstance;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code docs/protocol.md}, section 7: every state of a request, with every event. */
class TransitionsTest {
    private static final Duration TTL = Duration.ofSeconds(60);
    private static final Instant NOW = T0.plusSeconds(30);
    private static final Instant END = T0.plus(TTL);
    private static final Pairing PAIRING = Samples.active(1, 1, T0);
    /** Characters of the question of {@code PENDING}. */
    private static final int QUESTION = "nonce1".length() + "ciphertext1".length();

    private static final Request PENDING = Request.submitted(key(1, 1), device(1), envelope(1), T0, T0.plus(TTL));

    enum Before {
        PENDING,
        DELIVERED,
        RESPONDED,
        EXPIRED,
        CANCELLED;

        Request request() {
            return switch (this) {
                case PENDING -> TransitionsTest.PENDING;
                case DELIVERED -> TransitionsTest.PENDING.delivered(T0.plusSeconds(1));
                case RESPONDED -> DELIVERED.request().ended(new Request.Responded(answer(1), T0.plusSeconds(2)));
                case EXPIRED -> TransitionsTest.PENDING.ended(new Request.Expired());
                case CANCELLED -> TransitionsTest.PENDING.ended(new Request.Cancelled(T0.plusSeconds(2)));
            };
        }
    }

    enum Event {
        READ,
        RESPOND,
        RESPOND_OTHER,
        CANCEL,
        TICK;

        RequestEvent event() {
            return switch (this) {
                case READ -> new RequestEvent.Read();
                case RESPOND -> new RequestEvent.Respond(answer(1));
                case RESPOND_OTHER -> new RequestEvent.Respond(answer(2));
                case CANCEL -> new RequestEvent.Cancel();
                case TICK -> new RequestEvent.Tick();
            };
        }
    }

    /** Section 7.9: for each cell the state afterwards ({@code =} if unchanged), and the refusal. */
    @ParameterizedTest(name = "{0} and {1}: {2}, {3}")
    @CsvSource({
        "PENDING,   READ,          delivered, -",
        "PENDING,   RESPOND,       responded, -",
        "PENDING,   RESPOND_OTHER, responded, -",
        "PENDING,   CANCEL,        cancelled, -",
        "PENDING,   TICK,          =,         -",
        "DELIVERED, READ,          =,         -",
        "DELIVERED, RESPOND,       responded, -",
        "DELIVERED, RESPOND_OTHER, responded, -",
        "DELIVERED, CANCEL,        cancelled, -",
        "DELIVERED, TICK,          =,         -",
        "RESPONDED, READ,          =,         -",
        "RESPONDED, RESPOND,       =,         -",
        "RESPONDED, RESPOND_OTHER, =,         ALREADY_RESPONDED",
        "RESPONDED, CANCEL,        =,         ALREADY_DECIDED",
        "RESPONDED, TICK,          =,         -",
        "EXPIRED,   READ,          =,         -",
        "EXPIRED,   RESPOND,       =,         REQUEST_EXPIRED",
        "EXPIRED,   RESPOND_OTHER, =,         REQUEST_EXPIRED",
        "EXPIRED,   CANCEL,        =,         ALREADY_DECIDED",
        "EXPIRED,   TICK,          =,         -",
        "CANCELLED, READ,          =,         -",
        "CANCELLED, RESPOND,       =,         REQUEST_CANCELLED",
        "CANCELLED, RESPOND_OTHER, =,         REQUEST_CANCELLED",
        "CANCELLED, CANCEL,        =,         ALREADY_DECIDED",
        "CANCELLED, TICK,          =,         -",
    })
    void everyCellOfTheTable(Before before, Event event, String after, String refusal) {
        Request request = before.request();
        Transition<Request> transition = Transitions.apply(PAIRING, request, event.event(), NOW);
        if (after.equals("=")) {
            assertThat(transition.record(), is(sameInstance(request)));
        } else {
            assertThat(transition.record().stateName(), is(after));
        }
        assertThat(code(transition), is(refusal));
    }

    /** Section 7.9, row "ttl runs out", before each event: an open request is expired, a final one unchanged. */
    @ParameterizedTest(name = "{0} and {1} at the end of its time: {2}, {3}")
    @CsvSource({
        "PENDING,   READ,          expired, -",
        "PENDING,   RESPOND,       expired, REQUEST_EXPIRED",
        "PENDING,   CANCEL,        expired, ALREADY_DECIDED",
        "PENDING,   TICK,          expired, -",
        "DELIVERED, READ,          expired, -",
        "DELIVERED, RESPOND,       expired, REQUEST_EXPIRED",
        "DELIVERED, CANCEL,        expired, ALREADY_DECIDED",
        "DELIVERED, TICK,          expired, -",
        "RESPONDED, RESPOND,       =,       -",
        "RESPONDED, RESPOND_OTHER, =,       ALREADY_RESPONDED",
        "RESPONDED, TICK,          =,       -",
        "CANCELLED, RESPOND,       =,       REQUEST_CANCELLED",
        "CANCELLED, TICK,          =,       -",
    })
    void exactlyAtTheEndOfItsTime(Before before, Event event, String after, String refusal) {
        Request request = before.request();
        Transition<Request> transition = Transitions.apply(PAIRING, request, event.event(), END);
        if (after.equals("=")) {
            assertThat(transition.record(), is(sameInstance(request)));
        } else {
            assertThat(transition.record().stateName(), is(after));
        }
        assertThat(code(transition), is(refusal));
    }

    @Test
    void aMillisecondBeforeTheEndItIsStillOpen() {
        Instant last = END.minusMillis(1);
        assertThat(
                Transitions.apply(PAIRING, PENDING, new RequestEvent.Respond(answer(1)), last)
                        .record()
                        .state(),
                is(new Request.Responded(answer(1), last)));
        assertThat(
                Transitions.apply(PAIRING, PENDING, new RequestEvent.Tick(), last)
                        .record(),
                is(sameInstance(PENDING)));
    }

    /** Section 7.9, row "revocation", before each event: every later event finds the request cancelled. */
    @ParameterizedTest
    @EnumSource(Event.class)
    void afterARevocationItIsCancelled(Event event) {
        Pairing revoked = Samples.revoked(PAIRING, NOW);
        Transition<Request> transition = Transitions.apply(revoked, PENDING, event.event(), NOW);
        assertThat(transition.record().state(), is(new Request.Cancelled(NOW)));
    }

    /** One end happens: of revocation and expiry the earlier one, however late either is stored. */
    @Test
    void aRevocationBeforeTheEndCancelsHoweverLateItIsNoticed() {
        Pairing revoked = Samples.revoked(PAIRING, END.minusMillis(1));
        assertThat(
                Transitions.apply(revoked, PENDING, new RequestEvent.Tick(), END.plusSeconds(1000))
                        .record()
                        .state(),
                is(new Request.Cancelled(END.minusMillis(1))));
    }

    @Test
    void aRevocationAtTheEndOrAfterFindsItExpired() {
        for (Instant at : List.of(END, END.plusMillis(1))) {
            assertThat(
                    Transitions.apply(Samples.revoked(PAIRING, at), PENDING, new RequestEvent.Tick(), at)
                            .record()
                            .stateName(),
                    is("expired"));
        }
    }

    @Test
    void aRevocationLeavesWhatIsFinal() {
        Pairing revoked = Samples.revoked(PAIRING, NOW);
        for (Before before : List.of(Before.RESPONDED, Before.EXPIRED, Before.CANCELLED)) {
            Request request = before.request();
            assertThat(
                    Transitions.apply(revoked, request, new RequestEvent.Tick(), NOW)
                            .record(),
                    is(sameInstance(request)));
        }
    }

    /** Section 6.6: the first read counts. */
    @Test
    void deliveredAtIsTheFirstRead() {
        Request read = Transitions.apply(PAIRING, PENDING, new RequestEvent.Read(), NOW)
                .record();
        assertThat(read.deliveredAt(), is(Optional.of(NOW)));
        assertThat(
                Transitions.apply(PAIRING, read, new RequestEvent.Read(), NOW.plusSeconds(1))
                        .record(),
                is(sameInstance(read)));
    }

    /** Section 7.5: a device may respond without having read it here. */
    @Test
    void anAnswerToWhatWasNotReadLeavesDeliveredAtEmpty() {
        Request responded = Transitions.apply(PAIRING, PENDING, new RequestEvent.Respond(answer(1)), NOW)
                .record();
        assertThat(responded.deliveredAt(), is(Optional.empty()));
        assertThat(
                Transitions.apply(PAIRING, responded, new RequestEvent.Read(), NOW)
                        .record()
                        .deliveredAt(),
                is(Optional.empty()));
    }

    /** Section 7.7: <em>same</em> means the same three values. */
    @Test
    void anAnswerThatDiffersInAnyValueIsAnother() {
        Response given = answer(1);
        List<Response> others = List.of(
                new Response("x", given.ciphertext(), given.signature()),
                new Response(given.nonce(), "x", given.signature()),
                new Response(given.nonce(), given.ciphertext(), Optional.of("x")),
                new Response(given.nonce(), given.ciphertext(), Optional.empty()));
        for (Response other : others) {
            assertThat(
                    code(Transitions.apply(PAIRING, Before.RESPONDED.request(), new RequestEvent.Respond(other), NOW)),
                    is("ALREADY_RESPONDED"));
        }
    }

    @Test
    void theSameAnswerAgainIsFineLongAfterTheEnd() {
        Request responded = Before.RESPONDED.request();
        Transition<Request> again =
                Transitions.apply(PAIRING, responded, new RequestEvent.Respond(answer(1)), END.plusSeconds(200));
        assertThat(again, is(new Transition<>(responded, Optional.empty())));
    }

    /** Section 7.8: {@code detail} names the state. */
    @ParameterizedTest
    @CsvSource({"RESPONDED, responded", "EXPIRED, expired", "CANCELLED, cancelled"})
    void theRefusalOfACancellationNamesTheState(Before before, String name) {
        assertThat(
                Transitions.apply(PAIRING, before.request(), new RequestEvent.Cancel(), NOW)
                        .refusal()
                        .orElseThrow()
                        .detail(),
                containsString(name));
    }

    /** Invariant: a final state never changes, whatever the event and its time. */
    @Test
    void whatIsFinalStaysAsItIs() {
        for (Before before : List.of(Before.RESPONDED, Before.EXPIRED, Before.CANCELLED)) {
            for (Event event : Event.values()) {
                for (Pairing pairing : List.of(PAIRING, Samples.revoked(PAIRING, T0))) {
                    Request request = before.request();
                    assertThat(
                            Transitions.apply(pairing, request, event.event(), END.plusSeconds(9))
                                    .record(),
                            is(sameInstance(request)));
                }
            }
        }
    }

    /** Section 7.7: no event makes an accepted request larger, so a full relay never has to refuse one. */
    @Test
    void noEventMakesARequestLarger() {
        Random random = new Random(7);
        ProtocolLimits terms = TERMS;
        for (int i = 0; i < 2000; i++) {
            Request request = Request.submitted(
                    key(1, i),
                    device(1),
                    new Envelope(
                            Samples.text(1 + random.nextInt(ProtocolLimits.MAX_NONCE)),
                            Samples.text(1 + random.nextInt(terms.maxCiphertext()))),
                    T0,
                    END);
            long size = Footprint.of(request, terms);
            for (int step = 0; step < 8; step++) {
                RequestEvent event = switch (random.nextInt(4)) {
                    case 0 -> new RequestEvent.Read();
                    case 1 -> new RequestEvent.Respond(largeAnswer(random, terms));
                    case 2 -> new RequestEvent.Cancel();
                    default -> new RequestEvent.Tick();
                };
                Pairing pairing = random.nextInt(6) == 0 ? Samples.revoked(PAIRING, NOW) : PAIRING;
                Instant now = T0.plusSeconds(random.nextInt(70));
                request = Transitions.apply(pairing, request, event, now).record();
                assertThat(Footprint.of(request, terms), is(lessThanOrEqualTo(size)));
                size = Footprint.of(request, terms);
            }
        }
    }

    private static Response largeAnswer(Random random, ProtocolLimits terms) {
        return new Response(
                Samples.text(random.nextBoolean() ? ProtocolLimits.MAX_NONCE : 1),
                Samples.text(random.nextBoolean() ? terms.maxAnswer() : 1),
                random.nextBoolean() ? Optional.of(Samples.text(ProtocolLimits.MAX_SIGNATURE)) : Optional.empty());
    }

    /** The largest response takes exactly the room that its request has reserved; that of the question is free. */
    @Test
    void theLargestAnswerTakesExactlyTheReservedRoom() {
        Request responded = PENDING.ended(new Request.Responded(
                new Response(
                        Samples.text(ProtocolLimits.MAX_NONCE),
                        Samples.text(TERMS.maxAnswer()),
                        Optional.of(Samples.text(ProtocolLimits.MAX_SIGNATURE))),
                NOW));
        assertThat(Footprint.of(responded, TERMS), is(Footprint.of(PENDING, TERMS) - QUESTION));
    }

    @Test
    void theFootprintCountsTheTexts() {
        int response = ProtocolLimits.MAX_NONCE + TERMS.maxAnswer() + ProtocolLimits.MAX_SIGNATURE;
        assertThat(Footprint.of(PENDING, TERMS), is(Footprint.RECORD + QUESTION + response));
        assertThat(Footprint.of(Before.EXPIRED.request(), TERMS), is(Footprint.RECORD));
        assertThat(Footprint.of(Before.CANCELLED.request(), TERMS), is(Footprint.RECORD));
        assertThat(
                "ended by an earlier version",
                Footprint.of(Samples.endedEarlier(PENDING, new Request.Expired()), TERMS),
                is(Footprint.RECORD + QUESTION));
        assertThat(Footprint.of(PAIRING), is(Footprint.RECORD + (long) "payload1".length()));
        assertThat(Footprint.of(Samples.revoked(PAIRING, NOW)), is(Footprint.RECORD));
        Device phone = Samples.phone(1, T0);
        assertThat(Footprint.of(phone), is(Footprint.RECORD));
        assertThat(Footprint.of(phone.withPushToken(Optional.of("12345"))), is(Footprint.RECORD + 5L));
    }

    @Test
    void aDeviceIsNeverKeptForAShorterTimeThanBefore() {
        Device phone = Samples.phone(1, T0);
        assertThat(phone.keptUntil(T0), is(sameInstance(phone)));
        assertThat(phone.keptUntil(phone.keptUntil()), is(sameInstance(phone)));
        assertThat(phone.keptUntil(T0.plusSeconds(9999)).keptUntil(), is(T0.plusSeconds(9999)));
        assertThat(phone.withPushToken(Optional.of("x")).withPushToken(Optional.empty()), is(equalTo(phone)));
        assertThat(phone, is(not(equalTo(phone.withPushToken(Optional.of("x"))))));
    }

    private static String code(Transition<?> transition) {
        return transition.refusal().map(refusal -> refusal.code().name()).orElse("-");
    }
}
