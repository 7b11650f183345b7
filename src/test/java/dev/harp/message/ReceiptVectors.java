package dev.harp.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.testing.FixedRandom;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/** Receipts: section 10. */
final class ReceiptVectors {
    private final SecureRandom random = new FixedRandom("receipt vectors");

    private final Vectors vectors = new Vectors(
            "receipts",
            "kind receipt: verify the file under the pairing's T. A valid one gives decision and assurance.");

    private ReceiptVectors() {}

    static Vectors make() {
        ReceiptVectors receipts = new ReceiptVectors();
        receipts.valid();
        receipts.refused();
        return receipts.vectors;
    }

    private void valid() {
        Answer approved = Answer.of(Decision.APPROVED, Pair.NOW);
        valid(
                "approved at a tap",
                Fixtures.TAP,
                receipt(Fixtures.TAP, QuestionVectors.AUTHORIZE, approved, Optional.empty()),
                "approved",
                "tap");
        valid(
                "denied with a reason",
                Fixtures.TAP,
                receipt(
                        Fixtures.TAP,
                        QuestionVectors.AUTHORIZE,
                        Answer.of(Decision.DENIED, Pair.NOW).withReason("no"),
                        Optional.empty()),
                "denied",
                "tap");
        valid(
                "seen",
                Fixtures.TAP,
                receipt(Fixtures.TAP, QuestionVectors.INFORM, Answer.of(Decision.SEEN, Pair.NOW), Optional.empty()),
                "seen",
                "tap");
        valid(
                "answered",
                Fixtures.TAP,
                receipt(
                        Fixtures.TAP,
                        QuestionVectors.COLLECT,
                        Answer.of(Decision.ANSWERED, Pair.NOW).withValues(List.of(new Answer.One("region", "eu"))),
                        Optional.empty()),
                "answered",
                "tap");
        valid(
                "approved with a passkey",
                Fixtures.PASSKEYS,
                receipt(Fixtures.PASSKEYS, QuestionVectors.AUTHORIZE, approved, Optional.of(TestPasskeys.BOUND)),
                "approved",
                "elevated");
        valid(
                "with a line end",
                Fixtures.TAP,
                receipt(Fixtures.TAP, QuestionVectors.INFORM, Answer.of(Decision.SEEN, Pair.NOW), Optional.empty())
                        + "\n",
                "seen",
                "tap");
    }

    private void refused() {
        Answer approved = Answer.of(Decision.APPROVED, Pair.NOW);
        String good = receipt(Fixtures.TAP, QuestionVectors.AUTHORIZE, approved, Optional.empty());
        String denied = receipt(
                Fixtures.TAP, QuestionVectors.AUTHORIZE, Answer.of(Decision.DENIED, Pair.NOW), Optional.empty());
        refused(
                "of a stranger's pairing",
                Reason.WRONG_PAIRING,
                receipt(
                        Pair.make("stranger", Optional.empty(), List.of()),
                        QuestionVectors.AUTHORIZE,
                        approved,
                        Optional.empty()));
        refused("with another relay", Reason.WRONG_PAIRING, good.replace(Pair.RELAY, "https://relay.example.com"));
        refused("with another pair id", Reason.WRONG_PAIRING, good.replace("pair_a1b2c3d4e5f6", "pair_000000000000"));
        refused(
                "with a further member",
                Reason.RECEIPT_MEMBER,
                good.replace("\"harp_receipt\":1", "\"harp_receipt\":1,\"note\":\"\""));
        refused("of version 2", Reason.RECEIPT_MEMBER, good.replace("\"harp_receipt\":1", "\"harp_receipt\":2"));
        refused("not in the exact form", Reason.JSON_FORM, good.replace("\"harp_receipt\":1", "\"harp_receipt\": 1"));
        refused(
                "with another question",
                Reason.WRONG_REQUEST,
                good.replace(member(good, "question"), other().base64()));
        refused(
                "with the question's text changed",
                Reason.WRONG_QUESTION,
                good.replace(member(good, "question"), changed().base64()));
        refused("with the answer's payload exchanged", Reason.SIGNATURE, good.replace(part(good, 1), part(denied, 1)));
        refused(
                "with the join of another device",
                Reason.WRONG_PAIRING,
                good.replace(
                        member(good, "join"),
                        Fixtures.PASSKEYS.deviceJoin().join().plaintext().base64()));
        refused("without the passkey that was asked for", Reason.ASSURANCE, Fixtures.PASSKEYS, withoutPasskey());
    }

    private String withoutPasskey() {
        Question question = Question.builder(
                        Intent.AUTHORIZE, QuestionVectors.ID, Pair.NOW, Pair.NOW + 300, "wire", Assurance.BIOMETRIC)
                .build();
        String whole = receipt(
                Fixtures.PASSKEYS, question, Answer.of(Decision.APPROVED, Pair.NOW), Optional.of(TestPasskeys.BOUND));
        return whole.substring(0, whole.indexOf(",\"passkey\"")) + "}";
    }

    private static Bytes other() {
        return Vectors.padded(QuestionVectors.text(QuestionVectors.AUTHORIZE).replace("000a", "000b"), 2_048);
    }

    private static Bytes changed() {
        return Vectors.padded(QuestionVectors.text(QuestionVectors.AUTHORIZE).replace("deploy", "delete"), 2_048);
    }

    private static String member(String receipt, String name) {
        int start = receipt.indexOf("\"" + name + "\":\"") + name.length() + 4;
        return receipt.substring(start, receipt.indexOf('"', start));
    }

    private static String part(String receipt, int index) {
        return member(receipt, "answer").split("\\.", -1)[index];
    }

    private String receipt(Pair pair, Question question, Answer answer, Optional<Passkey> passkey) {
        AskedQuestion asked = pair.platform().seal(question, random).orElseThrow();
        ReceivedQuestion received =
                pair.device().open(question.requestId(), asked.envelope()).orElseThrow();
        PreparedAnswer prepared = pair.device().sign(received, answer).orElseThrow();
        Envelope response = prepared.seal(passkey.map(key -> TestPasskeys.sign(key, prepared.challenge())), random)
                .orElseThrow()
                .response();
        return switch (pair.platform().judge(asked, response, Pair.NOW)) {
            case Judgement.Accepted accepted -> new String(accepted.receipt().write(), UTF_8);
            case Judgement other -> throw new IllegalStateException(other.toString());
        };
    }

    private void valid(String name, Pair pair, String file, String decision, String assurance) {
        vectors.valid(
                "receipt",
                name,
                v -> v.add("pair", pair.device().transcript().base64())
                        .add("file", file)
                        .add("decision", decision)
                        .add("assurance", assurance));
    }

    private void refused(String name, Reason reason, String file) {
        refused(name, reason, Fixtures.TAP, file);
    }

    private void refused(String name, Reason reason, Pair pair, String file) {
        vectors.refused(
                "receipt",
                name,
                reason,
                v -> v.add("pair", pair.device().transcript().base64()).add("file", file));
    }
}
