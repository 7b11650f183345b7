package dev.harp.message;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;

/**
 * A question that is about to be sent. It is stored before it is sent; a question that was not stored is not taken up
 * again.
 *
 * @param plaintext the exact bytes
 * @param envelope sealed once, so that a retry is the same submission to the relay
 */
public record AskedQuestion(Question question, Bytes plaintext, Envelope envelope) {

    /**
     * Whether an answer that arrives now is in time. Both clocks must say so: the wall clock may be set, the other one
     * may stand still while the machine sleeps. Late is late, whatever the answer says and whenever it was made.
     *
     * @param now Unix seconds, by the platform's wall clock
     * @param elapsed seconds since the question was issued, by a monotonic clock; after a restart 0, as there is none
     */
    public boolean isInTime(long now, long elapsed) {
        return Clocks.isInTime(question.issuedAt(), question.expiresAt(), now, elapsed);
    }

    public Members toJson() {
        return JsonTree.object()
                .add("v", 1)
                .add("question", plaintext.base64())
                .add("nonce", envelope.nonce())
                .add("ciphertext", envelope.ciphertext())
                .build();
    }

    /** Reads what {@link #toJson} wrote. */
    public static Checked<AskedQuestion> fromJson(Members members) {
        return Checked.of(() -> {
            MemberReader json = new MemberReader(members, Reason.JSON_FORM);
            json.unless(json.whole("v") == 1);
            Bytes plaintext = json.bytes("question");
            Envelope envelope = Envelope.fromJson(json);
            json.nothingElse();
            return new AskedQuestion(QuestionReader.readOwn(plaintext), plaintext, envelope);
        });
    }
}
