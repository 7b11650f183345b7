package dev.harp.message;

import java.util.Locale;
import java.util.Optional;

/** How sure it is that the person answered: derived from signatures, never stated. In ascending order. */
public enum Assurance {
    /** The installation answered, or a copy of it. */
    TAP,
    /** A passkey of the join has verified its user, by biometrics or PIN. */
    BIOMETRIC,
    /** As before, by a passkey that cannot leave its authenticator. */
    ELEVATED;

    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Assurance> ofCode(String code) {
        return Codes.find(values(), Assurance::code, code);
    }

    /**
     * What a question asks for. Unasked it is {@code biometric} if the device offers that, else {@code tap}; but a
     * critical question is never {@code tap} unasked.
     *
     * @return refused with {@code assurance} if the device does not offer it: then nothing is sent
     */
    public static Checked<Assurance> choose(Optional<Assurance> asked, Severity severity, Join device) {
        return Checked.of(() -> {
            Assurance chosen = asked.orElse(device.offers(BIOMETRIC) ? BIOMETRIC : TAP);
            Refusal.unless(device.offers(chosen), Reason.ASSURANCE);
            Refusal.unless(asked.isPresent() || chosen != TAP || severity != Severity.CRITICAL, Reason.ASSURANCE);
            return chosen;
        });
    }
}
