package dev.harp.relay.service;

import java.time.Duration;

/**
 * Hears what becomes of requests: each step once, after it was stored, on the thread of the call that has made it. Must be quick,
 * and must not throw. Times are of the wall clock, and never negative.
 */
public interface RequestListener {
    /** For whom it does not matter. */
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

    /** A new request was taken; a retry is none. */
    void submitted();

    /** The device has read a request for the first time. */
    void delivered(Duration afterSubmission);

    /** The device has answered. */
    void responded(Duration afterSubmission);

    /** A request's time has run out, and somebody has noticed. */
    void expired();

    /** The platform has withdrawn a request, or its pairing was revoked. */
    void cancelled();
}
