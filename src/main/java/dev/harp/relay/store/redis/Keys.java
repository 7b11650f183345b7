package dev.harp.relay.store.redis;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.store.DueRecord;
import java.time.Duration;
import java.util.Optional;

/** The names of keys without their prefix; {@code common.lua} says what stands at each. */
final class Keys {
    /** Begins every key. The number is that of the whole layout: a later one can live beside it. */
    static final String PREFIX = "harp1:";

    /** How long a key lives that has no end of its own, unless it is used. */
    static final Duration LIFE = Duration.ofDays(90);

    /** How long a request outlives the time at which it should have been forgotten, if no relay is there to forget it. */
    static final Duration UNFORGOTTEN = Duration.ofDays(1);

    static final String DUE = "due";
    static final String LEVELS = "levels";

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

    /** The record that has the key; empty if no record has. */
    static Optional<DueRecord> due(String key) {
        String[] parts = key.split(":", -1);
        return switch (parts[0]) {
            case "p" -> PairId.parse(key.substring(2)).map(DueRecord.OfPairing::new);
            case "d" -> Optional.of(new DueRecord.OfDevice(new DeviceId(key.substring(2))));
            case "r" ->
                parts.length == 3 ? request(parts[1], parts[2]).map(DueRecord.OfRequest::new) : Optional.empty();
            default -> Optional.empty();
        };
    }

    static Optional<RequestKey> request(String pair, String request) {
        return PairId.parse(pair).flatMap(id -> RequestId.parse(request).map(name -> new RequestKey(id, name)));
    }
}
