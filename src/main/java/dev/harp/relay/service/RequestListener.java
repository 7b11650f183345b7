package dev.harp.relay.service;

import java.time.Duration;

/**
 * Receives each change of a request once, after it was stored, on the thread of the call that caused it. Must be quick,
 * and must not throw. Times are of the wall clock, and never negative.
 */
public interface RequestListener {
    /** Ignores all changes. */
    RequestListener NONE = new RequestListener() {
        @Override
        public void submitted() {}

        @Override
        public void delivered(Duration afterSubmission) {}

        @Override
        public void responded(Duration afterSubmission) {}

        @Override
        public void expired() {}

        @Override
        public void cancelled() {}
    };

    /** A new request was accepted. Not called for a retry. */
    void submitted();

    /** The device has read a request for the first time. */
    void delivered(Duration afterSubmission);

    /** The device has responded. */
    void responded(Duration afterSubmission);

    /** A request was stored as expired. */
    void expired();

    /** The platform has cancelled a request, or its pairing was revoked. */
    void cancelled();
}
