package dev.harp.relay.http.api;

import dev.harp.relay.config.RelayConfig;
import dev.harp.relay.http.edge.ConnectionGuard;
import dev.harp.relay.http.edge.GuardedListener;
import dev.harp.relay.http.edge.Timeouts;
import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.net.ClientAddress;
import dev.harp.relay.net.ClientKey;
import dev.harp.relay.service.Authenticator;
import dev.harp.relay.service.Devices;
import dev.harp.relay.service.Pairings;
import dev.harp.relay.service.Requests;
import dev.harp.relay.service.Subscriptions;
import io.helidon.health.HealthCheck;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.LongSupplier;

/** The listener that everyone reaches. */
public final class PublicServer {
    private final WebServer server;
    private final ConnectionGuard guard;

    /**
     * What can be called.
     *
     * @param authenticator tells who calls
     * @param pairings the use cases of pairings
     * @param devices the use cases of devices
     * @param requests the use cases of requests
     * @param streams the same as streams of events
     * @param calls the limit of calls
     * @param serving whether the relay takes calls
     * @param listener hears of every answer
     */
    public record Services(
            Authenticator authenticator,
            Pairings pairings,
            Devices devices,
            Requests requests,
            Subscriptions streams,
            RateLimit<ClientKey> calls,
            HealthCheck serving,
            CallListener listener) {}

    private PublicServer(WebServer server, ConnectionGuard guard) {
        this.server = server;
        this.guard = guard;
    }

    /**
     * Starts to listen.
     *
     * @param clock the wall clock, which the relay tells to whoever asks
     * @param nanoTime a monotonic clock in nanoseconds
     * @throws RuntimeException if the address cannot be bound
     */
    public static PublicServer start(
            RelayConfig config, Services services, InstantSource clock, LongSupplier nanoTime) {
        RelayConfig.Server settings = config.server();
        ConnectionGuard guard = new ConnectionGuard(
                new Timeouts(settings.headerTimeout(), settings.bodyTimeout(), settings.idleTimeout()),
                settings.maxConnections(),
                settings.maxBody(),
                nanoTime);
        ProtocolErrors errors =
                new ProtocolErrors(Problems::json, () -> UUID.randomUUID().toString(), services.listener()::refused);
        ClientAddress clients = new ClientAddress(settings.trustedProxies());
        Cors cors = new Cors(config.limits().origins());
        HttpRouting.Builder routing = GuardedListener.routing()
                .addFilter(new CallLog(clients, config.log().client(), services.listener(), nanoTime))
                .addFilter(cors);
        errors.addTo(routing);
        new DocumentRoutes(services.serving()).addTo(routing);
        addApi(routing, config, services, clients, cors, clock, nanoTime);
        WebServerConfig.Builder builder = GuardedListener.server()
                .host(settings.host())
                .port(settings.port())
                .addRouting(routing);
        GuardedListener.harden(builder, guard, errors.directHandlers(), settings.maxConnections(), settings.maxBody());
        WebServer server = GuardedListener.start(builder, guard);
        return new PublicServer(server, guard);
    }

    private static void addApi(
            HttpRouting.Builder routing,
            RelayConfig config,
            Services services,
            ClientAddress clients,
            Cors cors,
            InstantSource clock,
            LongSupplier nanoTime) {
        RelayConfig.Limits limits = config.limits();
        Router router = new Router(
                routing,
                services.authenticator(),
                clients,
                services.calls(),
                config.server().maxBody(),
                new SecurityEvents(config.log().client(), nanoTime),
                cors);
        new PairingRoutes(services.pairings(), services.streams(), limits.registrationKey(), limits.maxWait())
                .addTo(router);
        new DeviceRoutes(services.devices(), services.streams(), limits.maxWait()).addTo(router);
        new RequestRoutes(services.requests(), config.terms().maxCiphertext(), limits.maxWait()).addTo(router);
        new AboutRoute(clients, clock).addTo(router);
        router.close();
    }

    /** The port that it listens on. */
    public int port() {
        return server.port();
    }

    /** Whether it really answers: with the address to ask, see {@link ListenerCheck}. */
    public HealthCheck check(String host, LongSupplier nanoTime) {
        return new ListenerCheck(host, server::port, server::isRunning, nanoTime);
    }

    /** Connections that are open now. */
    public int connections() {
        return guard.connections();
    }

    /** Connections closed because the client took too long. */
    public long closedLate() {
        return guard.closedLate();
    }

    /** Connections closed to make room, or because the relay is shutting down. */
    public long closedForRoom() {
        return guard.closedForRoom();
    }

    /** From now on every answer is its connection's last, and connections that are only kept alive are closed. */
    public void drain() {
        guard.drain();
    }

    /**
     * Stops, once all answers are written, or the time is over.
     *
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public void stop(Duration atMost) throws InterruptedException {
        try {
            var _ = guard.awaitDrained(atMost);
        } finally {
            server.stop();
            guard.close();
        }
    }
}
