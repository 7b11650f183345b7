package dev.harp.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.client.Platform.Sent;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Decision;
import dev.harp.message.Envelope;
import dev.harp.message.Reason;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Attacks on questions and answers by the relay. */
@Timeout(300)
class HostileAskingTest extends AskingRig {
    private void assertNotGenuine(Reason reason, Sent sent) throws InterruptedException {
        assertEquals(new Outcome.NotGenuine(reason), platform.await(sent));
    }

    /** The relay swallows a denial, shows the question again, and the person now taps "approve". */
    @Test
    void aSwallowedDenialStaysADenial() throws Exception {
        Sent sent = ask("Deploy 2.1");
        assertInstanceOf(Device.Sent.class, ends.decide(card(sent), Decision.DENIED));
        entry(sent).swallow();
        Inbox.Card again = card(sent);
        assertTrue(again.decided().isPresent(), "the person is shown that it is decided");
        assertInstanceOf(Device.SentEarlier.class, ends.decide(again, Decision.APPROVED));
        Outcome.Decided decided = assertInstanceOf(Outcome.Decided.class, platform.await(sent));
        assertEquals(Decision.DENIED, decided.answer().decision());
        assertFalse(decided.isConsent());
    }

    /** The same after the question's time: the phone shows no open card, and sends nothing but the denial. */
    @Test
    void aSwallowedDenialIsNotRevivedAfterItsTime() throws Exception {
        Sent sent = ask("Deploy 2.1");
        ends.decide(card(sent), Decision.DENIED);
        entry(sent).swallow();
        assertInstanceOf(Outcome.Expired.class, platform.await(sent), "silence is told as expired, not as denied");
        ends.phoneClock.advance(TTL);
        assertEquals(Optional.of(Reason.EXPIRED), card(sent).notNow());
        assertInstanceOf(Device.SentEarlier.class, ends.decide(card(sent), Decision.APPROVED));
        assertEquals(Optional.empty(), ends.journal.find(sent.requestId()), "the platform is done with it");
    }

    /** An approval that the relay holds back until the platform was told "expired". */
    @Test
    void aLateAnswerIsNotRead() throws Exception {
        Sent sent = ask("Deploy 2.1");
        ends.decide(card(sent), Decision.APPROVED);
        Members held = answerTo(sent);
        entry(sent).swallow();
        assertInstanceOf(Outcome.Expired.class, platform.await(sent));
        entry(sent).response(held);
        var _ = ends.relay.takeReceived();
        assertInstanceOf(Outcome.Expired.class, platform.await(sent));
        assertInstanceOf(Outcome.Expired.class, platform.withdraw(sent), "nor when it is withdrawn");
        assertTrue(
                ends.relay.received().stream()
                        .noneMatch(request -> request.method().equals("GET")),
                "the relay is not even asked");
    }

    /** The answer arrives with the last poll, which began in time. */
    @Test
    void anAnswerThatArrivesAtTheDeadlineIsLate() throws Exception {
        Sent sent = ask("Deploy 2.1");
        ends.decide(card(sent), Decision.APPROVED);
        ends.relay.meanwhile("GET /v1/requests/.*", () -> ends.agentClock.advance(TTL));
        assertInstanceOf(Outcome.Expired.class, platform.await(sent));
        assertEquals("responded", entry(sent).state());
    }

    @Test
    void anUndecidedCardCannotBeApprovedAfterItsTime() throws Exception {
        Sent sent = ask("Deploy 2.1");
        Inbox.Card card = card(sent);
        ends.phoneClock.advance(TTL);
        assertEquals(new Device.NotDecided(Reason.EXPIRED), ends.decide(card, Decision.APPROVED));
        assertEquals("pending", entry(sent).state(), "nothing is sent");
    }

