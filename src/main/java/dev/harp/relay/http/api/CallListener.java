package dev.harp.relay.http.api;

/** Hears of every call, when the server has taken all of its answer. Must be quick, and must not throw. */
public interface CallListener {
    /** For whom it does not matter. */
    CallListener NONE = new CallListener() {
        @Override
        public void ended(Ended call) {}

        @Override
        public void refused(int status) {}
    };

    /**
     * A call that is over.
     *
     * @param method one of a few, or {@code other}
     * @param route the form of the path, one of a few, or {@code unmatched}
     * @param status the HTTP status; 0 if the connection ended before the answer did
     * @param nanos from the moment at which the head was read, in nanoseconds
     * @param waited whether the client asked to wait for news
     */
    record Ended(String method, String route, int status, long nanos, boolean waited) {}

    /** A call was answered, or its connection has ended. */
    void ended(Ended call);

    /** What came was answered with a problem before it was understood as a call. */
    void refused(int status);
}
