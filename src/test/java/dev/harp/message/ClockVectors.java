package dev.harp.message;

/** Times: section 9. */
final class ClockVectors {
    private static final long NOW = Pair.NOW;

    private final Vectors vectors = new Vectors(
            "clocks",
            "kind clock: a device judges a question. kind consent: a device that has seen newest_issued_at wants to"
                    + " approve. kind arrival: a platform is given an answer; elapsed is by its monotonic clock. All in"
                    + " seconds.");

    private ClockVectors() {}

    static Vectors make() {
        ClockVectors clocks = new ClockVectors();
        Vectors v = clocks.vectors;
        v.valid(
                "clock",
                "issued 120 s ahead of the device's clock",
                b -> b.add("now", NOW).add("issued_at", NOW + 120).add("expires_at", NOW + 420));
        v.valid(
                "clock",
                "the last second, and the longest lifetime",
                b -> b.add("now", NOW).add("issued_at", NOW + 1 - 86_400).add("expires_at", NOW + 1));
        v.valid(
                "consent",
                "a clock 120 s behind the newest question",
                b -> b.add("now", NOW).add("newest_issued_at", NOW + 120));
        v.valid(
                "arrival",
                "in the last second",
                b -> b.add("now", NOW + 299)
                        .add("elapsed", 299)
                        .add("issued_at", NOW)
                        .add("expires_at", NOW + 300));
        clocks.clock("issued 121 s ahead of the device's clock", Reason.ISSUED_IN_FUTURE, NOW + 121, NOW + 421);
        clocks.clock("expired this second", Reason.EXPIRED, NOW - 300, NOW);
        clocks.clock("expired a year ago", Reason.EXPIRED, NOW - 31_536_300, NOW - 31_536_000);
        clocks.clock("expires when it is issued", Reason.QUESTION_TIMES, NOW, NOW);
        clocks.clock("open for longer than a day", Reason.QUESTION_TIMES, NOW, NOW + 86_401);
        v.refused(
                "consent",
                "a clock 121 s behind the newest question",
                Reason.CLOCK_BEHIND,
                b -> b.add("now", NOW).add("newest_issued_at", NOW + 121));
        v.refused(
                "arrival",
                "at the deadline by the wall clock",
                Reason.LATE,
                b -> b.add("now", NOW + 300)
                        .add("elapsed", 10)
                        .add("issued_at", NOW)
                        .add("expires_at", NOW + 300));
        v.refused(
                "arrival",
                "at the deadline by the monotonic clock",
                Reason.LATE,
                b -> b.add("now", NOW - 3_600)
                        .add("elapsed", 300)
                        .add("issued_at", NOW)
                        .add("expires_at", NOW + 300));
        return v;
    }

    private void clock(String name, Reason reason, long issuedAt, long expiresAt) {
        vectors.refused(
                "clock",
                name,
                reason,
                v -> v.add("now", NOW).add("issued_at", issuedAt).add("expires_at", expiresAt));
    }
}
