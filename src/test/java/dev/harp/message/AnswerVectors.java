package dev.harp.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.message.Answer.One;
import dev.harp.message.Answer.Several;
import dev.harp.testing.FixedRandom;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/** Answers: section 7. */
final class AnswerVectors {
    private static final long NOW = Pair.NOW + 20;

    private final DevicePairing device = Fixtures.TAP.device();
    private final SecureRandom random = new FixedRandom("answer vectors");

    private final Vectors vectors = new Vectors(
            "answers",
            "kind answer: the platform of the named pairing judges the envelope as a response to the question, which"
                + " it has asked itself. A valid one gives decision, assurance and whether the clock differs; answer"
                + " is the signed text.");

    private AnswerVectors() {}

    static Vectors make() {
        AnswerVectors answers = new AnswerVectors();
        answers.valid();
        answers.refusedEnvelopes();
        answers.refusedSignatures();
        answers.refusedTexts();
        answers.refusedRules();
        return answers.vectors;
    }

    private void valid() {
        Answer approved = Answer.of(Decision.APPROVED, NOW);
        valid("approved", QuestionVectors.AUTHORIZE, approved);
        valid("approved with a choice", QuestionVectors.AUTHORIZE, approved.withChoice("today"));
        valid("denied", QuestionVectors.AUTHORIZE, Answer.of(Decision.DENIED, NOW));
        valid(
                "denied with a reason beyond ASCII",
                QuestionVectors.AUTHORIZE,
                Answer.of(Decision.DENIED, NOW).withReason("n\u00e4 \"so\" \ud83d\ude00\n"));
        valid(
                "a reason of 1,000 bytes",
                QuestionVectors.AUTHORIZE,
                Answer.of(Decision.DENIED, NOW).withReason("\n".repeat(500)));
        valid(
                "decided 121 s before it was issued",
                QuestionVectors.AUTHORIZE,
                Answer.of(Decision.APPROVED, Pair.NOW - 121));
        valid(
                "decided 121 s after it arrived",
                QuestionVectors.AUTHORIZE,
                Answer.of(Decision.APPROVED, NOW + 10 + 121));
        valid(
                "answered with all fields",
                QuestionVectors.COLLECT,
                answered(
                        new One("region", "eu"),
                        new One("days", "-3.50"),
                        new One("note", ""),
                        new Several("teams", List.of("b", "a"))));
        valid("answered with the required field", QuestionVectors.COLLECT, answered(new One("region", "us")));
        valid(
                "answered with nothing of several",
                QuestionVectors.COLLECT,
                answered(new Several("teams", List.of()), new One("region", "us")));
        valid("collect denied", QuestionVectors.COLLECT, Answer.of(Decision.DENIED, NOW));
        valid("seen", QuestionVectors.INFORM, Answer.of(Decision.SEEN, NOW));
        valid(
                "inform denied, by a device that did not understand it",
                QuestionVectors.INFORM,
                Answer.of(Decision.DENIED, NOW));
    }

    private void refusedEnvelopes() {
        Question question = QuestionVectors.AUTHORIZE;
        Jws jws = jws(question, Answer.of(Decision.APPROVED, NOW));
        Bytes response = response(jws);
        refused(
                "sealed with the key of questions",
                Reason.SEAL,
                question,
                Envelope.seal(device.questionKey(), response, random));
        Envelope good = seal(response);
        refused(
                "nonce of 23 bytes",
                Reason.ENVELOPE,
                question,
                new Envelope(Bytes.of(new byte[23]).base64(), good.ciphertext()));
        refused(
                "ciphertext not in base64url",
                Reason.ENVELOPE,
                question,
                new Envelope(good.nonce(), good.ciphertext() + "="));
        refused(
                "size of a collect's response",
                Reason.PADDING,
                question,
                seal(new Response(jws.text(), Optional.empty()).pad(Padding.COLLECT_RESPONSE)));
        refused(
                "response with a further member",
                Reason.RESPONSE_MEMBER,
                question,
                seal(Vectors.padded("{\"answer\":\"" + jws.text() + "\",\"only_if\":\"\"}", 4_096)));
        refused("response without an answer", Reason.RESPONSE_MEMBER, question, seal(Vectors.padded("{}", 4_096)));
    }

