package dev.harp.relay.http.api;

/** Receives every call once the server has taken all of its answer. Must be quick, and must not throw. */
public interface CallListener {
    /**
     * A finished call.
     *
     * @param method a known method, or {@code other}
     * @param route the template of the path, or {@code unmatched}
     * @param status the HTTP status; 0 if the connection ended before the answer did
     * @param nanos since the head was read, in nanoseconds
     * @param waited whether the call was a long poll or an event stream
     */
    record Ended(String method, String route, int status, long nanos, boolean waited) {}

    /** A call was answered, or its connection ended. */
    void ended(Ended call);

    /** Bytes that are no valid request were answered with a problem, before routing. */
    void refused(int status);
}
