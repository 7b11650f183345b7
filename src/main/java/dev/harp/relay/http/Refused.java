package dev.harp.relay.http;

import dev.harp.relay.model.ErrorCode;
import dev.harp.relay.model.Refusal;

/** Leaves the reading of a call, from however deep, with the problem to answer. Never leaves this package. */
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