    private void refusedSignatures() {
        Question question = QuestionVectors.AUTHORIZE;
        Jws jws = jws(question, Answer.of(Decision.APPROVED, NOW));
        String payload = jws.payload().base64();
        signed(
                "header with alg none",
                Reason.JWS_FORM,
                question,
                Bytes.utf8("{\"alg\":\"none\"}").base64() + "." + payload + ".");
        signed(
                "header with a further member",
                Reason.JWS_FORM,
                question,
                Bytes.utf8("{\"alg\":\"EdDSA\",\"typ\":\"harp-answer\",\"kid\":\"\"}")
                                .base64() + "." + payload + "."
                        + jws.signature().base64());
        signed("two parts", Reason.JWS_FORM, question, jws.signingInput());
        signed(
                "signature of 63 bytes",
                Reason.JWS_FORM,
                question,
                jws.signingInput() + "." + jws.signature().slice(0, 63).base64());
        signed(
                "signed by another key",
                Reason.SIGNATURE,
                question,
                Jws.sign(Crypto.newEd25519(random).secret(), jws.payload()).text());
        signed(
                "payload exchanged",
                Reason.SIGNATURE,
                question,
                Jws.signingInput(jws(question, Answer.of(Decision.DENIED, NOW)).payload()) + "."
                        + jws.signature().base64());
    }

    private void refusedTexts() {
        Question question = QuestionVectors.AUTHORIZE;
        String text = new String(
                jws(question, Answer.of(Decision.APPROVED, NOW)).payload().toByteArray(), UTF_8);
        text("text not in the exact form", Reason.JSON_FORM, text.replace("\"v\":1", "\"v\": 1"));
        text("text with a space behind it", Reason.JSON_FORM, text + " ");
        text("text of version 2", Reason.ANSWER_MEMBER, text.replace("\"v\":1", "\"v\":2"));
        text("text with a further member", Reason.ANSWER_MEMBER, text.replace("\"v\":1", "\"v\":1,\"until\":\"noon\""));
        text("an unknown decision", Reason.ANSWER_MEMBER, text.replace("approved", "maybe"));
        text(
                "a reason of 1,001 bytes",
                Reason.ANSWER_MEMBER,
                text.replace("\"v\":1", "\"v\":1,\"reason\":\"" + "\\n".repeat(500) + "a\""));
        text("an empty reason", Reason.ANSWER_MEMBER, text.replace("\"v\":1", "\"v\":1,\"reason\":\"\""));
        text(
                "another pairing",
                Reason.WRONG_PAIRING,
                text.replace(
                        device.transcript().base64(),
                        Fixtures.PASSKEYS.device().transcript().base64()));
        text("another request", Reason.WRONG_REQUEST, text.replace("000a", "000b"));
        text(
                "another question",
                Reason.WRONG_QUESTION,
                text.replace(
                        digest(question).base64(),
                        digest(QuestionVectors.INFORM).base64()));
    }

