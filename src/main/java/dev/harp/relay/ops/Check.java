package dev.harp.relay.ops;

import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;
import java.util.function.BooleanSupplier;

/**
 * One thing that has to be so for the relay to be sent calls.
 *
 * @param name what it is called in the answer
 * @param holds whether it is so now
 */
public record Check(String name, BooleanSupplier holds) implements HealthCheck {
    @Override
    public HealthCheckType type() {
        return HealthCheckType.READINESS;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.builder().status(holds.getAsBoolean()).build();
    }
}
