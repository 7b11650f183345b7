package dev.harp.relay.store;

import dev.harp.relay.protocol.Request;

/** Who reads a list of requests: both lists have the same order and cursors, and differ in what stands in them. */
public enum Audience {
    /** Reads its open requests and its cancelled ones, of all its pairings. */
    DEVICE,
    /** Reads all requests of its pairing, each where it has last changed for the platform. */
    PLATFORM;

    /** Whether the reader need not be told of what stands at the position: it has not been shown the request, or has been told that it was cancelled. */
    public boolean skips(Request request, long position, Cursor cursor) {
        return this == DEVICE && !request.open() && position <= cursor.heard();
    }

    /** How many characters of ciphertext the reader is sent. */
    public long text(Request request) {
        return switch (this) {
            case DEVICE -> request.open() ? request.envelope().ciphertext().length() : 0;
            case PLATFORM ->
                request.state() instanceof Request.Responded(var answer, var _)
                        ? answer.ciphertext().length()
                        : 0;
        };
    }
}
