package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.store.Positions;
import dev.harp.relay.store.StoreSecret;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * All that a store in memory holds and that cannot be derived. A store restored from it accepts the same cursors.
 *
 * @param pairings in any order
 * @param devices in any order
 * @param requests in any order; each of a pairing in {@code pairings}
 * @param lists the positions that cannot be derived from the requests, by the id of the device or pairing whose list it
 *     is
 * @param secrets those that there are
 */
public record Contents(
        List<Pairing> pairings,
        List<Device> devices,
        List<Listed> requests,
        Map<String, Positions> lists,
        Map<StoreSecret, String> secrets) {
    /** An empty store. */
    public static final Contents NONE = new Contents(List.of(), List.of(), List.of(), Map.of(), Map.of());

    /** Copies all. */
    public Contents {
        pairings = List.copyOf(pairings);
        devices = List.copyOf(devices);
        requests = List.copyOf(requests);
        lists = Map.copyOf(lists);
        secrets = Map.copyOf(secrets);
    }

    /** The number of pairings, devices and requests. */
    public long records() {
        return (long) pairings.size() + devices.size() + requests.size();
    }

    /** The highest position of all lists; 0 if there is none. */
    long highest() {
        return LongStream.concat(
                        lists.values().stream().mapToLong(Positions::last),
                        requests.stream().mapToLong(listed -> Math.max(listed.position(), listed.change())))
                .max()
                .orElse(0);
    }

    /** Without the records, and without the secrets. */
    @Override
    public String toString() {
        return "Contents[" + pairings.size() + " pairings, " + devices.size() + " devices, " + requests.size()
                + " requests]";
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
}
