package dev.harp.relay.store;

/**
 * How much a store holds.
 *
 * @param bytes the sum of all records' {@link dev.harp.relay.protocol.Footprint}
 * @param pairings how many pairings, of any state
 * @param devices how many devices
 * @param pendingRequests how many requests have not ended and were not read by the device
 * @param deliveredRequests how many requests have not ended and were read by the device
 * @param endedRequests how many requests have ended and are still stored
 */
public record Levels(
        long bytes, int pairings, int devices, int pendingRequests, int deliveredRequests, int endedRequests) {

    /** How many requests have not ended. */
    public int openRequests() {
        return pendingRequests + deliveredRequests;
    }
}
