package dev.harp.relay.store;

/**
 * How much a store holds.
 *
 * @param bytes the sum of all records' {@link dev.harp.relay.model.Footprint}
 * @param pairings how many pairings, of any state
 * @param devices how many devices
 * @param openRequests how many requests that have not ended
 * @param endedRequests how many requests that have ended and are still readable
 */
public record Levels(long bytes, int pairings, int devices, int openRequests, int endedRequests) {}
