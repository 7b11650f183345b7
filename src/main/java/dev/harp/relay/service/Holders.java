package dev.harp.relay.service;

import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Shares.Measure;
import dev.harp.relay.store.Account;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Holding;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.wait.WaitingRoom;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who holds most of what is shared. Networks have the names of {@link dev.harp.relay.protocol.Opener}; waiting calls
 * are those of this relay, and all else is that of the store.
 */
public final class Holders {
    /** How many holders of each kind are looked at: a network behind these holds next to nothing of it. */
    private static final int LARGEST = 1_000;

    private final RelayStore store;
    private final WaitingRoom room;
    private final Capacity capacity;
    private final int waiters;

    /**
     * What a network holds of its share.
     *
     * @param held what it holds
     * @param share what it may hold
     */
    public record Use(long held, long share) {
        /** The part of the share that is held: 1 is all of it. */
        public double ratio() {
            return (double) held / share;
        }
    }

    /**
     * A network.
     *
     * @param uses of what it holds anything
     */
    public record Network(String name, Map<Measure, Use> uses) {
        /** Copies the map. */
        public Network {
            uses = Map.copyOf(uses);
        }

        /** The largest part of a share that it holds. */
        public double ratio() {
            return uses.values().stream().mapToDouble(Use::ratio).max().orElse(0);
        }
    }

    /**
     * A pairing.
     *
     * @param bytes those of its requests
     * @param waiters the calls that wait for it
     */
    public record Pair(PairId id, long bytes, long waiters) {}

    /**
     * Holders of the store, and of places in the room.
     *
     * @param waiters how many calls may wait in all
     */
    public Holders(RelayStore store, WaitingRoom room, Capacity capacity, int waiters) {
        this.store = store;
        this.room = room;
        this.capacity = capacity;
        this.waiters = waiters;
    }

    /**
     * The networks that hold the largest part of a share, the largest first.
     *
     * @param limit the most entries, 1 to {@value #LARGEST}
     */
    public List<Network> networks(int limit) {
        Map<String, Map<Measure, Use>> uses = new HashMap<>();
        for (Measure measure : Measure.values()) {
            held(measure)
                    .forEach(holding -> uses.computeIfAbsent(holding.holder(), _ -> new EnumMap<>(Measure.class))
                            .put(measure, new Use(holding.amount(), share(measure, holding.holder()))));
        }
        return uses.entrySet().stream()
                .map(each -> new Network(each.getKey(), each.getValue()))
                .sorted(Comparator.comparingDouble(Network::ratio).reversed().thenComparing(Network::name))
                .limit(limit)
                .toList();
    }

    private List<Holding> held(Measure measure) {
        return switch (measure) {
            case BYTES -> store.largest(Account.NETWORK_BYTES, LARGEST);
            case PAIRINGS -> store.largest(Account.NETWORK_PAIRINGS, LARGEST);
            case DEVICES -> store.largest(Account.NETWORK_DEVICES, LARGEST);
            case WAITERS ->
                room.holders().entrySet().stream()
                        .filter(each -> PairId.parse(each.getKey()).isEmpty())
                        .map(each -> new Holding(each.getKey(), each.getValue()))
                        .toList();
        };
    }

    private long share(Measure measure, String network) {
        long bound = switch (measure) {
            case BYTES -> capacity.bytes();
            case PAIRINGS -> capacity.pairings();
            case DEVICES -> capacity.devices();
            case WAITERS -> waiters;
        };
        return capacity.shares().ofNetwork(measure, bound, network);
    }

    /**
     * The pairings whose requests take the most bytes, the largest first; then those for which the most calls wait.
     *
     * @param limit the most entries, 1 to {@value #LARGEST}
     */
    public List<Pair> pairings(int limit) {
        Map<PairId, Long> bytes = new HashMap<>();
        store.largest(Account.PAIRING_BYTES, LARGEST)
                .forEach(each -> PairId.parse(each.holder()).ifPresent(id -> bytes.put(id, each.amount())));
        Map<PairId, Long> waiting = new HashMap<>();
        room.holders().forEach((holder, amount) -> PairId.parse(holder).ifPresent(id -> waiting.put(id, amount)));
        waiting.keySet().forEach(id -> bytes.putIfAbsent(id, 0L));
        return bytes.entrySet().stream()
                .map(each -> new Pair(each.getKey(), each.getValue(), waiting.getOrDefault(each.getKey(), 0L)))
                .sorted(Comparator.comparingLong(Pair::bytes)
                        .thenComparingLong(Pair::waiters)
                        .reversed()
                        .thenComparing(pair -> pair.id().value()))
                .limit(limit)
                .toList();
    }
}
