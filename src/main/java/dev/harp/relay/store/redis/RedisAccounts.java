package dev.harp.relay.store.redis;

import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.Shares.Measure;
import dev.harp.relay.store.Account;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.DueRecord;
import dev.harp.relay.store.Holding;
import dev.harp.relay.store.Levels;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import redis.clients.jedis.Protocol;

/** The sums that the scripts keep: of all records, and of each network and pairing. */
record RedisAccounts(RedisConnections connections, Capacity capacity) {

    Levels levels() {
        List<?> sums = (List<?>) reply(
                Protocol.Command.HMGET, Keys.LEVELS, "bytes", "pairings", "devices", "pending", "delivered", "ended");
        long[] numbers = sums.stream()
                .mapToLong(sum -> sum == null ? 0 : Long.parseLong(RedisConnections.text(sum)))
                .toArray();
        return new Levels(
                numbers[0], (int) numbers[1], (int) numbers[2], (int) numbers[3], (int) numbers[4], (int) numbers[5]);
    }

    List<Holding> largest(Account account, int limit) {
        String sums = switch (account) {
            case NETWORK_BYTES -> "u:bytes";
            case NETWORK_PAIRINGS -> "u:pairings";
            case NETWORK_DEVICES -> "u:devices";
            case PAIRING_BYTES -> "u:pair";
        };
        List<String> found =
                RedisConnections.texts(reply(Protocol.Command.ZRANGE, sums, 0, limit - 1, "REV", "WITHSCORES"));
        List<Holding> largest = new ArrayList<>();
        for (int i = 0; i < found.size(); i += 2) {
            largest.add(new Holding(found.get(i), (long) Double.parseDouble(found.get(i + 1))));
        }
        return largest;
    }

    List<DueRecord> openedBy(String network) {
        return RedisConnections.texts(reply(Protocol.Command.ZRANGE, "w:" + network, 0, -1)).stream()
                .flatMap(key -> Keys.due(key).stream())
                .toList();
    }

    private Object reply(Protocol.Command command, String key, Object... arguments) {
        return connections
                .execute(RedisConnections.command(command, connections.prefix() + key)
                        .addObjects(arguments))
                .getFirst();
    }

    /** What the scripts compare: of each network its name, its share of bytes, and that of the other measure. */
    String shares(Opener opener, Measure measure) {
        long bound = measure == Measure.DEVICES ? capacity.devices() : capacity.pairings();
        return opener.networks().stream()
                .map(name -> name + " " + capacity.shares().ofNetwork(Measure.BYTES, capacity.bytes(), name) + " "
                        + capacity.shares().ofNetwork(measure, bound, name))
                .collect(Collectors.joining(" "));
    }

    /** The share of a pairing in bytes. */
    long shareOfPairing() {
        return capacity.shares().ofPairing(Measure.BYTES, capacity.bytes());
    }
}
