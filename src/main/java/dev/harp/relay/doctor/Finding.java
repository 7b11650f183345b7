package dev.harp.relay.doctor;

import java.util.Locale;

/**
 * The result of a check.
 *
 * @param text what was seen and, on a fault, what to change where. It may quote a server, so everything but printable
 *     ASCII is replaced, and the length is bounded.
 */
record Finding(Verdict verdict, String text) {
    private static final int LONGEST = 600;

    enum Verdict {
        /** As it should be. */
        OK,
        /** There is nothing to check, or it cannot be checked. */
        SKIP,
        /** It works, but should be changed. */
        WARN,
        /** Clients fail. */
        FAIL
    }

    Finding {
        String line = text.replaceAll("[^ -~]", "?");
        text = line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
    }

    static Finding ok(String text) {
        return new Finding(Verdict.OK, text);
    }

    static Finding skip(String text) {
        return new Finding(Verdict.SKIP, text);
    }

    static Finding warn(String text) {
        return new Finding(Verdict.WARN, text);
    }

    static Finding fail(String text) {
        return new Finding(Verdict.FAIL, text);
    }

    /** The verdict as it is printed: a fault that clients notice stands out. */
    String word() {
        return verdict == Verdict.FAIL ? "FAIL" : verdict.name().toLowerCase(Locale.ROOT);
    }

    /** Whether there is something to change. */
    boolean isFault() {
        return verdict == Verdict.WARN || verdict == Verdict.FAIL;
    }
}
