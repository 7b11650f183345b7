package dev.harp.message;

import java.util.Locale;
import java.util.Optional;

/** What a device answers. {@link AnswerRules} says which goes with which question. */
public enum Decision {
    APPROVED,
    DENIED,
    ANSWERED,
    SEEN,
    PAIRED;

    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Decision> ofCode(String code) {
        return Codes.find(values(), Decision::code, code);
    }
}
