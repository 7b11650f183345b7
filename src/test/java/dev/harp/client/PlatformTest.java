package dev.harp.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.client.Platform.Progress;
import dev.harp.client.Platform.Sent;
import dev.harp.message.Answer;
import dev.harp.message.Assertion;
import dev.harp.message.Assurance;
import dev.harp.message.Bytes;
import dev.harp.message.Decision;
import dev.harp.message.Passkey;
import dev.harp.message.PasskeyAlgorithm;
import dev.harp.message.Question.Field;
import dev.harp.message.Question.FieldType;
import dev.harp.message.Reason;
import dev.harp.message.Severity;
import dev.harp.testing.FakeServer;
import dev.harp.testing.FakeServer.Request;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The asking side: what is sent once, what is tried again, and how each end is told. */
@Timeout(300)
class PlatformTest {
    private final TwoEnds ends = new TwoEnds();
    private PlatformCredentials credentials;
    private Platform platform;

    @BeforeEach
    void pair() throws Exception {
        credentials = ends.pair();
        platform = ends.platform(credentials);
        var _ = ends.relay.takeReceived();
        ends.agentPauses.clear();
    }

    @AfterEach
    void close() {
        platform.close();
        ends.close();
    }

    private List<Request> submissions() {
        return ends.relay.received().stream()
                .filter(request -> request.call().equals("POST /v1/requests"))
                .toList();
    }

    private Sent sent() throws InterruptedException {
        return TwoEnds.sent(platform, TwoEnds.deploy());
    }

    /** The relay has the question, and the connection breaks before its answer: it is not asked twice. */
    @Test
    void aLostAnswerToASubmissionIsFetchedByTheSameSubmission() throws Exception {
        ends.relay.losing("POST /v1/requests").losing("POST /v1/requests");
        Sent sent = sent();
        List<Request> submissions = submissions();
        assertEquals(3, submissions.size());
        assertEquals(1, submissions.stream().map(Request::body).distinct().count());
        assertEquals(1, ends.phone.list().cards().size());
        assertTrue(submissions.getFirst().body().contains(sent.requestId()));
    }

    @Test
    void aDrainAndAnOutageOfTheStoreAreWaitedFor() throws Exception {
        ends.relay.instead(
                "POST /v1/requests",
                HostileRelay.problem(503, "shutting_down", "Retry-After: 1"),
                FakeServer.response(502, "<html>"),
                HostileRelay.problem(503, "store_unavailable", "Retry-After: 5"));
        Sent sent = sent();
        assertEquals(1, submissions().stream().map(Request::body).distinct().count());
        assertEquals(Duration.ofSeconds(1), ends.agentPauses.getFirst());
        assertEquals(Duration.ofSeconds(5), ends.agentPauses.getLast());
        ends.decide(ends.card(), Decision.APPROVED);
        ends.relay.instead(
                "GET /v1/requests/.*",
                HostileRelay.problem(503, "shutting_down", "Retry-After: 1"),
                FakeServer.hangUp(),
                HostileRelay.problem(503, "store_unavailable", "Retry-After: 5"));
        assertTrue(assertInstanceOf(Outcome.Decided.class, platform.await(sent)).isConsent());
    }

    /** The pairing's rate limit, which says when there is room again. */
    @Test
    void aRateLimitIsWaitedForAsLongAsItAsks() throws Exception {
        ends.relay.instead("POST /v1/requests", HostileRelay.problem(429, "rate_limited", "Retry-After: 6"));
        sent();
        assertEquals(List.of(Duration.ofSeconds(6)), ends.agentPauses);
    }

    @Test
    void aRelayThatStaysAwayIsNoDecision() throws Exception {
        Sent sent = sent();
        ends.relay.away(".*");
        Outcome.Unreachable outcome = assertInstanceOf(Outcome.Unreachable.class, platform.await(sent));
        assertTrue(outcome.why().contains("cannot be reached"), outcome.why());
        assertEquals(Optional.empty(), ends.journal.find(sent.requestId()));
        assertInstanceOf(Outcome.Unreachable.class, platform.ask(TwoEnds.deploy()));
    }

    @Test
    void aQuestionIsInTheJournalBeforeItIsSentAndGoesWithItsEnd() throws Exception {
        Sent sent = sent();
        assertEquals(Optional.of(sent.asked()), ends.journal.find(sent.requestId()));
        ends.decide(ends.card(), Decision.DENIED);
        assertFalse(
                assertInstanceOf(Outcome.Decided.class, platform.await(sent)).isConsent());
        assertEquals(Optional.empty(), ends.journal.find(sent.requestId()));
    }

