package dev.harp.relay.protocol;

import java.time.Instant;

/** The state of a request's push notification. */
public sealed interface PushState {

    /** There is none: the device has no token that this relay can use. */
    record None() implements PushState {}

    /**
     * It is to be attempted, or is being attempted.
     *
     * @param at when the next attempt is due, or when the claim on it lapses
     * @param failures how many attempts have failed, not negative
     */
    record Due(Instant at, int failures) implements PushState {}

    /** A push service has accepted it. That says nothing about its arrival at the device. */
    record Accepted() implements PushState {}

    /** The push service reports that the device's token is invalid. */
    record TokenDead() implements PushState {}

    /** All attempts have failed. */
    record Failed() implements PushState {}
}
