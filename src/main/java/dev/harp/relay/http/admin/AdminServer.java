package dev.harp.relay.http.admin;

import dev.harp.relay.config.RelayConfig;
import dev.harp.relay.http.api.DocumentRoutes;
import dev.harp.relay.http.api.Problems;
import dev.harp.relay.http.api.ProtocolErrors;
import dev.harp.relay.http.api.Reply;
import dev.harp.relay.http.edge.ConnectionGuard;
import dev.harp.relay.http.edge.GuardedListener;
import dev.harp.relay.http.edge.Timeouts;
import dev.harp.relay.metrics.Exposition;
import io.helidon.health.HealthCheck;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * The operator's listener: metrics, whether the relay is alive and ready, and what it logs. It has no passwords, so it listens on the
 * loopback address unless told otherwise; it is bounded all the same, and under a guard of its own, since a monitoring
 * system that hangs must not be able to blind the next one.
 */
public final class AdminServer {
    private static final int MAX_CONNECTIONS = 32;
    private static final int MAX_BODY = 1024;
    private static final Duration LAST_ANSWERS = Duration.ofMillis(500);
    private static final Header NO_STORE = HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-store");

    private final WebServer server;
    private final ConnectionGuard guard;

    /**
     * What can be asked.
     *
     * @param metrics the metrics, in the format that fits an {@code Accept} header best
     * @param ready what has to be up for the relay to be sent calls
     */
    public record Sources(Function<String, Exposition> metrics, List<HealthCheck> ready) {

        /** Copies the list. */
        public Sources {
            ready = List.copyOf(ready);
        }
    }

    private AdminServer(WebServer server, ConnectionGuard guard) {
        this.server = server;
        this.guard = guard;
    }

    /**
     * Starts to listen.
     *
     * @param nanoTime a monotonic clock in nanoseconds
     * @throws RuntimeException if the address cannot be bound
     */
    public static AdminServer start(RelayConfig config, Sources sources, LongSupplier nanoTime) {
        RelayConfig.Server settings = config.server();
        ConnectionGuard guard = new ConnectionGuard(
                new Timeouts(settings.headerTimeout(), settings.bodyTimeout(), settings.idleTimeout()),
                MAX_CONNECTIONS,
                MAX_BODY,
                nanoTime);
        ProtocolErrors errors =
                new ProtocolErrors(Problems::json, () -> UUID.randomUUID().toString(), _ -> {});
        HttpRouting.Builder routing = GuardedListener.routing();
        errors.addTo(routing);
        add(routing, "/metrics", request -> metrics(request, sources));
        add(routing, "/live", _ -> health(List.of()));
        add(routing, "/ready", _ -> health(sources.ready()));
        routing.any("/log-level", (request, response) -> {
            response.header(NO_STORE);
            LogLevel.answer(request).send(request, response);
        });
        WebServerConfig.Builder builder = GuardedListener.server()
                .host(config.admin().host())
                .port(config.admin().port())
                .addRouting(routing);
        GuardedListener.harden(builder, guard, errors.directHandlers(), MAX_CONNECTIONS, MAX_BODY);
        return new AdminServer(GuardedListener.start(builder, guard), guard);
    }

    private static void add(HttpRouting.Builder routing, String path, Function<ServerRequest, Reply> document) {
        routing.any(path, (request, response) -> {
            Reply reply = DocumentRoutes.reply(request, () -> document.apply(request));
            response.header(NO_STORE);
            reply.send(request, response);
        });
    }

    private static Reply metrics(ServerRequest request, Sources sources) {
        String accept = String.join(",", request.headers().values(HeaderNames.ACCEPT));
        Exposition exposition = sources.metrics().apply(accept);
        return new Reply(
                Status.OK_200,
                List.of(),
                new Reply.Bytes(
                        HeaderValues.create(HeaderNames.CONTENT_TYPE, exposition.contentType()), exposition.content()));
    }

    /** Each check is asked once; the answer is 200 if all are up, or if there is none. */
    private static Reply health(List<HealthCheck> checks) {
        record Found(String name, boolean up) {}
        List<Found> found = checks.stream()
                .map(check -> new Found(check.name(), Check.up(check)))
                .toList();
        boolean up = found.stream().allMatch(Found::up);
        return Reply.json(up ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503, json -> {
            json.writeStartObject().write("status", word(up)).writeStartArray("checks");
            found.forEach(check -> json.writeStartObject()
                    .write("name", check.name())
                    .write("status", word(check.up()))
                    .writeEnd());
            json.writeEnd().writeEnd();
        });
    }

    private static String word(boolean up) {
        return up ? "UP" : "DOWN";
    }

    /** The port that it listens on. */
    public int port() {
        return server.port();
    }

    /** Stops, once the answers that are being written are out, or half a second is over. */
    public void stop() {
        guard.drain();
        try {
            var _ = guard.awaitDrained(LAST_ANSWERS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            server.stop();
            guard.close();
        }
    }
}
