package dev.harp.message;

/** What a platform makes of a response. Only {@link Accepted} is an answer. */
public sealed interface Judgement {

    /**
     * Genuine, and as sure as was asked.
     *
     * @param given the assurance that its signatures prove
     * @param clockDiffers whether the device's clock is off by more than 120 s: worth telling, and no reason to doubt
     *     the answer
     */
    record Accepted(Answer answer, Assurance given, boolean clockDiffers, Receipt receipt) implements Judgement {}

    /** Genuine, but it consents with less assurance than was asked: it is not consent. */
    record NotSureEnough(Answer answer, Assurance given, Assurance asked) implements Judgement {}

    /** Not from the device, or not to this question. The relay's one place for a response is taken all the same. */
    record NotGenuine(Reason reason) implements Judgement {}
}
