package dev.harp.message;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import java.security.SecureRandom;

/**
 * What a platform keeps of a pairing. Whoever reads it can read questions and answers, and can ask; nobody can approve
 * with it.
 *
 * @param relay the relay's public address, as in the link
 * @param questionKey Kq
 * @param answerKey Ka
 */
public record PlatformPairing(String relay, String pairId, Join join, Hello hello, Bytes questionKey, Bytes answerKey) {

    /** T: the name of the pairing, under which receipts are verified. */
    public Bytes transcript() {
        return Transcripts.of(relay, pairId, join, hello);
    }

    /**
     * Seals a question. Store what this gives before it is sent, and send exactly that again on a retry.
     *
     * @return refused as {@link Question#plaintext} says, or with {@code assurance} if the device does not offer what
     *     is asked
     */
    public Checked<AskedQuestion> seal(Question question, SecureRandom random) {
        return question.plaintext()
                .flatMap(plaintext -> Checked.of(() -> {
                    Refusal.unless(join.offers(question.assurance()), Reason.ASSURANCE);
                    return new AskedQuestion(question, plaintext, Envelope.seal(questionKey, plaintext, random));
                }));
    }

    /** Judges a response by what it is, and not by when it came: see {@link AskedQuestion#isInTime}. */
    public Judgement judge(AskedQuestion asked, Envelope response, long arrivedAt) {
        Question question = asked.question();
        Checked<Judgement> judgement = Checked.of(() -> {
            Response opened = Response.read(response.open(answerKey), Response.sizes(question.intent()));
            SignedAnswer signed = SignedAnswer.check(
                    opened.answer(), opened.passkey(), join, transcript(), question, asked.plaintext());
            if (!signed.isSureEnough(question.assurance())) {
                return new Judgement.NotSureEnough(signed.answer(), signed.given(), question.assurance());
            }
            long decidedAt = signed.answer().decidedAt();
            boolean clockDiffers =
                    decidedAt < question.issuedAt() - Clocks.GRACE || decidedAt > arrivedAt + Clocks.GRACE;
            Receipt receipt = new Receipt(
                    relay,
                    pairId,
                    join.plaintext(),
                    hello.plaintext(),
                    asked.plaintext(),
                    opened.answer(),
                    opened.passkey());
            return new Judgement.Accepted(signed.answer(), signed.given(), clockDiffers, receipt);
        });
        return switch (judgement) {
            case Checked.Ok<Judgement>(Judgement value) -> value;
            case Checked.Refused<Judgement>(Reason reason) -> new Judgement.NotGenuine(reason);
        };
    }

    /** For a file of the caller's, who adds the relay's token and keeps the file to the user alone. */
    public Members toJson() {
        return JsonTree.object()
                .add("v", 1)
                .add("relay", relay)
                .add("pair_id", pairId)
                .add("join", join.plaintext().base64())
                .add("hello", hello.plaintext().base64())
                .add("question_key", questionKey.base64())
                .add("answer_key", answerKey.base64())
                .build();
    }

    /** Reads what {@link #toJson} wrote. Refused with {@code json_form} or a reason of what is inside. */
    public static Checked<PlatformPairing> fromJson(Members members) {
        return Checked.of(() -> {
            MemberReader json = new MemberReader(members, Reason.JSON_FORM);
            json.unless(json.whole("v") == 1);
            PlatformPairing pairing = new PlatformPairing(
                    json.text("relay"),
                    json.text("pair_id"),
                    Join.read(json.bytes("join")),
                    Hello.read(json.bytes("hello")),
                    json.bytes("question_key", Crypto.KEY_BYTES),
                    json.bytes("answer_key", Crypto.KEY_BYTES));
            json.unless(Texts.isPairId(pairing.pairId()));
            json.nothingElse();
            return pairing;
        });
    }
}
