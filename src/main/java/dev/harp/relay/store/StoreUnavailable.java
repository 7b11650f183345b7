package dev.harp.relay.store;

/**
 * The store cannot be read or written now. Nothing of what was asked is visible unless all of it is; whether it was stored may be
 * open, as after a lost connection. Asking again is safe: every rule finds out what has become of the first time.
 */
public final class StoreUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * For the operator.
     *
     * @param message what failed; no content, credential or address of a client
     */
    public StoreUnavailable(String message) {
        super(message);
    }

    /** The same with its cause. */
    public StoreUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
