package dev.harp.relay.client;

/** How a request stands when the platform stops waiting for it. Running out of time is not a denial. */
public sealed interface Outcome {

    /** A person answered, and the answer is authentic. */
    record Decided(Decision decision) implements Outcome {}

    /** Nobody answered in time. */
    record Expired() implements Outcome {}

    /** The platform withdrew it, or one side ended the pairing. */
    record Cancelled() implements Outcome {}

    /** It is still open: {@code pending}, or {@code delivered} to the phone. Wait on. */
    record Open(String state) implements Outcome {}
}
