package dev.harp.message;

import java.util.Locale;
import java.util.Optional;

/** What a question wants: a decision, values, or only to be read. */
public enum Intent {
    AUTHORIZE,
    COLLECT,
    INFORM;

    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Intent> ofCode(String code) {
        return Codes.find(values(), Intent::code, code);
    }
}
