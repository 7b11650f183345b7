package dev.harp.message;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;

/**
 * What a device keeps of a pairing, beside its {@link DecisionLog}. The pairing secret and the X25519 key are not in
 * it: they have served.
 *
 * @param relay with {@code pairId} the key under which a device stores it
 * @param questionKey Kq
 * @param answerKey Ka
 * @param ed25519Seed the key that answers are signed with
 * @param secretHash with {@code payload}, what repeats the binding (docs/protocol.md, 4.5)
 */
public record DevicePairing(
        String relay,
        String pairId,
        Join join,
        Hello hello,
        Bytes questionKey,
        Bytes answerKey,
        Bytes ed25519Seed,
        String secretHash,
        String payload) {

    /** T: the name of the pairing. */
    public Bytes transcript() {
        return Transcripts.of(relay, pairId, join, hello);
    }

    /** What the entry of the confirmation in the log stands for: SHA-256 of the hello. */
    public Bytes helloDigest() {
        return Crypto.sha256(hello.plaintext());
    }

    /**
     * Opens a question. Its times are not judged here: see {@link Clocks#judge}.
     *
     * @param requestId the envelope's, in lower case
     */
    public Checked<ReceivedQuestion> open(String requestId, Envelope envelope) {
        return Checked.of(() -> QuestionReader.read(envelope.open(questionKey), requestId));
    }

    /**
     * Signs an answer, which is not sealed yet: a passkey may sign beside it.
     *
     * @return refused with the reason of {@link AnswerRules} if the answer does not fit the question, with
     *     {@code answer_member} if its reason is too long or empty
     */
    public Checked<PreparedAnswer> sign(ReceivedQuestion question, Answer answer) {
        return Checked.of(() -> {
            Refusal.unless(AnswerRules.decisions(question).contains(answer.decision()), Reason.WRONG_DECISION);
            Refusal.unless(
                    answer.reason().isEmpty()
                            || AnswerText.isReason(answer.reason().get()),
                    Reason.ANSWER_MEMBER);
            switch (question) {
                case ReceivedQuestion.Understood(Question known, Bytes _) -> AnswerRules.check(known, answer);
                case ReceivedQuestion.NotUnderstood _ -> {
                    Refusal.unless(answer.choice().isEmpty(), Reason.ANSWER_CHOICE);
                    Refusal.unless(answer.values().isEmpty(), Reason.ANSWER_VALUES);
                }
            }
            AnswerText text = new AnswerText(transcript(), question.requestId(), question.digest(), answer);
            return new PreparedAnswer(this, question, Jws.sign(ed25519Seed, text.write()));
        });
    }

    /** With every secret of the pairing: for the device's own store. */
    public Members toJson() {
        return JsonTree.object()
                .add("v", 1)
                .add("relay", relay)
                .add("pair_id", pairId)
                .add("join", join.plaintext().base64())
                .add("hello", hello.plaintext().base64())
                .add("question_key", questionKey.base64())
                .add("answer_key", answerKey.base64())
                .add("ed25519_seed", ed25519Seed.base64())
                .add("secret_hash", secretHash)
                .add("payload", payload)
                .build();
    }

    /** Reads what {@link #toJson} wrote. */
    public static Checked<DevicePairing> fromJson(Members members) {
        return Checked.of(() -> {
            MemberReader json = new MemberReader(members, Reason.JSON_FORM);
            json.unless(json.whole("v") == 1);
            DevicePairing pairing = new DevicePairing(
                    json.text("relay"),
                    json.text("pair_id"),
                    Join.read(json.bytes("join")),
                    Hello.read(json.bytes("hello")),
                    json.bytes("question_key", Crypto.KEY_BYTES),
                    json.bytes("answer_key", Crypto.KEY_BYTES),
                    json.bytes("ed25519_seed", Crypto.KEY_BYTES),
                    json.text("secret_hash"),
                    json.text("payload"));
            json.unless(Texts.isPairId(pairing.pairId()));
            json.nothingElse();
            return pairing;
        });
    }
}
