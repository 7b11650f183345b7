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
 * @param clock the wall clock
 * @param nanoTime a monotonic clock in nanoseconds
 */
record Site(
        TargetUrl target,
        Trust trust,
        Optional<String> key,
        Duration patience,
        InstantSource clock,
        LongSupplier nanoTime) {

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

    /** Without the key, so that nothing prints it. */
    @Override
    public String toString() {
        return target.toString();
    }
}
