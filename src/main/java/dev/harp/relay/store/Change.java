package dev.harp.relay.store;

import java.util.Optional;
import java.util.function.Function;

/**
 * What a rule makes of one record.
 *
 * @param after the record from now on: empty to remove it, the very same object to leave it unchanged
 * @param result what the rule returns to its caller
 * @param <T> the record's type
 * @param <R> the result's type
 */
public record Change<T, R>(Optional<T> after, R result) {

    /** A change to the given record. */
    public static <T, R> Change<T, R> to(T record, R result) {
        return new Change<>(Optional.of(record), result);
    }

    /** The change that the rule makes of a stored record; no change, and no result, if there is none. */
    public static <T, R> Change<T, Optional<R>> ofStored(Optional<T> before, Function<T, Change<T, R>> rule) {
        if (before.isEmpty()) {
            return new Change<>(before, Optional.empty());
        }
        Change<T, R> change = rule.apply(before.get());
        return new Change<>(change.after(), Optional.of(change.result()));
    }
}
