package dev.harp.relay.http.api;

import dev.harp.relay.outbound.HealthProbe;
import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Whether the public listener answers {@code HEAD /health} on a connection like a client's. A listener can report that it
 * runs although its accept loop has ended or all its connections are taken. A result is reused for one second, so that
 * frequent readiness probes cost one connection a second.
 */
final class ListenerCheck implements HealthCheck {
    private static final Duration FRESH = Duration.ofSeconds(1);
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final String host;
    private final IntSupplier port;
    private final BooleanSupplier running;
    private final LongSupplier nanoTime;
    private boolean asked;
    private boolean up;
    private long askedAt;

    ListenerCheck(String host, IntSupplier port, BooleanSupplier running, LongSupplier nanoTime) {
        this.host = host;
        this.port = port;
        this.running = running;
        this.nanoTime = nanoTime;
    }

    @Override
    public HealthCheckType type() {
        return HealthCheckType.READINESS;
    }

    @Override
    public String name() {
        return "listener";
    }

    @Override
    public synchronized HealthCheckResponse call() {
        long now = nanoTime.getAsLong();
        if (!asked || now - askedAt >= FRESH.toNanos()) {
            up = running.getAsBoolean() && answers();
            asked = true;
            askedAt = nanoTime.getAsLong();
        }
        return HealthCheckResponse.builder().status(up).build();
    }

    private boolean answers() {
        try {
            return HealthProbe.status(host, port.getAsInt(), LIMIT) > 0;
        } catch (IOException | TimeoutException | IllegalArgumentException e) {
            return false;
        }
    }
}
