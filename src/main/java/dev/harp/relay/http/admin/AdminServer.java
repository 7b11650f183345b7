package dev.harp.relay.http.admin;

import dev.harp.relay.http.api.DocumentRoutes;
import dev.harp.relay.http.api.ProtocolErrors;
import dev.harp.relay.http.api.Reply;
import dev.harp.relay.http.edge.GuardedListener;
import dev.harp.relay.http.edge.Timeouts;
import dev.harp.relay.metrics.Exposition;
import dev.harp.relay.service.Holders;
import dev.harp.relay.service.Operator;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Builds the admin listener: metrics, liveness, readiness, the log level, and the operator's acts. It has no passwords,
 * so it listens on the loopback address unless told otherwise.
 *
 * <p>It is a server of its own, because a named socket of the public server would stop that server when its port is
 * taken. It has a guard of its own, so that a monitoring system that hangs cannot lock out the next one.
 */
public final class AdminServer {
    private static final int MAX_CONNECTIONS = 32;
    private static final int MAX_BODY = 1024;

    private AdminServer() {}

    /**
     * Starts to listen.
     *
     * @param host the address to bind
     * @param port the port, 0 for any free one
     * @param metrics the metrics, in the format that fits an {@code Accept} header best
     * @param ready what has to hold for the relay to be sent calls
     * @param operator carries out the operator's acts
     * @param holders whom the operator is shown
     * @param nanoTime a monotonic clock in nanoseconds
     * @throws RuntimeException if the address cannot be bound
     */
    public static GuardedListener start(
            String host,
            int port,
            Timeouts timeouts,
            Function<String, Exposition> metrics,
            List<Check> ready,
            Operator operator,
            Holders holders,
            LongSupplier nanoTime) {
        ProtocolErrors errors = new ProtocolErrors(() -> UUID.randomUUID().toString(), _ -> {});
        HttpRouting.Builder routing = HttpRouting.builder()
                .addFilter(ProtocolErrors::filter)
                .any(
                        "/metrics",
                        (request, response) -> DocumentRoutes.read(request, () -> metrics(request, metrics))
                                .send(request, response))
                .any(
                        "/log-level",
                        (request, response) -> LogLevel.answer(request).send(request, response));
        new Operations(operator, holders).addTo(routing);
        errors.addTo(routing);
        return GuardedListener.start(
                new GuardedListener.Settings(host, port, timeouts, MAX_CONNECTIONS, MAX_BODY, _ -> false),
                routing,
                errors.directHandlers(),
                nanoTime,
                health(ready));
    }

    /** {@code /live} and {@code /ready}. Only what is listed here is observed: no service is discovered. */
    static ObserveFeature health(List<Check> ready) {
        return ObserveFeature.builder()
                .observersDiscoverServices(false)
                .addObserver(HealthObserver.builder()
                        .endpoint("/")
                        .details(true)
                        .useSystemServices(false)
                        .addHealthChecks(ready)
                        .build())
                .build();
    }

    private static Reply metrics(ServerRequest request, Function<String, Exposition> metrics) {
        String accept = String.join(",", request.headers().values(HeaderNames.ACCEPT));
        Exposition exposition = metrics.apply(accept);
        return Reply.bytes(
                Status.OK_200,
                HeaderValues.create(HeaderNames.CONTENT_TYPE, exposition.contentType()),
                exposition.content());
    }
}
