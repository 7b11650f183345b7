package dev.harp.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.client.Platform.Sent;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Answer;
import dev.harp.message.Decision;
import dev.harp.message.Envelope;
import dev.harp.message.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Attacks on questions and answers by the relay, and what becomes of wrong clocks and restored copies. */
@Timeout(60)
class HostileAskingTest {
    private static final Duration TTL = TwoEnds.TTL;

    private final TwoEnds ends = new TwoEnds();
    private PlatformCredentials credentials;
    private Platform platform;

    @BeforeEach
    void pair() throws Exception {
        credentials = ends.pair();
        platform = ends.platform(credentials);
    }

    @AfterEach
    void close() {
        platform.close();
        ends.close();
    }

    private Sent ask(String action) throws InterruptedException {
        return TwoEnds.sent(platform, Ask.authorize(action, TTL));
    }

    private HostileRelay.Entry entry(Sent sent) {
        return ends.relay.entry(sent.requestId());
    }

    private Members answerTo(Sent sent) {
        return entry(sent).response().orElseThrow();
    }

    private Inbox.Card card(Sent sent) throws Exception {
        return ends.phone.list().cards().stream()
                .filter(card -> card.requestId().equals(sent.requestId()))
                .findFirst()
                .orElseThrow();
    }

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

    // --- clocks ---

    @Test
    void aPhoneWhoseClockIsBehindSeesAQuestionFromTheFuture() throws Exception {
        ends.phoneClock.advance(Duration.ofSeconds(-121));
        Sent sent = ask("Deploy 2.1");
        Inbox.Card card = card(sent);
        assertEquals(Optional.of(Reason.ISSUED_IN_FUTURE), card.notNow());
        assertEquals(new Device.NotDecided(Reason.ISSUED_IN_FUTURE), ends.decide(card, Decision.APPROVED));
        ends.phoneClock.advance(Duration.ofSeconds(1));
        assertEquals(Optional.empty(), card(sent).notNow(), "120 s are allowed");
    }

    @Test
    void aPhoneWhoseClockIsAheadSeesAnExpiredQuestion() throws Exception {
        ends.phoneClock.advance(TTL);
        Sent sent = ask("Deploy 2.1");
        assertEquals(Optional.of(Reason.EXPIRED), card(sent).notNow());
        assertEquals(new Device.NotDecided(Reason.EXPIRED), ends.decide(card(sent), Decision.APPROVED));
    }

    /** Somebody sets the phone's clock back to revive an old question. */
    @Test
    void aPhoneWhoseClockWasSetBackDeniesAndDoesNotApprove() throws Exception {
        Sent old = ask("Delete everything");
        Sent swallowed = ask("Deploy 2.1");
        ends.pass(TTL);
        Sent newer = ask("Say hello");
        assertEquals(Optional.empty(), card(newer).notNow());
        ends.phoneClock.advance(TTL.negated());
        assertEquals(new Device.NotDecided(Reason.CLOCK_BEHIND), ends.decide(card(old), Decision.APPROVED));
        assertInstanceOf(Device.Sent.class, ends.decide(card(swallowed), Decision.DENIED));
    }

    @Test
    void aPlatformWhoseClockIsSetBackStillStopsWaiting() throws Exception {
        Sent sent = ask("Deploy 2.1");
        ends.decide(card(sent), Decision.APPROVED);
        ends.agentClock.advance(TTL);
        ends.agentClock.advance(Duration.ofHours(-1));
        assertInstanceOf(Outcome.Expired.class, platform.await(sent));
    }

    @Test
    void aPlatformWhoseClockIsSetForwardStopsWaiting() throws Exception {
        Sent sent = ask("Deploy 2.1");
        ends.decide(card(sent), Decision.APPROVED);
        ends.agentClock.set(ends.agentClock.instant().plus(TTL));
        assertInstanceOf(Outcome.Expired.class, platform.await(sent));
    }

    @Test
    void aDeviceClockThatDiffersIsToldAndNotJudged() throws Exception {
        Sent sent = ask("Deploy 2.1");
        assertInstanceOf(
                Device.Sent.class,
                ends.phone.decide(card(sent), Answer.of(Decision.APPROVED, ends.phoneEnvironment.now() - 121)));
        Outcome.Decided decided = assertInstanceOf(Outcome.Decided.class, platform.await(sent));
        assertTrue(decided.clockDiffers());
        assertTrue(decided.isConsent());
    }

