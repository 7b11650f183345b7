package dev.harp.relay.store;

import java.util.Optional;

/**
 * What a rule makes of one record.
 *
 * @param after the record as it stands from now on: empty if it is to be gone, the very same object if nothing changes
 * @param answer what the rule tells its caller
 * @param <T> the record's type
 * @param <R> the answer's type
 */
public record Change<T, R>(Optional<T> after, R answer) {

    /** A step to the given record. */
    public static <T, R> Change<T, R> to(T record, R answer) {
        return new Change<>(Optional.of(record), answer);
    }
}
