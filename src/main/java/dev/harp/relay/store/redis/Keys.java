package dev.harp.relay.store.redis;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.store.DueRecord;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** The names of keys without their prefix. {@code keys.lua} says what each of them holds. */
final class Keys {
    /** Begins every key. The number is that of the whole layout: a later one can be used beside it. */
    static final String PREFIX = "harp1:";

    /** How long a key without an end of its own lives after its last use. */
    static final Duration LIFE = Duration.ofDays(90);

    /**
     * How long a request's key outlives the time at which it should have been removed, if no relay is there to remove
     * it.
     */
    static final Duration UNFORGOTTEN = Duration.ofDays(1);

    static final String DUE = "due";
    static final String LEVELS = "levels";

    private static final Pattern DEVICE = Pattern.compile("dev_[0-9a-f]{12}");

    private Keys() {}

    static String of(PairId id) {
        return "p:" + id.value();
    }

    static String of(DeviceId id) {
        return "d:" + id.value();
    }

    static String of(RequestKey key) {
        return "r:" + key.pair().value() + ":" + key.request();
    }

    static String open(PairId id) {
        return "o:" + id.value();
    }

    static String joined(DeviceId id) {
        return "j:" + id.value();
    }

    static String limit(String scope, String digest) {
        return "g:" + scope + ":" + digest;
    }

    static String named(DeviceId device, RequestId id) {
        return "n:" + device.value() + ":" + id;
    }

    /** The record that the key names; empty if it names none. */
    static Optional<DueRecord> due(String key) {
        String[] parts = key.split(":", -1);
        return switch (parts[0] + parts.length) {
            case "p2" -> PairId.parse(parts[1]).map(DueRecord.OfPairing::new);
            case "d2" ->
                DEVICE.matcher(parts[1]).matches()
                        ? Optional.of(new DueRecord.OfDevice(new DeviceId(parts[1])))
                        : Optional.empty();
            case "r3" -> request(parts[1], parts[2]).map(DueRecord.OfRequest::new);
            default -> Optional.empty();
        };
    }

    static Optional<RequestKey> request(String pair, String request) {
        return PairId.parse(pair).flatMap(id -> RequestId.parse(request).map(name -> new RequestKey(id, name)));
    }
}
