package dev.harp.relay.store;

/**
 * How much a store holds.
 *
 * @param bytes the sum of all records' {@link dev.harp.relay.protocol.Footprint}
 * @param pairings how many pairings, of any state
 * @param devices how many devices
 * @param pendingRequests how many requests that have not ended and that the device has not read
 * @param deliveredRequests how many requests that have not ended and that the device has read
 * @param endedRequests how many requests that have ended and are still readable
 */
public record Levels(
        long bytes, int pairings, int devices, int pendingRequests, int deliveredRequests, int endedRequests) {

    /** How many requests that have not ended. */
    public int openRequests() {
        return pendingRequests + deliveredRequests;
    }
}
