package dev.harp.message;

/**
 * Carries a reason out of nested readers to {@link Checked#of}. It never leaves this package, and needs no stack trace.
 */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    Refusal(Reason reason) {
        super(reason.code(), null, false, false);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }

    /** Refuses unless the condition holds. */
    static void unless(boolean condition, Reason reason) {
        if (!condition) {
            throw new Refusal(reason);
        }
    }
}
