package dev.harp.message;

import java.util.Locale;
import java.util.Optional;

/** How much is at stake, in the platform's opinion. */
public enum Severity {
    LOW,
    MEDIUM,
    HIGH,
    CRITICAL;

    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Severity> ofCode(String code) {
        return Codes.find(values(), Severity::code, code);
    }
}
