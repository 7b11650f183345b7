package dev.harp.relay.store;

/**
 * What came of a change.
 *
 * @param <R> the rule's answer
 */
public sealed interface StoreResult<R> {

    /** It is stored, as safely as this store can, and nobody has been told of it yet. */
    record Done<R>(R answer) implements StoreResult<R> {}

    /** The record would have grown, and there is no room. Nothing has changed. */
    record Full<R>() implements StoreResult<R> {}
}
