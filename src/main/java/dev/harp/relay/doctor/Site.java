package dev.harp.relay.doctor;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The relay as this machine reaches it.
 *
 * @param key the operator's registration key
 * @param patience for one exchange that does not wait
 * @param clock the wall clock
 * @param nanoTime a monotonic clock in nanoseconds
 */
record Site(
        Target target,
        Trust trust,
        Optional<String> key,
        Duration patience,
        InstantSource clock,
        LongSupplier nanoTime) {

    Connection open() throws Failed {
        return Connection.open(target, trust, patience, clock.instant());
    }

    /** One call on a connection of its own. */
    HttpAnswer call(Ask ask) throws Failed {
        try (Connection connection = open()) {
            return connection.ask(ask, patience);
        }
    }

    /** The time since a reading of {@code nanoTime}. */
    Duration since(long nanos) {
        return Duration.ofNanos(nanoTime.getAsLong() - nanos);
    }

    /** Without the key, so that nothing prints it. */
    @Override
    public String toString() {
        return target.toString();
    }
}
