package dev.harp.message;

import java.util.Optional;

/**
 * An answer that has passed every check but that of its assurance.
 *
 * @param given the assurance that its signatures prove
 */
record SignedAnswer(Answer answer, Assurance given) {

    /** Checks signature, form, belonging, rules and passkey, in this order. For envelopes and receipts alike. */
    static SignedAnswer check(
            String jwsText,
            Optional<Assertion> passkey,
            Join join,
            Bytes transcript,
            Question question,
            Bytes plaintext) {
        Jws jws = Jws.parse(jwsText);
        Refusal.unless(jws.isSignedBy(join.ed25519()), Reason.SIGNATURE);
        AnswerText text = AnswerText.read(jws.payload());
        text.belongsTo(transcript, question.requestId(), Crypto.sha256(plaintext));
        AnswerRules.check(question, text.answer());
        Assurance given = passkey.map(assertion -> assertion.verify(join, jws.challenge()))
                .orElse(Assurance.TAP);
        return new SignedAnswer(text.answer(), given);
    }

    /** Whether it counts: what approves or answers has to be as sure as was asked, everything else passes at a tap. */
    boolean isSureEnough(Assurance asked) {
        boolean consents = answer.decision() == Decision.APPROVED || answer.decision() == Decision.ANSWERED;
        return !consents || given.compareTo(asked) >= 0;
    }
}
