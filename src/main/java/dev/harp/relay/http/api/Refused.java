package dev.harp.relay.http.api;

import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Refusal;

/** Ends the reading of a call, from any depth, with the problem to answer. Never leaves this package. */
final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    Refused(Refusal refusal) {
        super(refusal.code().code(), null, false, false);
        this.refusal = refusal;
    }

    Refused(ErrorCode code, String detail) {
        this(Refusal.of(code, detail));
    }

    Refusal refusal() {
        return refusal;
    }
}
