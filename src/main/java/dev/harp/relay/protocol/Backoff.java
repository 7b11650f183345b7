package dev.harp.relay.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * When a failed attempt of a delivery is repeated.
 *
 * @param pauses from each failure to the next attempt; after one failure more the delivery is given up
 * @param longest the longest pause that a receiver may ask for
 */
record Backoff(List<Duration> pauses, Duration longest) {

    /** How many attempts there are at most. */
    int attempts() {
        return pauses.size() + 1;
    }

    /**
     * When the next attempt is due; empty if there is none.
     *
     * @param failures how many attempts had failed before this one
     * @param asked the pause that the receiver has asked for; a shorter one than the own is ignored
     */
    Optional<Instant> next(int failures, Optional<Duration> asked, Instant now) {
        if (failures >= pauses.size()) {
            return Optional.empty();
        }
        Duration own = pauses.get(failures);
        return Optional.of(now.plus(asked.filter(pause -> pause.compareTo(own) > 0)
                .map(pause -> pause.compareTo(longest) > 0 ? longest : pause)
                .orElse(own)));
    }
}
