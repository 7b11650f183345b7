package dev.harp.relay.doctor;

/** There is no usable answer. The message says why and what to change. */
final class Failed extends Exception {
    private static final long serialVersionUID = 1;

    enum Kind {
        /** There is no connection, or no TLS on it: further calls would fail, too. */
        NOT_CONNECTED,
        /** The proxy speaks a version of HTTP in which a relay answers health checks only. */
        OLD_VERSION,
        /** The connection ended before the answer was complete. */
        ENDED,
        /** The answer was not complete in time. */
        LATE,
        /** The answer is not HTTP/1.1, too large, or not one that a relay gives. */
        UNEXPECTED
    }

    private final Kind kind;

    Failed(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    String words() {
        return String.valueOf(getMessage());
    }
}