    @Test
    void anAnswerUnderAnotherRequestsIdIsNotGenuine() throws Exception {
        Sent harmless = ask("Say hello");
        Sent grave = ask("Delete everything");
        ends.decide(card(harmless), Decision.APPROVED);
        entry(grave).response(answerTo(harmless));
        assertNotGenuine(Reason.WRONG_REQUEST, grave);
    }

    @Test
    void swappedQuestionsAreShownByNeitherId() throws Exception {
        Sent harmless = ask("Say hello");
        Sent grave = ask("Delete everything");
        entry(harmless).envelope(entry(grave));
        Inbox inbox = ends.phone.list();
        assertEquals(List.of(new Inbox.Unreadable(harmless.requestId(), Reason.WRONG_REQUEST)), inbox.unreadable());
        assertEquals(
                List.of(grave.requestId()),
                inbox.cards().stream().map(Inbox.Card::requestId).toList());
    }

    @Test
    void aReplayedQuestionUnderAnotherIdIsNotShown() throws Exception {
        Sent sent = ask("Deploy 2.1");
        HostileRelay.Entry entry = entry(sent);
        String id = "01900000-0000-7000-8000-000000000002";
        ends.relay.put(id, credentials.pairing().pairId(), entry.nonce(), entry.ciphertext());
        assertEquals(
                List.of(new Inbox.Unreadable(id, Reason.WRONG_REQUEST)),
                ends.phone.list().unreadable());
    }

    /** The hello of the pairing, shown again under the id of a question; a question sent back as its own answer. */
    @Test
    void nothingCanBeReflected() throws Exception {
        String hello = ends.relay.ids().getFirst();
        Sent sent = ask("Deploy 2.1");
        Envelope question = new Envelope(entry(sent).nonce(), entry(sent).ciphertext());
        entry(sent).envelope(ends.relay.entry(hello));
        assertEquals(
                List.of(new Inbox.Unreadable(sent.requestId(), Reason.SEAL)),
                ends.phone.list().unreadable());
        entry(sent).response(question.toJson());
        assertNotGenuine(Reason.SEAL, sent);
    }

    @Test
    void theConfirmationOfThePairingIsNoAnswer() throws Exception {
        Members confirmation =
                ends.relay.entry(ends.relay.ids().getFirst()).response().orElseThrow();
        Sent sent = ask("Deploy 2.1");
        entry(sent).response(confirmation);
        assertNotGenuine(Reason.WRONG_REQUEST, sent);
    }

    @Test
    void anAnswerOfAnotherPairingIsNotGenuine() throws Exception {
        try (Platform other = ends.platform(ends.pair())) {
            Sent foreign = TwoEnds.sent(other, TwoEnds.deploy());
            ends.decide(card(foreign), Decision.APPROVED);
            Sent sent = ask("Deploy 2.1");
            entry(sent).response(answerTo(foreign));
            assertNotGenuine(Reason.SEAL, sent);
        }
    }

    @Test
    void whatIsNoAnswerAtAllIsNotGenuine() throws Exception {
        for (Members nonsense : List.of(
                new Envelope("", "").toJson(),
                new Envelope("AAAA", "AAAA").toJson(),
                new Members(java.util.Map.of()),
                new Envelope("A".repeat(32), "A".repeat(5_483)).toJson())) {
            Sent sent = ask("Deploy 2.1");
            entry(sent).response(nonsense);
            Outcome outcome = platform.await(sent);
            Reason reason = assertInstanceOf(Outcome.NotGenuine.class, outcome).reason();
            assertTrue(List.of(Reason.ENVELOPE, Reason.SEAL).contains(reason), reason.code());
        }
    }

    @Test
    void aChangedByteIsNotGenuine() throws Exception {
        Sent sent = ask("Deploy 2.1");
        ends.decide(card(sent), Decision.APPROVED);
        String text = answerTo(sent).text("ciphertext").orElseThrow();
        char other = text.charAt(100) == 'A' ? 'B' : 'A';
        entry(sent)
                .response(new Envelope(
                                answerTo(sent).text("nonce").orElseThrow(),
                                text.substring(0, 100) + other + text.substring(101))
                        .toJson());
        assertNotGenuine(Reason.SEAL, sent);
    }