    @Test
    void aProcessThatWasKilledFindsItsRequestAgain() throws Exception {
        Sent sent = sent();
        ends.decide(ends.card(), Decision.APPROVED);
        try (Platform next = ends.platform(credentials)) {
            Sent resumed = next.resume(sent.requestId()).orElseThrow();
            assertTrue(
                    assertInstanceOf(Outcome.Decided.class, next.await(resumed)).isConsent());
            assertEquals(Optional.empty(), next.resume(sent.requestId()));
        }
    }

    @Test
    void whatDoesNotFitIsNotSent() throws Exception {
        assertEquals(
                new Outcome.NotSent(Reason.QUESTION_BOUNDS), platform.ask(Ask.authorize("x".repeat(201), TwoEnds.TTL)));
        assertEquals(
                new Outcome.NotSent(Reason.TOO_LONG),
                platform.ask(TwoEnds.deploy().with(question -> question.description("x".repeat(50_000)))));
        assertEquals(
                new Outcome.NotSent(Reason.ASSURANCE),
                platform.ask(TwoEnds.deploy().assurance(Assurance.BIOMETRIC)));
        assertEquals(
                new Outcome.NotSent(Reason.ASSURANCE),
                platform.ask(TwoEnds.deploy().severity(Severity.CRITICAL)));
        assertEquals(List.of(), ends.relay.received());
    }

    @Test
    void whatIsTooLongForThisRelayIsToldAsThat() throws Exception {
        ends.relay.instead("POST /v1/requests", HostileRelay.problem(413, "payload_too_large"));
        assertEquals(new Outcome.NotSent(Reason.TOO_LONG), platform.ask(TwoEnds.deploy()));
    }

    @Test
    void aPairingThatHasEndedIsToldApart() throws Exception {
        Sent sent = sent();
        platform.revoke();
        assertInstanceOf(Outcome.PairingEnded.class, platform.await(sent));
        assertInstanceOf(Outcome.PairingEnded.class, platform.ask(TwoEnds.deploy()));
        assertFalse(platform.isActive());
        ends.relay.forget();
        assertInstanceOf(Outcome.PairingEnded.class, platform.ask(TwoEnds.deploy()));
    }

    @Test
    void aRelayThatHasForgottenOnlyTheRequestIsToldApart() throws Exception {
        Sent sent = sent();
        ends.relay.instead("GET /v1/requests/.*", HostileRelay.problem(401, "unauthorized"));
        assertEquals(new Outcome.Unreachable("the relay has forgotten the request"), platform.await(sent));
        Sent lost = sent();
        ends.relay.forget();
        assertInstanceOf(Outcome.PairingEnded.class, platform.await(lost));
    }

    /** The relay goes away between its two answers: then it is not known why the request has ended. */
    @Test
    void anEndWhoseReasonCannotBeAskedIsNoDecision() throws Exception {
        Sent cancelled = sent();
        ends.relay.entry(cancelled.requestId()).state("cancelled");
        ends.relay.away("GET /v1/pairs/.*");
        assertInstanceOf(Outcome.Withdrawn.class, platform.await(cancelled));
        Sent forgotten = sent();
        ends.relay.instead("GET /v1/requests/.*", HostileRelay.problem(401, "unauthorized"));
        assertInstanceOf(Outcome.Unreachable.class, platform.await(forgotten));
        Sent refused = sent();
        ends.relay.instead("GET /v1/requests/.*", HostileRelay.problem(403, "wrong_secret"));
        assertInstanceOf(Outcome.Unreachable.class, platform.await(refused));
        Sent empty = sent();
        ends.relay.instead("GET /v1/requests/.*", FakeServer.response(200, "{\"state\":\"responded\"}"));
        assertEquals(new Outcome.NotGenuine(Reason.ENVELOPE), platform.await(empty));
    }

