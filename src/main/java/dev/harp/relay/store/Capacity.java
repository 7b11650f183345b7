package dev.harp.relay.store;

/**
 * How much a store may hold. Set once, at start.
 *
 * @param bytes the sum of all records' {@link dev.harp.relay.protocol.Footprint}
 * @param pairings how many pairings, of any state
 * @param devices how many devices
 */
public record Capacity(long bytes, int pairings, int devices) {}
