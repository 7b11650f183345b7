package dev.harp.message;

import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import java.util.Optional;

/**
 * An answer with all that a third party needs to verify it offline, but for the name of the pairing: under a stranger's
 * key any receipt would be valid, so T comes from elsewhere.
 *
 * @param join J, the exact bytes
 * @param hello H, the exact bytes
 * @param question the exact bytes
 * @param answer the JWS
 */
public record Receipt(
        String relay,
        String pairId,
        Bytes join,
        Bytes hello,
        Bytes question,
        String answer,
        Optional<Assertion> passkey) {

    /**
     * What a receipt proves: that the device of T, and the passkey if {@code given} says so, signed this answer to this
     * question.
     */
    public record Verified(Join join, Hello hello, Question question, Answer answer, Assurance given) {
        /** The text of the rule that the person has set with the approval. */
        public Optional<String> rule() {
            return question.choices().stream()
                    .filter(choice -> answer.choice().equals(Optional.of(choice.id())))
                    .map(Question.Choice::rule)
                    .findFirst();
        }
    }

    /** The exact JSON form, without a line end. */
    public byte[] write() {
        var json = JsonTree.object()
                .add("harp_receipt", 1)
                .add("relay", relay)
                .add("pair_id", pairId)
                .add("join", join.base64())
                .add("hello", hello.base64())
                .add("question", question.base64())
                .add("answer", answer);
        passkey.ifPresent(assertion -> json.add("passkey", assertion.toJson()));
        return ExactJson.write(json.build());
    }

    /**
     * Verifies a receipt. Times are not judged: {@code decided_at} is what the device's clock said.
     *
     * @param file what {@link #write} gave; one line feed may follow it
     * @param pairing T, from the verifier's own records
     */
    public static Checked<Verified> verify(byte[] file, Bytes pairing) {
        return Checked.of(() -> {
            Receipt receipt = read(Bytes.of(file));
            Hello hello = Hello.read(receipt.hello);
            Join join = Join.read(receipt.join);
            Bytes transcript = Transcripts.of(receipt.relay, receipt.pairId, join, hello);
            Refusal.unless(transcript.equals(pairing), Reason.WRONG_PAIRING);
            Question question = QuestionReader.readOwn(receipt.question);
            SignedAnswer signed =
                    SignedAnswer.check(receipt.answer, receipt.passkey, join, transcript, question, receipt.question);
            Refusal.unless(signed.isSureEnough(question.assurance()), Reason.ASSURANCE);
            return new Verified(join, hello, question, signed.answer(), signed.given());
        });
    }

    private static Receipt read(Bytes file) {
        boolean line = file.length() > 0 && file.at(file.length() - 1) == '\n';
        Bytes text = file.slice(0, line ? file.length() - 1 : file.length());
        Members members = ExactJson.read(text.toByteArray()).orElseThrow(() -> new Refusal(Reason.JSON_FORM));
        MemberReader json = new MemberReader(members, Reason.RECEIPT_MEMBER);
        json.unless(json.whole("harp_receipt") == 1);
        Receipt receipt = new Receipt(
                json.text("relay"),
                json.text("pair_id"),
                json.bytes("join"),
                json.bytes("hello"),
                json.bytes("question"),
                json.text("answer"),
                json.optionalObject("passkey").map(Assertion::read));
        json.unless(WebAddress.parse(receipt.relay).isPresent() && Texts.isPairId(receipt.pairId));
        json.nothingElse();
        return receipt;
    }
}
