package dev.harp.relay.protocol;

/** An event that may change a request. */
public sealed interface RequestEvent {

    /** The device reads the request. */
    record Read() implements RequestEvent {}

    /** The device responds. */
    record Respond(Response answer) implements RequestEvent {}

    /** The platform cancels the request. */
    record Cancel() implements RequestEvent {}

    /** Time has passed, or the pairing has changed. */
    record Tick() implements RequestEvent {}
}
