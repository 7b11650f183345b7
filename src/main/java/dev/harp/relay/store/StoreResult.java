package dev.harp.relay.store;

import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Result;
import java.util.Optional;
import java.util.function.Function;

/**
 * The outcome of a change.
 *
 * @param <R> the rule's result
 */
public sealed interface StoreResult<R> {

    /** The change is stored, as durably as this store can. Nobody has been notified of it yet. */
    record Done<R>(R result) implements StoreResult<R> {}

    /** The record would have grown, and there is no room for that. Nothing has changed. */
    record Full<R>(Bound bound) implements StoreResult<R> {}

    /** Which bound is reached. */
    enum Bound {
        /** What all may hold together. */
        WHOLE,
        /** The share of a network. */
        NETWORK,
        /** The share of a pairing. */
        PAIRING
    }

    /** The rule's result, or the refusal for the bound that is reached. */
    default Result<R> orRefuse(Function<Bound, Refusal> full) {
        return switch (this) {
            case Done<R>(R result) -> Result.ok(result);
            case Full<R>(Bound bound) -> Result.refused(full.apply(bound));
        };
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
