package dev.harp.relay.http.admin;

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

    /** Whether a check is up now; one that fails is not. */
    public static boolean up(HealthCheck check) {
        try {
            return check.call().status() == HealthCheckResponse.Status.UP;
        } catch (RuntimeException e) {
            return false;
        }
    }

    @Override
    public HealthCheckType type() {
        return HealthCheckType.READINESS;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.builder().status(holds.getAsBoolean()).build();
    }
}
