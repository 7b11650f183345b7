package dev.harp.relay.store;

import dev.harp.relay.protocol.Shares;

/**
 * How much a store may hold. Set once, at start.
 *
 * @param bytes the sum of all records' {@link dev.harp.relay.protocol.Footprint}
 * @param pairings how many pairings, of any state
 * @param devices how many devices
 * @param shares how much of each a network or a pairing may hold
 */
public record Capacity(long bytes, int pairings, int devices, Shares shares) {

    /** Without shares. */
    public Capacity(long bytes, int pairings, int devices) {
        this(bytes, pairings, devices, Shares.NONE);
    }
}
