package dev.harp.relay.store.memory;

import dev.harp.relay.model.Device;
import dev.harp.relay.model.DeviceId;
import dev.harp.relay.model.Pairing;
import dev.harp.relay.model.Request;
import java.util.List;
import java.util.Map;

/**
 * All that a store in memory holds and that cannot be derived: from it the store is made again as it was, devices' cursors included.
 *
 * @param pairings in any order
 * @param devices in any order
 * @param requests in any order; each of a pairing in {@code pairings}
 * @param lists the counters of devices' lists that the requests do not tell; a device without any has zeros
 */
public record Contents(
        List<Pairing> pairings, List<Device> devices, List<Listed> requests, Map<DeviceId, Counters> lists) {
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
     */
    public record Listed(Request request, long number, long position) {}

    /**
     * How far a device's list has come.
     *
     * @param position at least the highest position that is no stored request's any more
     * @param floor the highest position of a cancelled request that has been forgotten
     */
    public record Counters(long position, long floor) {}
}
