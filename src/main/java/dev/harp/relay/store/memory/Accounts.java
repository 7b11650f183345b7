package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.Shares.Measure;
import dev.harp.relay.store.Account;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.DueRecord;
import dev.harp.relay.store.Holding;
import dev.harp.relay.store.StoreResult.Bound;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/** What each network and each pairing holds. Not for concurrent use. */
final class Accounts {
    private final Capacity capacity;
    private final Map<String, Network> networks = new HashMap<>();

    private static final class Network {
        private long bytes;
        private int pairings;
        private int devices;
    }

    /** @param capacity the bounds that are shared */
    Accounts(Capacity capacity) {
        this.capacity = capacity;
    }

    /**
     * The share that a pairing would exceed.
     *
     * @param added 1 if it is new, else 0
     * @param growth in bytes
     */
    Optional<Bound> exceededByPairing(Opener opener, int added, long growth) {
        return exceeded(opener, Measure.PAIRINGS, capacity.pairings(), added, network -> network.pairings)
                .or(() -> exceededByBytes(opener, growth));
    }

    /** The same of a device. */
    Optional<Bound> exceededByDevice(Opener opener, int added, long growth) {
        return exceeded(opener, Measure.DEVICES, capacity.devices(), added, network -> network.devices)
                .or(() -> exceededByBytes(opener, growth));
    }

    /** The same of a request of the pairing. */
    Optional<Bound> exceededByRequest(PairingEntry entry, long growth) {
        return growth > 0 && entry.bytes + growth > capacity.shares().ofPairing(Measure.BYTES, capacity.bytes())
                ? Optional.of(Bound.PAIRING)
                : exceededByBytes(entry.pairing.opener(), growth);
    }

    private Optional<Bound> exceededByBytes(Opener opener, long growth) {
        return exceeded(opener, Measure.BYTES, capacity.bytes(), growth, network -> network.bytes);
    }

    private Optional<Bound> exceeded(
            Opener opener, Measure measure, long bound, long more, ToLongFunction<Network> held) {
        if (more <= 0) {
            return Optional.empty();
        }
        for (String name : opener.networks()) {
            if (held(name, held) + more > capacity.shares().ofNetwork(measure, bound, name)) {
                return Optional.of(Bound.NETWORK);
            }
        }
        return Optional.empty();
    }

    private long held(String name, ToLongFunction<Network> held) {
        return Optional.ofNullable(networks.get(name)).map(held::applyAsLong).orElse(0L);
    }

    /**
     * Notes a change of a pairing or device.
     *
     * @param measure which of the two
     * @param more 1 if it is new, -1 if it is removed, else 0
     * @param growth in bytes; of a pairing that is removed, after its requests were
     */
    void changed(Opener opener, Measure measure, int more, long growth) {
        for (String name : opener.networks()) {
            Network network = networks.computeIfAbsent(name, _ -> new Network());
            network.bytes += growth;
            network.pairings += measure == Measure.PAIRINGS ? more : 0;
            network.devices += measure == Measure.DEVICES ? more : 0;
            if (network.pairings + network.devices == 0) {
                networks.remove(name);
            }
        }
    }

    /** Notes that a request of the stored pairing has grown by so many bytes, or shrunk. */
    void changed(PairingEntry entry, long growth) {
        entry.bytes += growth;
        for (String name : entry.pairing.opener().networks()) {
            Optional.ofNullable(networks.get(name)).ifPresent(network -> network.bytes += growth);
        }
    }

    /**
     * The records that were opened from the network, among all that are stored. A set for each network would take as
     * much memory as the records themselves when each is opened from another one.
     */
    static List<DueRecord> openedBy(String network, Collection<PairingEntry> pairings, Collection<Device> devices) {
        List<DueRecord> opened = new ArrayList<>();
        for (PairingEntry entry : pairings) {
            if (entry.pairing.opener().networks().contains(network)) {
                opened.add(new DueRecord.OfPairing(entry.pairing.id()));
            }
        }
        for (Device device : devices) {
            if (device.opener().networks().contains(network)) {
                opened.add(new DueRecord.OfDevice(device.id()));
            }
        }
        return opened;
    }

    /** @param pairings all that are stored */
    List<Holding> largest(Account account, int limit, Collection<PairingEntry> pairings) {
        return switch (account) {
            case NETWORK_BYTES -> largest(limit, network -> network.bytes);
            case NETWORK_PAIRINGS -> largest(limit, network -> network.pairings);
            case NETWORK_DEVICES -> largest(limit, network -> network.devices);
            case PAIRING_BYTES ->
                largest(
                        limit,
                        pairings.stream()
                                .map(entry -> new Holding(entry.pairing.id().value(), entry.bytes)));
        };
    }

    private List<Holding> largest(int limit, ToLongFunction<Network> held) {
        return largest(
                limit,
                networks.entrySet().stream()
                        .map(network -> new Holding(network.getKey(), held.applyAsLong(network.getValue()))));
    }

    private static List<Holding> largest(int limit, Stream<Holding> all) {
        return all.filter(holding -> holding.amount() > 0)
                .sorted(Comparator.comparingLong(Holding::amount).reversed())
                .limit(limit)
                .toList();
    }
}
