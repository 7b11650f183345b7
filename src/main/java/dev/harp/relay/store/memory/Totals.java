package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.Request;
import dev.harp.relay.store.Levels;

/** The sums of a store: the bytes of its records, and its requests by state. Not for concurrent use. */
final class Totals {
    private final long capacity;
    private long bytes;
    private int pending;
    private int delivered;
    private int ended;

    /** @param capacity in bytes */
    Totals(long capacity) {
        this.capacity = capacity;
    }

    /**
     * Whether that many more bytes fit. A record may always shrink, also in a store that holds more than its capacity.
     */
    boolean fits(long growth) {
        return growth <= 0 || bytes + growth <= capacity;
    }

    void addBytes(long growth) {
        bytes += growth;
    }

    /** Counts the request in, or out if {@code more} is negative. */
    void count(Request request, int more) {
        if (!request.open()) {
            ended += more;
        } else if (request.deliveredAt().isPresent()) {
            delivered += more;
        } else {
            pending += more;
        }
    }

    Levels levels(int pairings, int devices) {
        return new Levels(bytes, pairings, devices, pending, delivered, ended);
    }
}
