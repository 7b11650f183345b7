package dev.harp.relay.service;

/** Ends a call whose client has gone. Without a stack trace, because it is no error. */
public final class ClientGone extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ClientGone() {
        super("the client has gone", null, false, false);
    }
}
