package dev.harp.relay.doctor;

import java.io.IOException;

/** There was no answer; the message is one that a person can do something with. */
final class Failed extends IOException {
    private static final long serialVersionUID = 1;

    /** At which point it failed. */
    enum Kind {
        /** No connection, or no TLS on it: no call will get further. */
        NOT_CONNECTED,
        /** The connection ended before the answer had begun. */
        CLOSED,
        /** The connection ended in the middle of the answer. */
        CUT,
        /** The answer was not complete in its time. */
        LATE,
        /** What came is not HTTP/1.1, or larger than any answer of a relay. */
        NOT_HTTP
    }

    private final Kind kind;

    Failed(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    /** The message, which there always is. */
    String words() {
        return String.valueOf(getMessage());
    }
}
