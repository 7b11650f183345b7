package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import java.util.List;
import java.util.Map;

/**
 * All that a store in memory holds and that cannot be derived. A store restored from it accepts the same cursors.
 *
 * @param pairings in any order
 * @param devices in any order
 * @param requests in any order; each of a pairing in {@code pairings}
 * @param lists the counters that cannot be derived from the requests, by the id of the device or pairing whose list it
 *     is; zeros for a list that is not there
 */
public record Contents(
        List<Pairing> pairings, List<Device> devices, List<Listed> requests, Map<String, Counters> lists) {
    /** An empty store. */
    public static final Contents NONE = new Contents(List.of(), List.of(), List.of(), Map.of());

    /** Copies all. */
    public Contents {
        pairings = List.copyOf(pairings);
        devices = List.copyOf(devices);
        requests = List.copyOf(requests);
        lists = Map.copyOf(lists);
    }

    /**
     * A request and its positions.
     *
     * @param number its position in the order of all submissions; no two requests have the same
     * @param position its position in its device's list: that of its submission, or of its cancellation if it was
     *     cancelled
     * @param change its position in its pairing's history
     */
    public record Listed(Request request, long number, long position, long change) {}

    /**
     * The counters of a list.
     *
     * @param position at least the highest position of a request that was removed
     * @param floor the highest position at which a request was removed
     */
    public record Counters(long position, long floor) {}
}