    /** The relay's clock corrects the time in the id, and no time in the question. */
    @Test
    void theRelaysClockJudgesNothing() throws Exception {
        long years = ends.agentEnvironment.now() + Duration.ofDays(3_650).toSeconds();
        ends.relay.about(dev.harp.json.JsonTree.object().add("time", years).build());
        ends.relay.instead("POST /v1/requests", HostileRelay.problem(400, "stale_request_id"));
        Sent sent = ask("Deploy 2.1");
        long inId = Long.parseLong(sent.requestId().replace("-", "").substring(0, 12), 16) / 1_000;
        assertEquals(years, inId);
        assertEquals(ends.agentEnvironment.now(), sent.question().issuedAt());
        assertEquals(Optional.empty(), card(sent).notNow());
        ends.decide(card(sent), Decision.APPROVED);
        assertTrue(assertInstanceOf(Outcome.Decided.class, platform.await(sent)).isConsent());
    }

    @Test
    void aRelayThatCallsEveryIdStaleIsRefused() throws Exception {
        ends.relay.instead(
                "POST /v1/requests",
                HostileRelay.problem(400, "stale_request_id"),
                HostileRelay.problem(400, "stale_request_id"));
        Outcome outcome = platform.ask(TwoEnds.deploy());
        assertInstanceOf(Outcome.Unreachable.class, outcome);
    }

    // --- copies that are put back ---

    /** The platform's folder is put back to where the request was open. */
    @Test
    void aRestoredPlatformDoesNotReadAnOldRequest() throws Exception {
        Sent sent = ask("Deploy 2.1");
        ends.decide(card(sent), Decision.APPROVED);
        Members held = answerTo(sent);
        entry(sent).swallow();
        assertInstanceOf(Outcome.Expired.class, platform.await(sent));
        entry(sent).response(held);
        ends.journal.opened(sent.asked());
        var _ = ends.relay.takeReceived();
        try (Platform restored = ends.platform(credentials)) {
            Sent resumed = restored.resume(sent.requestId()).orElseThrow();
            assertInstanceOf(Outcome.Expired.class, restored.await(resumed));
        }
        assertEquals(List.of(), ends.relay.received());
    }

    /** What the journal does not have is not taken up. */
    @Test
    void anEarlierPlatformDoesNotTakeUpWhatItHasNotStored() throws Exception {
        Sent sent = ask("Deploy 2.1");
        ends.journal.closed(sent.requestId());
        assertEquals(Optional.empty(), platform.resume(sent.requestId()));
    }

    /** The phone is put back to before its denial; the relay has the denial, and takes no second answer. */
    @Test
    void aRestoredPhoneCannotChangeAnAnswerThatTheRelayHas() throws Exception {
        Sent sent = ask("Deploy 2.1");
        Inbox.Card card = card(sent);
        Optional<DeviceState> copy = ends.phoneStore.read();
        ends.decide(card, Decision.DENIED);
        ends.phoneStore.change(_ -> new DeviceStore.Change<>(copy, true));
        assertEquals(new Device.TooLate("already_responded"), ends.decide(card, Decision.APPROVED));
        assertEquals(
                Decision.DENIED,
                assertInstanceOf(Outcome.Decided.class, platform.await(sent))
                        .answer()
                        .decision());
    }

    /** The same with a relay that swallows the denial: the platform that has read it is done. */
    @Test
    void aRestoredPhoneCannotChangeAnAnswerThatThePlatformHas() throws Exception {
        Sent sent = ask("Deploy 2.1");
        Inbox.Card card = card(sent);
        Optional<DeviceState> copy = ends.phoneStore.read();
        ends.decide(card, Decision.DENIED);
        assertInstanceOf(Outcome.Decided.class, platform.await(sent));
        ends.phoneStore.change(_ -> new DeviceStore.Change<>(copy, true));
        entry(sent).swallow();
        assertInstanceOf(Device.Sent.class, ends.decide(card, Decision.APPROVED));
        assertEquals(Optional.empty(), platform.resume(sent.requestId()), "nobody waits for it any more");
    }

    /** The phone is put back to before the pairing. */
    @Test
    void aRestoredPhoneWithoutThePairingShowsNothing() throws Exception {
        Sent sent = ask("Deploy 2.1");
        ends.phoneStore.change(state -> new DeviceStore.Change<>(
                state.map(now -> now.without(credentials.pairing().pairId())), true));
        assertEquals(
                List.of(new Inbox.Unreadable(sent.requestId(), Reason.WRONG_PAIRING)),
                ends.phone.list().unreadable().stream()
                        .filter(each -> each.requestId().equals(sent.requestId()))
                        .toList());
    }

    @Test
    void aStoreOfAnotherRelayIsNotUsed() throws Exception {
        try (TwoEnds others = new TwoEnds();
                Device wrong = new Device(others.relay.url(), ends.phoneStore, others.phoneEnvironment)) {
            org.junit.jupiter.api.Assertions.assertThrows(IllegalStateException.class, wrong::list);
            assertEquals(List.of(), others.relay.received(), "the token stays here");
        }
    }
}
