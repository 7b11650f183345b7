package dev.harp.client;

import java.io.IOException;

/** The relay cannot be reached, or refuses a call for good. The message is one line for a person, without a secret. */
public final class RelayException extends IOException {
    private static final long serialVersionUID = 1;

    /** What kind of failure it is. */
    public enum Kind {
        /** No answer, or none but "try again later", within the time of the call. */
        UNREACHABLE,
        /** 401: the credential is void, or the relay has forgotten what the call is about. */
        UNAUTHORIZED,
        /** 410: the pairing has ended. */
        ENDED,
        /** Any other refusal; {@link #code} says which. */
        REFUSED,
        /** An answer that no relay of this protocol gives. */
        UNEXPECTED
    }

    private final String line;
    private final Kind kind;
    private final String code;

    RelayException(Kind kind, String code, String message) {
        super(message);
        this.line = message;
        this.kind = kind;
        this.code = code;
    }

    /** The message, which is always there. */
    public String line() {
        return line;
    }

    public Kind kind() {
        return kind;
    }

    /** The relay's error code (docs/protocol.md, 11.2); empty if there is none. */
    public String code() {
        return code;
    }

    static RelayException unexpected(String what) {
        return new RelayException(Kind.UNEXPECTED, "", "the relay answered " + what);
    }
}
