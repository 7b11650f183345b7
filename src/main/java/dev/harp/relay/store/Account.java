package dev.harp.relay.store;

/** What a store counts for each network, or each pairing. */
public enum Account {
    /** The bytes of a network's pairings, of their requests, and of its devices. */
    NETWORK_BYTES,
    /** A network's pairings, of any state. */
    NETWORK_PAIRINGS,
    /** A network's devices. */
    NETWORK_DEVICES,
    /** The bytes of a pairing's requests. */
    PAIRING_BYTES
}
