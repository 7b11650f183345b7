package dev.harp.relay.doctor;

import dev.harp.relay.outbound.HttpRequest;
import dev.harp.relay.outbound.TargetUrl;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The relay as it is reached from this machine.
 *
 * @param key the operator's registration key
 * @param patience for one exchange that does not wait
 * @param end when the examination ends, as {@code nanoTime} tells
 * @param clock the wall clock
 * @param nanoTime a monotonic clock in nanoseconds
 */
record Site(
        TargetUrl target,
        Trust trust,
        Optional<String> key,
        Duration patience,
        InstantSource clock,
        LongSupplier nanoTime,
        long end) {
    private static final Duration LEAST = Duration.ofMillis(1);

    /** For one exchange that does not wait: no longer than the examination. */
    @Override
    public Duration patience() {
        Duration left = left();
        return left.compareTo(LEAST) < 0 ? LEAST : left.compareTo(patience) < 0 ? left : patience;
    }

    /** The time until the end of the examination; not positive if it is over. */
    Duration left() {
        return Duration.ofNanos(end - nanoTime.getAsLong());
    }

    /** The same site with time for one exchange more, to clean up. */
    Site longer() {
        return new Site(target, trust, key, patience, clock, nanoTime, nanoTime.getAsLong() + patience.toNanos());
    }

    /** The path below which the relay is, without a slash at its end; mostly empty. */
    String base() {
        return target.target().replaceFirst("/$", "");
    }

    static HttpRequest get(String path) {
        return request("GET", path, Map.of(), "");
    }

    /**
     * A request of the doctor.
     *
     * @param json the body; may be empty
     */
    static HttpRequest request(String method, String path, Map<String, String> headers, String json) {
        Map<String, String> fields = new LinkedHashMap<>(Map.of("User-Agent", "harp-relay-doctor"));
        fields.putAll(headers);
        if (!json.isEmpty()) {
            fields.put("Content-Type", "application/json");
        }
        return new HttpRequest(method, path, fields, json.getBytes(StandardCharsets.UTF_8));
    }

    static Map<String, String> bearer(String credential) {
        return Map.of("Authorization", "Bearer " + credential);
    }

    /** One call on a new connection. */
    RelayAnswer call(HttpRequest request) throws Failed {
        try (Connection connection = Connection.open(this)) {
            return connection.ask(request, patience);
        }
    }

    /** The time since a reading of {@code nanoTime}. */
    Duration since(long nanos) {
        return Duration.ofNanos(nanoTime.getAsLong() - nanos);
    }

    /** The relay's address. Without the key, so that nothing prints it. */
    @Override
    public String toString() {
        return target + base();
    }
}
