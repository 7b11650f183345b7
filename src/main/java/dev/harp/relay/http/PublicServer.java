package dev.harp.relay.http;

import dev.harp.relay.config.RelayConfig;
import dev.harp.relay.limit.AddressForm;
import dev.harp.relay.limit.Client;
import dev.harp.relay.limit.ClientAddress;
import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.model.PairId;
import dev.harp.relay.service.Authenticator;
import dev.harp.relay.service.Devices;
import dev.harp.relay.service.Pairings;
import dev.harp.relay.service.Requests;
import io.helidon.health.HealthCheck;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
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
     * @param submissions the limit of submissions, to tell what is left of it
     * @param serving whether the relay takes calls
     */
    public record Services(
            Authenticator authenticator,
            Pairings pairings,
            Devices devices,
            Requests requests,
            RateLimit<PairId> submissions,
            HealthCheck serving) {}

    private PublicServer(WebServer server, ConnectionGuard guard) {
        this.server = server;
        this.guard = guard;
    }

    /**
     * Starts to listen.
     *
     * @param nanoTime a monotonic clock in nanoseconds
     * @throws RuntimeException if the address cannot be bound
     */
    public static PublicServer start(RelayConfig config, Services services, LongSupplier nanoTime) {
        RelayConfig.Server settings = config.server();
        ConnectionGuard guard = new ConnectionGuard(
                new Timeouts(settings.headerTimeout(), settings.bodyTimeout(), settings.idleTimeout()),
                settings.maxConnections(),
                settings.maxBody(),
                nanoTime);
        ProtocolErrors errors =
                new ProtocolErrors(Problems::json, () -> UUID.randomUUID().toString());
        ClientAddress clients = new ClientAddress(settings.trustedProxies());
        AddressForm form = config.log().client();
        HttpRouting.Builder routing = HttpRouting.builder().addFilter(new CallLog(clients, form, nanoTime));
        errors.addTo(routing);
        new Documents(services.serving()).addTo(routing);
        addApi(routing, config, services, clients, nanoTime);
        WebServerConfig.Builder builder = GuardedListener.server()
                .host(settings.host())
                .port(settings.port())
                .addRouting(routing);
        GuardedListener.harden(builder, guard, errors, settings.maxConnections(), settings.maxBody());
        mustBeFree(settings.host(), settings.port());
        WebServer server = builder.build().start();
        if (!server.isRunning()) {
            guard.close();
            throw new IllegalStateException("the listener has not started; the log tells why");
        }
        guard.start();
        return new PublicServer(server, guard);
    }

    /** Helidon 4.5 logs that it cannot bind its address, and goes on without a listener. So this tries first. */
    private static void mustBeFree(String host, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void addApi(
            HttpRouting.Builder routing,
            RelayConfig config,
            Services services,
            ClientAddress clients,
            LongSupplier nanoTime) {
        RelayConfig.Limits limits = config.limits();
        Router router = new Router(
                routing,
                services.authenticator(),
                clients,
                new RateLimit<Client>(limits.callsPerMinute(), config.server().maxConnections(), nanoTime),
                config.server().maxBody(),
                new SecurityEvents(config.log().client(), nanoTime));
        new PairingRoutes(services.pairings(), limits.registrationKey(), limits.maxWait()).addTo(router);
        new DeviceRoutes(services.devices(), limits.maxWait()).addTo(router);
        new RequestRoutes(
                        services.requests(),
                        services.submissions(),
                        config.terms().maxCiphertext(),
                        limits.maxWait())
                .addTo(router);
        router.close();
    }

    /** The port that it listens on. */
    public int port() {
        return server.port();
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
