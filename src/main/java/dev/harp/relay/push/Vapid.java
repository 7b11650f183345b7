package dev.harp.relay.push;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;

/**
 * Authenticates the relay to push services (RFC 8292). A signature is valid for one origin and 12 hours (the bound is
 * 24 hours), and is reused for half of that time, because signing costs more than the rest of a message.
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
     * Has signed nothing yet.
     *
     * @param subject the contact for push services, see {@link VapidKeys#isSubject}
     * @param most how many signatures are kept
     */
    Vapid(VapidKeys keys, String subject, InstantSource clock, int most) {
        this.keys = keys;
        this.subject = subject;
        this.clock = clock;
        this.most = most;
    }

    /** The value of {@code Authorization} for the origin. */
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