    private void refusedRules() {
        rule("seen for an authorize", Reason.WRONG_DECISION, QuestionVectors.AUTHORIZE, Answer.of(Decision.SEEN, NOW));
        rule(
                "paired for an authorize",
                Reason.WRONG_DECISION,
                QuestionVectors.AUTHORIZE,
                Answer.of(Decision.PAIRED, NOW));
        rule(
                "approved for a collect",
                Reason.WRONG_DECISION,
                QuestionVectors.COLLECT,
                Answer.of(Decision.APPROVED, NOW));
        rule(
                "a choice that was not offered",
                Reason.ANSWER_CHOICE,
                QuestionVectors.AUTHORIZE,
                Answer.of(Decision.APPROVED, NOW).withChoice("ever"));
        rule(
                "denied with a choice",
                Reason.ANSWER_CHOICE,
                QuestionVectors.AUTHORIZE,
                Answer.of(Decision.DENIED, NOW).withChoice("today"));
        rule(
                "the required field missing",
                Reason.ANSWER_VALUES,
                QuestionVectors.COLLECT,
                answered(new One("days", "1")));
        rule(
                "a field that there is not",
                Reason.ANSWER_VALUES,
                QuestionVectors.COLLECT,
                answered(new One("region", "eu"), new One("zone", "1")));
        rule(
                "a field twice",
                Reason.ANSWER_VALUES,
                QuestionVectors.COLLECT,
                answered(new One("region", "eu"), new One("region", "us")));
        rule(
                "an option that there is not",
                Reason.ANSWER_VALUES,
                QuestionVectors.COLLECT,
                answered(new One("region", "mars")));
        rule(
                "a number with an exponent",
                Reason.ANSWER_VALUES,
                QuestionVectors.COLLECT,
                answered(new One("region", "eu"), new One("days", "1e3")));
        rule(
                "one of several twice",
                Reason.ANSWER_VALUES,
                QuestionVectors.COLLECT,
                answered(new One("region", "eu"), new Several("teams", List.of("a", "a"))));
    }

    private void valid(String name, Question question, Answer answer) {
        Jws jws = jws(question, answer);
        boolean differs = answer.decidedAt() < Pair.NOW - 120 || answer.decidedAt() > NOW + 10 + 120;
        vectors.valid(
                "answer",
                name,
                v -> v.add("pairing", "tap")
                        .add("question", Vectors.plaintext(question.plaintext().orElseThrow()))
                        .add(
                                "envelope",
                                seal(new Response(jws.text(), Optional.empty()).pad(Response.sizes(question.intent())))
                                        .toJson())
                        .add("arrived_at", NOW + 10)
                        .add("answer", new String(jws.payload().toByteArray(), UTF_8))
                        .add("decision", answer.decision().code())
                        .add("assurance", "tap")
                        .add("clock_differs", differs));
    }

    private void rule(String name, Reason reason, Question question, Answer answer) {
        refused(
                name,
                reason,
                question,
                seal(new Response(jws(question, answer).text(), Optional.empty())
                        .pad(Response.sizes(question.intent()))));
    }

    private void text(String name, Reason reason, String text) {
        signed(
                name,
                reason,
                QuestionVectors.AUTHORIZE,
                Jws.sign(device.ed25519Seed(), Bytes.utf8(text)).text());
    }

    private void signed(String name, Reason reason, Question question, String jws) {
        refused(name, reason, question, seal(new Response(jws, Optional.empty()).pad(Padding.RESPONSE)));
    }

    private void refused(String name, Reason reason, Question question, Envelope envelope) {
        vectors.refused(
                "answer",
                name,
                reason,
                v -> v.add("pairing", "tap")
                        .add("question", Vectors.plaintext(question.plaintext().orElseThrow()))
                        .add("envelope", envelope.toJson())
                        .add("arrived_at", NOW + 10));
    }

    private Answer answered(Answer.Value... values) {
        return Answer.of(Decision.ANSWERED, NOW).withValues(List.of(values));
    }

    private Jws jws(Question question, Answer answer) {
        return Jws.sign(
                device.ed25519Seed(),
                new AnswerText(device.transcript(), question.requestId(), digest(question), answer).write());
    }

    private static Bytes digest(Question question) {
        return Crypto.sha256(question.plaintext().orElseThrow());
    }

    private static Bytes response(Jws jws) {
        return new Response(jws.text(), Optional.empty()).pad(Padding.RESPONSE);
    }

    private Envelope seal(Bytes plaintext) {
        return Envelope.seal(device.answerKey(), plaintext, random);
    }
}
