package dev.harp.relay.doctor;

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
        OK("ok"),
        /** There is nothing to check, or it cannot be checked. */
        SKIP("skip"),
        /** It works, but should be changed. */
        WARN("warn"),
        /** Clients fail. */
        FAIL("FAIL");

        private final String word;

        Verdict(String word) {
            this.word = word;
        }

        /** The word that is printed. */
        String word() {
            return word;
        }
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

    /** Whether there is something to change. */
    boolean isFault() {
        return verdict == Verdict.WARN || verdict == Verdict.FAIL;
    }
}
