package dev.harp.relay.push;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;

/**
 * Introduces the relay to push services (RFC 8292). What it signs holds for one origin and 12 hours, a push service must not take more than 24,
 * and is used again for half of that: signing costs more than all the rest of a message.
 */
final class Vapid {
    private static final Duration HOLDS = Duration.ofHours(12);
    private static final Duration USED = Duration.ofHours(6);

    private final VapidKeys keys;
    private final String subject;
    private final InstantSource clock;
    private final int most;

    private final LinkedHashMap<String, Signed> known = new LinkedHashMap<>(16, 0.75f, true);

    private record Signed(String field, Instant at) {}

    /**
     * @param subject whom a push service may turn to, see {@link VapidKeys#isSubject}
     * @param most for how many origins a signature is kept
     */
    Vapid(VapidKeys keys, String subject, InstantSource clock, int most) {
        this.keys = keys;
        this.subject = subject;
        this.clock = clock;
        this.most = most;
    }

    /** The field {@code Authorization} for the origin. */
    synchronized String authorization(String origin) {
        Instant now = clock.instant();
        Signed signed = known.get(origin);
        if (signed == null
                || now.isBefore(signed.at())
                || !now.isBefore(signed.at().plus(USED))) {
            signed = new Signed(keys.authorization(origin, now.plus(HOLDS), subject), now);
            known.put(origin, signed);
            if (known.size() > most) {
                var _ = known.pollFirstEntry();
            }
        }
        return signed.field();
    }
}
