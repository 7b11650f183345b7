package dev.harp.relay.crash;

/** The relay does not know something that it had acknowledged: there is no going on. */
final class Forgotten extends Exception {
    private static final long serialVersionUID = 1L;

    Forgotten(String message) {
        super(message);
    }
}