    /** A relay can report any end. None of them is consent, and none is a denial. */
    @Test
    void aFalseEndIsNoDecision() throws Exception {
        for (String state : List.of("expired", "cancelled")) {
            Sent sent = ask("Deploy 2.1");
            ends.decide(card(sent), Decision.APPROVED);
            entry(sent).state(state);
            Outcome outcome = platform.await(sent);
            assertFalse(outcome instanceof Outcome.Decided, outcome.toString());
        }
        Sent sent = ask("Deploy 2.1");
        entry(sent).state("approved");
        assertInstanceOf(Outcome.Expired.class, platform.await(sent), "an unknown state is none");
    }

    @Test
    void aQuestionOfNobodyIsNotShown() throws Exception {
        String id = "01900000-0000-7000-8000-000000000003";
        ends.relay.put(id, credentials.pairing().pairId(), "A".repeat(32), "A".repeat(2_752));
        String stranger = "01900000-0000-7000-8000-000000000004";
        try (TwoEnds others = new TwoEnds()) {
            assertEquals(
                    List.of(new Inbox.Unreadable(id, Reason.SEAL)),
                    ends.phone.list().unreadable());
            PlatformCredentials foreign = others.pair();
            assertEquals(foreign.pairing().pairId(), credentials.pairing().pairId(), "ids are the relay's to choose");
        }
        try (PairingSession session = ends.open()) {
            ends.relay.pairing(session.link().pairId()).bind("");
            ends.relay.put(stranger, session.link().pairId(), "A".repeat(32), "A".repeat(2_752));
            assertEquals(1, ends.phone.list().unreadable().size(), "another device's request is not in the list");
        }
    }

    /** The phone is stolen and revoked here, the relay hides that, and the thief answers what is under way. */
    @Test
    void anAnswerAfterTheCredentialsAreGoneIsNone() throws Exception {
        AtomicReference<Optional<PlatformCredentials>> stored = new AtomicReference<>(Optional.of(credentials));
        try (Platform waiting = new Platform(credentials, ends.journal, ends.agentEnvironment, stored::get)) {
            Sent sent = TwoEnds.sent(waiting, TwoEnds.deploy());
            ends.decide(card(sent), Decision.APPROVED);
            ends.relay.meanwhile("GET /v1/requests/.*", () -> stored.set(Optional.empty()));
            assertInstanceOf(Outcome.PairingEnded.class, waiting.await(sent));
            assertEquals(Optional.empty(), ends.journal.find(sent.requestId()));
            var _ = ends.relay.takeReceived();
            assertInstanceOf(Outcome.PairingEnded.class, waiting.await(sent));
            assertInstanceOf(Outcome.PairingEnded.class, waiting.ask(TwoEnds.deploy()));
            assertEquals(List.of(), ends.relay.received(), "nothing is asked any more");
            stored.set(Optional.of(ends.pair()));
            assertInstanceOf(Outcome.PairingEnded.class, waiting.ask(TwoEnds.deploy()), "paired anew is another one");
            stored.set(Optional.of(credentials));
            Sent again = TwoEnds.sent(waiting, TwoEnds.deploy());
            ends.decide(card(again), Decision.APPROVED);
            assertInstanceOf(Outcome.Decided.class, waiting.await(again));
        }
    }

    @Test
    void anErrorEndsTheFutureToo() {
        try (Platform broken = new Platform(credentials, ends.journal, ends.agentEnvironment, () -> {
            throw new StackOverflowError("as the test says");
        })) {
            ExecutionException e = assertThrows(
                    ExecutionException.class,
                    () -> broken.askAsync(TwoEnds.deploy()).get(60, TimeUnit.SECONDS));
            assertInstanceOf(StackOverflowError.class, e.getCause());
        }
    }
}
