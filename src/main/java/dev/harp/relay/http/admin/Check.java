package dev.harp.relay.http.admin;

import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * One condition of readiness. A check that throws is DOWN; Helidon would answer 500, with the exception's message.
 *
 * @param name its name in the answer
 * @param holds whether the condition holds now
 * @param details what else the answer tells, by name
 */
public record Check(String name, Callable<Boolean> holds, Supplier<Map<String, String>> details)
        implements HealthCheck {
    private static final Duration FRESH = Duration.ofSeconds(1);

    /** A check without details. */
    public Check(String name, Callable<Boolean> holds) {
        this(name, holds, Map::of);
    }

    /** A check whose result is reused for one second, so that frequent probes cost one evaluation a second. */
    public static Check cached(String name, Callable<Boolean> holds, LongSupplier nanoTime) {
        return new Check(name, new Callable<>() {
            private boolean result;
            private long since = nanoTime.getAsLong() - FRESH.toNanos();

            @Override
            public synchronized Boolean call() {
                if (nanoTime.getAsLong() - since >= FRESH.toNanos()) {
                    result = new Check(name, holds).up();
                    since = nanoTime.getAsLong();
                }
                return result;
            }
        });
    }

    /** Whether the condition holds now. */
    public boolean up() {
        try {
            return holds.call();
        } catch (Exception e) {
            return false;
        }
    }

    @Override
    public HealthCheckType type() {
        return HealthCheckType.READINESS;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponse.Builder response = HealthCheckResponse.builder().status(up());
        details.get().forEach(response::detail);
        return response.build();
    }
}
