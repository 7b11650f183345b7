package dev.harp.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.message.Checked.Refused;
import dev.harp.message.DecisionLog.Existing;
import dev.harp.message.DecisionLog.Inserted;
import dev.harp.message.DecisionLog.OtherQuestion;
import dev.harp.message.Judgement.Accepted;
import dev.harp.message.Judgement.NotGenuine;
import dev.harp.testing.FixedRandom;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Questions and answers, and what a relay may try with them. */
class AskingTest {
    private static final String ID = "01900000-0000-7000-8000-00000000000a";
    private static final String OTHER_ID = "01900000-0000-7000-8000-00000000000b";
    private static final long NOW = Pair.NOW;

    private final SecureRandom random = new FixedRandom("asking");
    private final Pair pair = Pair.make("asking", Optional.empty(), List.of());
    private final AskedQuestion asked = ask(ID, NOW);
    private final ReceivedQuestion received = open(asked);

    @Test
    void anApprovalArrivesWithAReceipt() {
        Accepted accepted = accepted(asked, answer(received, Decision.APPROVED));
        assertEquals(Decision.APPROVED, accepted.answer().decision());
        assertEquals(Assurance.TAP, accepted.given());
        assertFalse(accepted.clockDiffers());
        var verified = Receipt.verify(
                        accepted.receipt().write(), pair.platform().transcript())
                .orElseThrow();
        assertEquals(asked.question(), verified.question());
    }

    @Test
    void aYesAndANoLookAlike() {
        Envelope yes = answer(received, Decision.APPROVED);
        Envelope no = answer(received, Decision.DENIED);
        assertEquals(yes.ciphertext().length(), no.ciphertext().length());
    }

    @Test
    void anAnswerUnderAnotherRequestsIdIsRefused() {
        AskedQuestion other = ask(OTHER_ID, NOW);
        notGenuine(Reason.WRONG_REQUEST, other, answer(received, Decision.APPROVED));
    }

    @Test
    void anAnswerToAnotherTextUnderTheSameIdIsRefused() {
        AskedQuestion other = ask(ID, NOW + 1);
        notGenuine(Reason.WRONG_QUESTION, other, answer(received, Decision.APPROVED));
    }

    @Test
    void anAnswerOfAnotherPairingIsRefused() {
        Pair stranger = Pair.make("stranger", Optional.empty(), List.of());
        Envelope sealed = stranger.device()
                .sign(received, Answer.of(Decision.APPROVED, NOW))
                .orElseThrow()
                .seal(Optional.empty(), random)
                .orElseThrow()
                .response();
        notGenuine(Reason.SEAL, asked, sealed);
    }

    @Test
    void seenIsNoApproval() {
        refused(Reason.WRONG_DECISION, pair.device().sign(received, Answer.of(Decision.SEEN, NOW)));
    }

    @Test
    void aQuestionUnderAnotherEnvelopesIdIsRefused() {
        refused(Reason.WRONG_REQUEST, pair.device().open(OTHER_ID, asked.envelope()));
    }

    @Test
    void aSwallowedDenialCannotBecomeALateApproval() {
        DecisionLog log = DecisionLog.EMPTY.observe(received, NOW);
        var denied = assertInstanceOf(Inserted.class, log.insert(ID, entry(received, Decision.DENIED)));
        // The relay shows the question again, and the person now taps "approve".
        var second = assertInstanceOf(Existing.class, denied.log().insert(ID, entry(received, Decision.APPROVED)));
        assertEquals(denied.entry(), second.entry());
        assertFalse(asked.isInTime(NOW + 300, 300));
    }

    @Test
    void theMonotonicClockAloneEndsAQuestionWhoseWallClockWasSetBack() {
        assertTrue(asked.isInTime(NOW + 299, 299));
        assertFalse(asked.isInTime(NOW - 1_000, 300));
    }

    @Test
    void anotherQuestionUnderADecidedIdIsRefused() {
        var first = assertInstanceOf(Inserted.class, DecisionLog.EMPTY.insert(ID, entry(received, Decision.DENIED)));
        ReceivedQuestion other = open(ask(ID, NOW + 1));
        var refused = assertInstanceOf(OtherQuestion.class, first.log().insert(ID, entry(other, Decision.APPROVED)));
        assertEquals(Reason.ALREADY_DECIDED, refused.reason());
    }

