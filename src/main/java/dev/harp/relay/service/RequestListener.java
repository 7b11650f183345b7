package dev.harp.relay.service;

import java.time.Duration;

/**
 * Receives each change of a request once, after it was stored, on the thread of the call that caused it. Must be quick,
 * and must not throw. Times are of the wall clock, and never negative.
 */
public interface RequestListener {
    /** Ignores all changes. */
    RequestListener NONE = new RequestListener() {};

    /** A new request was accepted. Not called for a retry. */
    default void submitted() {}

    /** The device has read a request for the first time. */
    default void delivered(Duration afterSubmission) {}

    /** The device has responded. */
    default void responded(Duration afterSubmission) {}

    /**
     * A request has ended.
     *
     * @param state {@code responded}, {@code expired} or {@code cancelled}
     */
    default void ended(String state) {}
}
