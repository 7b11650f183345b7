package dev.harp.relay.wait;

/** Notices that the client of a waiting call has gone. */
@FunctionalInterface
public interface ClientWatch {
    /** For calls whose clients cannot be watched. */
    ClientWatch NONE = _ -> {};

    /**
     * Watches the client of the call that the calling thread carries out, until the call is over.
     *
     * @param gone is run on another thread, once, if the client closes its connection; possibly after the call is over
     */
    void watch(Runnable gone);
}
