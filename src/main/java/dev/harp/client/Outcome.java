package dev.harp.client;

import dev.harp.message.Answer;
import dev.harp.message.Assurance;
import dev.harp.message.Decision;
import dev.harp.message.Reason;
import dev.harp.message.Receipt;

/** How a request ended for its platform. Only {@link Decided} is a decision; everything else is none. */
public sealed interface Outcome {

    /**
     * The person has decided, in time, with the assurance that was asked.
     *
     * @param given the assurance that the signatures prove
     * @param clockDiffers whether the device's clock is off by more than 120 s
     * @param receipt what proves it to a third party
     */
    record Decided(Answer answer, Assurance given, boolean clockDiffers, Receipt receipt) implements Outcome {

        /** Whether the person has approved, or has filled in the form. */
        public boolean isConsent() {
            return answer.decision() == Decision.APPROVED || answer.decision() == Decision.ANSWERED;
        }
    }

    /** No answer came in time. That is no denial. */
    record Expired() implements Outcome {}

    /** The platform has withdrawn it. */
    record Withdrawn() implements Outcome {}

    /** The pairing has been revoked, or the relay does not know it any more. */
    record PairingEnded() implements Outcome {}

    /** The relay could not be asked until the time was over, or refuses; whether there is an answer is not known. */
    record Unreachable(String why) implements Outcome {}

    /** What came back is not from the device, or not an answer to this question. */
    record NotGenuine(Reason reason) implements Outcome {}

    /** The person has agreed, with less assurance than was asked: that is no consent. */
    record LessAssurance(Assurance given, Assurance asked) implements Outcome {}

    /** It was not sent, because a part is out of its bounds, or because the device does not offer the assurance. */
    record NotSent(Reason reason) implements Outcome {}
}
