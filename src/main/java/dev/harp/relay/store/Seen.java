package dev.harp.relay.store;

import dev.harp.relay.protocol.Pairing;
import java.util.Optional;

/**
 * What a store has read on the way, handed on with the record that was asked for. Whoever passes it on to a later call
 * may spare the store a read: the store takes it for what it would have read itself, since it is no older than the call
 * of the client, and stores nothing that depends on it without comparing. Only its store can read it.
 */
public interface Seen {
    /** Nothing was read on the way. */
    Seen NOTHING = Optional::empty;

    /** The caller's pairing, if it was read. */
    Optional<Pairing> pairing();
}
