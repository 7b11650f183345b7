package dev.harp.relay.service;

/** Ends the reading of a list for which there is no memory now. Nothing has been read. Without a stack trace. */
public final class NoRoom extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NoRoom() {
        super("no memory for another answer now", null, false, false);
    }
}
