package dev.harp.relay.http.api;

import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;

/** Whether the relay takes calls: from its start until it begins to shut down, also when it is full. */
public final class Serving implements HealthCheck {
    private volatile boolean draining;

    /** From now on it does not. For good. */
    public void drain() {
        draining = true;
    }

    @Override
    public HealthCheckType type() {
        return HealthCheckType.READINESS;
    }

    @Override
    public String name() {
        return "serving";
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.builder().status(!draining).build();
    }
}
