package dev.harp.relay.store;

/**
 * The store cannot be read or written now. Whether a change was stored may be unknown, as after a lost connection; it
 * was stored in full or not at all. A retry is safe, because every rule detects an earlier success.
 */
public final class StoreUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message what failed, for the operator; without content, credentials or addresses of clients */
    public StoreUnavailable(String message) {
        super(message);
    }

    /** With its cause. */
    public StoreUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
