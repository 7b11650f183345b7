package dev.harp.relay.protocol;

/**
 * How much of each bound of the relay one network and one pairing may hold, so that none holds everything
 * ({@code NETWORK_SHARE}).
 *
 * @param percent the share of an IPv4 address or an IPv6 /64 in percent, 1 to 100; 100 is no shares, for pairings as
 *     well
 */
public record Shares(int percent) {
    /** Everybody may hold everything. */
    public static final Shares NONE = new Shares(100);

    private static final int ALL = 100;

    /** What is shared. */
    public enum Measure {
        /** The bytes of records. */
        BYTES(16L << 20, 8L << 20),
        /** Pairings of any state. A pairing has no share of them. */
        PAIRINGS(2000, 1),
        /** Devices. A pairing has no share of them. */
        DEVICES(1000, 1),
        /** Long polls and event streams that wait. */
        WAITERS(512, 64);

        /** What an office of 200 phones and 50 agents needs. */
        private final long leastOfNetwork;

        private final long leastOfPairing;

        Measure(long leastOfNetwork, long leastOfPairing) {
            this.leastOfNetwork = leastOfNetwork;
            this.leastOfPairing = leastOfPairing;
        }
    }

    /**
     * The most that a network may hold: at least what an office needs, and at most half of the bound.
     *
     * @param bound the most that all may hold, at least 0
     * @param network a name of an {@link Opener}. An IPv6 /56 may hold twice as much as a /64, a /48 three times
     */
    public long ofNetwork(Measure measure, long bound, String network) {
        if (percent == ALL) {
            return bound;
        }
        long share = atMost(Math.max(bound / ALL * percent, measure.leastOfNetwork), bound / 2);
        int times = network.startsWith("48-") ? 3 : network.startsWith("56-") ? 2 : 1;
        return atMost(share * times, bound / 2);
    }

    /** The most that a pairing may hold: a hundredth, at least a usual load, and at most a quarter of the bound. */
    public long ofPairing(Measure measure, long bound) {
        return percent == ALL ? bound : atMost(Math.max(bound / ALL, measure.leastOfPairing), bound / 4);
    }

    /** At least 1, so that a relay with tiny bounds serves somebody. */
    private static long atMost(long share, long most) {
        return Math.max(1, Math.min(share, most));
    }
}