    /** The phone's own key is not enough where a passkey was asked for; to deny it is. */
    @Test
    void lessAssuranceThanAskedIsNoConsent() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        Bytes key = Bytes.of(generator.generateKeyPair().getPublic().getEncoded());
        Passkey passkey = new Passkey(PasskeyAlgorithm.ES256, key, true);
        PlatformCredentials offering = ends.pair(Optional.of("https://app.example.org"), List.of(passkey));
        try (Platform asking = ends.platform(offering)) {
            assertEquals(
                    new Outcome.NotSent(Reason.ASSURANCE),
                    asking.ask(TwoEnds.deploy().assurance(Assurance.ELEVATED)));
            Sent approved = TwoEnds.sent(asking, TwoEnds.deploy());
            assertEquals(Assurance.BIOMETRIC, approved.question().assurance(), "unasked, what the phone offers");
            ends.decide(ends.card(), Decision.APPROVED);
            assertEquals(new Outcome.LessAssurance(Assurance.TAP, Assurance.BIOMETRIC), asking.await(approved));
            Sent denied = TwoEnds.sent(asking, TwoEnds.deploy());
            ends.decide(ends.card(), Decision.DENIED);
            assertFalse(assertInstanceOf(Outcome.Decided.class, asking.await(denied))
                    .isConsent());
            TwoEnds.sent(asking, TwoEnds.deploy());
            Answer yes = Answer.of(Decision.APPROVED, ends.phoneEnvironment.now());
            assertEquals(
                    new Device.NotDecided(Reason.PASSKEY_CLIENT),
                    ends.phone.decide(ends.card(), yes, challenge -> Optional.of(new Assertion(key, key, challenge))),
                    "the phone does not send what the platform would refuse");
        }
    }

    @Test
    void howLongARelayThatIsAwayIsTriedIsTheAsksToSay() throws Exception {
        ends.relay.away(".*");
        Duration patience = Duration.ofSeconds(5);
        assertInstanceOf(
                Outcome.Unreachable.class, platform.ask(TwoEnds.deploy().patience(patience)));
        Duration paused = ends.agentPauses.stream().reduce(Duration.ZERO, Duration::plus);
        assertTrue(paused.isPositive() && paused.compareTo(patience) <= 0, "paused for " + paused);
    }

    @Test
    void aRefusalForGoodEndsTheRequest() throws Exception {
        ends.relay.instead("POST /v1/requests", HostileRelay.problem(409, "duplicate_request"));
        Outcome.Unreachable outcome = assertInstanceOf(Outcome.Unreachable.class, platform.ask(TwoEnds.deploy()));
        assertEquals("the relay refused (duplicate_request): as the test says", outcome.why());
    }

    @Test
    void aWithdrawnRequestLeavesThePhone() throws Exception {
        Sent sent = sent();
        Inbox.Card card = ends.card();
        assertInstanceOf(Outcome.Withdrawn.class, platform.withdraw(sent));
        assertEquals(new Device.TooLate("request_cancelled"), ends.decide(card, Decision.APPROVED));
        assertEquals(Optional.empty(), ends.journal.find(sent.requestId()));
    }

    /** The first withdrawal has happened; its answer was lost. */
    @Test
    void aLostAnswerToAWithdrawalIsAWithdrawal() throws Exception {
        Sent sent = sent();
        ends.relay.losing("DELETE /v1/requests/.*");
        assertInstanceOf(Outcome.Withdrawn.class, platform.withdraw(sent));
    }

    @Test
    void aWithdrawalThatComesTooLateTellsTheAnswer() throws Exception {
        Sent sent = sent();
        ends.decide(ends.card(), Decision.APPROVED);
        assertTrue(
                assertInstanceOf(Outcome.Decided.class, platform.withdraw(sent)).isConsent());
    }

    @Test
    void aWithdrawalAtARelayThatIsAwayIsToldAsThat() throws Exception {
        Sent sent = sent();
        ends.relay.instead("DELETE /v1/requests/.*", HostileRelay.problem(401, "unauthorized"));
        assertEquals(new Outcome.Unreachable("the relay has forgotten the request"), platform.withdraw(sent));
        Sent other = sent();
        ends.relay.away("DELETE .*");
        assertInstanceOf(Outcome.Unreachable.class, platform.withdraw(other));
    }

    @Test
    void aLostRevocationIsDoneWhenItIsFoundDone() throws Exception {
        ends.relay.losing("DELETE /v1/pairs/.*");
        platform.revoke();
        platform.revoke();
        ends.relay.instead("DELETE /v1/pairs/.*", HostileRelay.problem(403, "wrong_secret"));
        assertThrows(RelayException.class, platform::revoke);
    }

    /** Another waiter displaces this one's polls. It does not come straight back each time. */
    @Test
    void aPollThatEndsEarlyIsFollowedByAPause() throws Exception {
        Sent sent = sent();
        assertInstanceOf(Outcome.Expired.class, platform.await(sent));
        long polls = ends.relay.received().stream()
                .filter(request -> request.call().startsWith("GET /v1/requests/"))
                .count();
        assertTrue(polls <= TwoEnds.TTL.toSeconds(), "polls: " + polls);
        assertTrue(ends.agentPauses.stream().allMatch(pause -> pause.compareTo(Duration.ofSeconds(1)) <= 0));
    }

    @Test
    void theFirstPollsAreShortAndTheLaterOnesLong() throws Exception {
        Sent sent = sent();
        platform.await(sent);
        List<String> waits = ends.relay.received().stream()
                .filter(request -> request.call().startsWith("GET /v1/requests/"))
                .map(request -> request.target().replaceFirst(".*wait=", ""))
                .toList();
        assertEquals(List.of("2", "4", "8", "16", "32", "55", "55"), waits.subList(0, 7));
        assertTrue(waits.stream().allMatch(wait -> Integer.parseInt(wait) <= 55));
    }

    @Test
    void aListenerIsToldEachProgressOnce() throws Exception {
        Sent sent = sent();
        String delivered = "{\"state\":\"delivered\",\"delivered_at\":1}";
        ends.relay.instead(
                "GET /v1/requests/.*",
                FakeServer.response(200, "{\"state\":\"pending\"}"),
                FakeServer.response(200, delivered),
                FakeServer.response(200, delivered));
        ends.decide(ends.card(), Decision.APPROVED);
        List<Progress> told = new ArrayList<>();
        assertInstanceOf(Outcome.Decided.class, platform.await(sent, told::add));
        assertEquals(List.of(Progress.SENT, Progress.DELIVERED), told);
    }

    @Test
    void aFormIsFilledInAndAPieceOfNewsIsSeen() throws Exception {
        Field field = new Field("size", FieldType.NUMBER, "How many?", true, List.of());
        Sent form = TwoEnds.sent(platform, Ask.collect("Order", TwoEnds.TTL, List.of(field)));
        Answer filled = Answer.of(Decision.ANSWERED, ends.phoneEnvironment.now())
                .withValues(List.of(new Answer.One("size", "3")));
        assertEquals(
                new Device.NotDecided(Reason.ANSWER_VALUES),
                ends.phone.decide(ends.card(), filled.withValues(List.of(new Answer.One("size", "many")))));
        assertInstanceOf(Device.Sent.class, ends.phone.decide(ends.card(), filled));
        Outcome.Decided answered = assertInstanceOf(Outcome.Decided.class, platform.await(form));
        assertTrue(answered.isConsent());
        assertEquals(filled.values(), answered.answer().values());

        Sent news = TwoEnds.sent(platform, Ask.inform("Done", TwoEnds.TTL));
        assertEquals(new Device.NotDecided(Reason.WRONG_DECISION), ends.decide(ends.card(), Decision.APPROVED));
        assertInstanceOf(Device.Sent.class, ends.decide(ends.card(), Decision.SEEN));
        assertFalse(
                assertInstanceOf(Outcome.Decided.class, platform.await(news)).isConsent());
    }

    /** The form as a future, while the thread that asks goes on. */
    @Test
    void aFutureEndsLikeTheCallThatBlocks() throws Exception {
        ends.relay.instead("POST /v1/requests", HostileRelay.problem(410, "pair_revoked"));
        assertInstanceOf(
                Outcome.PairingEnded.class, platform.askAsync(TwoEnds.deploy()).get(60, TimeUnit.SECONDS));
        var failed = platform.askAsync(TwoEnds.deploy().with(_ -> {
            throw new IllegalStateException("a caller's mistake");
        }));
        ExecutionException e = assertThrows(ExecutionException.class, () -> failed.get(60, TimeUnit.SECONDS));
        assertInstanceOf(IllegalStateException.class, e.getCause());
    }

    /** Whoever is interrupted leaves the request open, and in the journal. */
    @Test
    void anInterruptedCallLeavesItsRequestOpen() throws Exception {
        Sent sent = sent();
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> platform.await(sent));
        assertEquals(Optional.of(sent.asked()), ends.journal.find(sent.requestId()));
        assertEquals("pending", ends.relay.entry(sent.requestId()).state());
    }

    @Test
    void credentialsReadBackTheSameAndShowNoToken() {
        assertEquals(Optional.of(credentials), PlatformCredentials.fromJson(credentials.toJson()));
        assertFalse(credentials.toString().contains(credentials.token()));
    }
}
