package dev.harp.message;

import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/** An answer that the device's own key has signed. */
public final class PreparedAnswer {
    private final DevicePairing pairing;
    private final ReceivedQuestion question;
    private final Jws jws;

    PreparedAnswer(DevicePairing pairing, ReceivedQuestion question, Jws jws) {
        this.pairing = pairing;
        this.question = question;
        this.jws = jws;
    }

    /** The challenge that a passkey signs for this answer, 32 bytes. */
    public Bytes challenge() {
        return jws.challenge();
    }

    /**
     * Seals the answer, as the entry that the log keeps. Insert it before it is sent, and send what the log then holds.
     *
     * @return refused as {@link Assertion} says if the assertion is not one for this answer, with {@code too_long} if
     *     the values do not fit
     */
    public Checked<DecisionLog.Entry> seal(Optional<Assertion> passkey, SecureRandom random) {
        return Checked.of(() -> {
            passkey.ifPresent(assertion -> assertion.verify(pairing.join(), jws.challenge()));
            Bytes plaintext = new Response(jws.text(), passkey).pad(sizes());
            Envelope response = Envelope.seal(pairing.answerKey(), plaintext, random);
            return new DecisionLog.Entry(question.digest(), response, question.expiresAt());
        });
    }

    private List<Integer> sizes() {
        boolean collects = switch (question) {
            case ReceivedQuestion.Understood(Question known, Bytes _) -> known.intent() == Intent.COLLECT;
            case ReceivedQuestion.NotUnderstood unknown ->
                unknown.members().text("intent").filter("collect"::equals).isPresent();
        };
        return Response.sizes(collects ? Intent.COLLECT : Intent.AUTHORIZE);
    }
}
