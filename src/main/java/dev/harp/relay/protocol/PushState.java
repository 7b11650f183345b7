package dev.harp.relay.protocol;

import java.time.Instant;

/** How far the device has been woken for its request. */
public sealed interface PushState {

    /** There was nobody to wake: the device has given no token that this relay can use. */
    record None() implements PushState {}

    /**
     * It is still to be woken, or somebody is about to.
     *
     * @param at when the next attempt is due, or when somebody else may take over from whoever is about to make it
     * @param failures how many attempts have failed, not negative
     */
    record Due(Instant at, int failures) implements PushState {}

    /** A push service has taken the wake-up. That the phone has rung, it does not say. */
    record Accepted() implements PushState {}

    /** The push service knows nobody by the device's token. */
    record TokenDead() implements PushState {}

    /** No attempt was taken. */
    record Failed() implements PushState {}
}
