package dev.harp.relay.protocol;

/** What can happen to a request that the relay has taken. */
public sealed interface RequestEvent {

    /** The device reads it. */
    record Read() implements RequestEvent {}

    /**
     * The device answers it.
     *
     * @param answer its answer
     */
    record Respond(Response answer) implements RequestEvent {}

    /** The platform withdraws it. */
    record Cancel() implements RequestEvent {}

    /** Time has passed, or its pairing has changed. */
    record Tick() implements RequestEvent {}
}
