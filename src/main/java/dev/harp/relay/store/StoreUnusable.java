package dev.harp.relay.store;

/**
 * The store cannot be opened, and nothing in it was changed. The message is one line for the operator: what is wrong,
 * and what to do.
 */
public final class StoreUnusable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With the line. */
    public StoreUnusable(String line) {
        super(line);
    }

    /** With the line and its cause. */
    public StoreUnusable(String line, Throwable cause) {
        super(line, cause);
    }
}
