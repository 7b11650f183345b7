package dev.harp.relay.store;

/**
 * A record, and what the store has read with it.
 *
 * @param <T> the record's type
 */
public record Found<T>(T record, Seen seen) {}
