package dev.harp.relay.store;

import dev.harp.relay.protocol.Request;

/** Who reads a list of requests. Both lists have the same order and cursors, and differ in what they contain. */
public enum Audience {
    /** Gets its open and its cancelled requests, of all its pairings. */
    DEVICE,
    /** Gets all requests of its pairing, each at its last change that the platform sees. */
    PLATFORM;

    /**
     * Whether the request at the position is left out: the device has not seen it, or has seen that it was cancelled.
     */
    public boolean skips(Request request, long position, Cursor cursor) {
        return this == DEVICE && !request.open() && position <= cursor.heard();
    }

    /** How many characters of ciphertext the audience is sent. */
    public long text(Request request) {
        return switch (this) {
            case DEVICE ->
                request.envelope()
                        .filter(_ -> request.open())
                        .map(envelope -> envelope.ciphertext().length())
                        .orElse(0);
            case PLATFORM ->
                request.state() instanceof Request.Responded(var answer, var _)
                        ? answer.ciphertext().length()
                        : 0;
        };
    }
}