    @Test
    void aClockThatWasSetBackCanDenyButNotApprove() {
        DecisionLog log = DecisionLog.EMPTY.observe(open(ask(OTHER_ID, NOW + 1_000)), NOW + 1_000);
        assertEquals(Optional.of(Reason.CLOCK_BEHIND), log.judge(received, Decision.APPROVED, NOW));
        assertEquals(Optional.empty(), log.judge(received, Decision.DENIED, NOW));
    }

    @Test
    void entriesGoOnlyWhenAGenuineQuestionIsThirtyDaysPastTheirExpiry() {
        var first = assertInstanceOf(Inserted.class, DecisionLog.EMPTY.insert(ID, entry(received, Decision.DENIED)));
        long last = received.expiresAt() + DecisionLog.KEPT;
        assertEquals(
                1,
                first.log().observe(open(ask(OTHER_ID, last)), last).entries().size());
        assertEquals(
                0,
                first.log()
                        .observe(open(ask(OTHER_ID, last + 1)), last + 1)
                        .entries()
                        .size());
        // A question from the future does not move M.
        assertEquals(
                1,
                first.log()
                        .observe(open(ask(OTHER_ID, last + 1)), NOW)
                        .entries()
                        .size());
    }

    @Test
    void aClockThatDiffersIsToldAndNotJudged() {
        Envelope early = seal(received, Answer.of(Decision.APPROVED, NOW - 121)).response();
        assertTrue(accepted(asked, early).clockDiffers());
    }

    @Test
    void whatIsStoredReadsBackTheSame() {
        assertEquals(asked, AskedQuestion.fromJson(asked.toJson()).orElseThrow());
    }

    @Test
    void assuranceThatIsNotOfferedIsRefusedBeforeSending() {
        Question question = Question.builder(Intent.AUTHORIZE, ID, NOW, NOW + 300, "deploy", Assurance.BIOMETRIC)
                .build();
        refused(Reason.ASSURANCE, pair.platform().seal(question, random));
        Join join = pair.device().join();
        refused(Reason.ASSURANCE, Assurance.choose(Optional.empty(), Severity.CRITICAL, join));
        assertEquals(
                Assurance.TAP,
                Assurance.choose(Optional.of(Assurance.TAP), Severity.CRITICAL, join)
                        .orElseThrow());
    }

    @Test
    void aTextWithALoneSurrogateIsRefusedAndNotRepaired() {
        Question question = Question.builder(Intent.AUTHORIZE, ID, NOW, NOW + 300, "rm \ud800", Assurance.TAP)
                .build();
        refused(Reason.JSON_FORM, question.plaintext());
    }

    private AskedQuestion ask(String id, long issuedAt) {
        Question question = Question.builder(
                        Intent.AUTHORIZE, id, issuedAt, issuedAt + 300, "deploy release 7", Assurance.TAP)
                .build();
        return pair.platform().seal(question, random).orElseThrow();
    }

    private ReceivedQuestion open(AskedQuestion question) {
        return pair.device()
                .open(question.question().requestId(), question.envelope())
                .orElseThrow();
    }

    private DecisionLog.Entry seal(ReceivedQuestion question, Answer answer) {
        return pair.device()
                .sign(question, answer)
                .orElseThrow()
                .seal(Optional.empty(), random)
                .orElseThrow();
    }

    private DecisionLog.Entry entry(ReceivedQuestion question, Decision decision) {
        return seal(question, Answer.of(decision, NOW));
    }

    private Envelope answer(ReceivedQuestion question, Decision decision) {
        return entry(question, decision).response();
    }

    private Accepted accepted(AskedQuestion question, Envelope response) {
        return assertInstanceOf(Accepted.class, pair.platform().judge(question, response, NOW + 10));
    }

    private void notGenuine(Reason reason, AskedQuestion question, Envelope response) {
        assertEquals(
                reason,
                assertInstanceOf(NotGenuine.class, pair.platform().judge(question, response, NOW))
                        .reason());
    }

    private static void refused(Reason reason, Checked<?> checked) {
        assertEquals(reason, assertInstanceOf(Refused.class, checked).reason());
    }
}
