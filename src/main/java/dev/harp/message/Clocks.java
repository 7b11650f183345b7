package dev.harp.message;

import java.util.Optional;

/**
 * The rules about time, as functions of times in Unix seconds. Each side judges by its own clock. The relay's clock may
 * correct the time in a request id, and never a judgement.
 */
public final class Clocks {
    /** How far two clocks may differ, in seconds. */
    public static final long GRACE = 120;

    private Clocks() {}

    /**
     * Whether a device may show a question as open.
     *
     * @return nothing if it may, else {@code question_times}, {@code issued_in_future} or {@code expired}
     */
    public static Optional<Reason> judge(long now, long issuedAt, long expiresAt) {
        long lifetime = expiresAt - issuedAt;
        if (lifetime <= 0 || lifetime > Question.MAX_LIFETIME) {
            return Optional.of(Reason.QUESTION_TIMES);
        }
        if (issuedAt > now + GRACE) {
            return Optional.of(Reason.ISSUED_IN_FUTURE);
        }
        return now >= expiresAt ? Optional.of(Reason.EXPIRED) : Optional.empty();
    }

    /**
     * Whether a device's clock is too far behind to consent: a question that has passed {@link #judge} was issued later
     * than its clock says it is now. It may have been set back to revive an old question.
     *
     * @param newestIssuedAt M, see {@link DecisionLog}
     */
    public static boolean isBehind(long now, long newestIssuedAt) {
        return now < newestIssuedAt - GRACE;
    }

    /** See {@link AskedQuestion#isInTime}. */
    public static boolean isInTime(long issuedAt, long expiresAt, long now, long elapsed) {
        return now < expiresAt && elapsed < expiresAt - issuedAt;
    }
}
