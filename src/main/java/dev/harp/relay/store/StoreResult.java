package dev.harp.relay.store;

import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Result;
import java.util.Optional;

/**
 * The outcome of a change.
 *
 * @param <R> the rule's result
 */
public sealed interface StoreResult<R> {

    /** The change is stored, as durably as this store can. Nobody has been notified of it yet. */
    record Done<R>(R result) implements StoreResult<R> {}

    /** The record would have grown, and the store has no room for that. Nothing has changed. */
    record Full<R>() implements StoreResult<R> {}

    /** The rule's result, or the refusal for a full store. */
    default Result<R> orRefuse(Refusal full) {
        return done().<Result<R>>map(Result::ok).orElseGet(() -> Result.refused(full));
    }

    /** The rule's result; empty if the store is full. */
    default Optional<R> done() {
        return this instanceof Done<R>(R result) ? Optional.of(result) : Optional.empty();
    }

    /** The rule's result of a change by which no record grows. */
    default R orElseThrow() {
        return done().orElseThrow(() -> new IllegalStateException("the record was not to grow, and the store is full"));
    }
}
