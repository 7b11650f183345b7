package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import java.util.List;
import java.util.Map;

/**
 * All that a store in memory holds and that cannot be derived: from it the store is made again as it was, cursors included.
 *
 * @param pairings in any order
 * @param devices in any order
 * @param requests in any order; each of a pairing in {@code pairings}
 * @param lists the counters of lists that the requests do not tell, by the id of the device, or of the pairing, whose list it is; one without any has zeros
 */
public record Contents(
        List<Pairing> pairings, List<Device> devices, List<Listed> requests, Map<String, Counters> lists) {
    /** Nothing. */
    public static final Contents NONE = new Contents(List.of(), List.of(), List.of(), Map.of());

    /** Copies all. */
    public Contents {
        pairings = List.copyOf(pairings);
        devices = List.copyOf(devices);
        requests = List.copyOf(requests);
        lists = Map.copyOf(lists);
    }

    /**
     * A request and its places.
     *
     * @param number its place in the order of all submissions; no two requests have the same
     * @param position its place in its device's list: that of its submission, or, once it is cancelled, of that
     * @param change its place in its pairing's history
     */
    public record Listed(Request request, long number, long position, long change) {}

    /**
     * How far a list has come.
     *
     * @param position at least the highest position that is no stored request's any more
     * @param floor the highest position at which a request has been forgotten
     */
    public record Counters(long position, long floor) {}
}
