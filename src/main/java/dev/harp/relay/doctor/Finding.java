package dev.harp.relay.doctor;

/**
 * What a check has found.
 *
 * @param verdict how it is
 * @param text what was seen and, on a fault, what to change where; printable ASCII on one line, whatever a server has put into it
 */
record Finding(Verdict verdict, String text) {
    private static final int LONGEST = 600;

    /** How it is. */
    enum Verdict {
        /** As it should be. */
        OK("ok"),
        /** There is nothing to check, or no way to. */
        SKIP("skip"),
        /** It works, and should be changed. */
        WARN("warn"),
        /** Clients are in trouble. */
        FAIL("FAIL");

        private final String word;

        Verdict(String word) {
            this.word = word;
        }

        /** As it is printed. */
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
