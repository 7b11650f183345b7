package dev.harp.relay.http.api;

import dev.harp.relay.http.edge.GuardedListener;
import dev.harp.relay.limit.InFlight;
import dev.harp.relay.limit.LocalRateLimit;
import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.net.AddressFormat;
import dev.harp.relay.net.ClientAddress;
import dev.harp.relay.net.ClientKey;
import dev.harp.relay.net.Network;
import dev.harp.relay.net.Origins;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.service.Authenticator;
import dev.harp.relay.service.Devices;
import dev.harp.relay.service.Openers;
import dev.harp.relay.service.Pairings;
import dev.harp.relay.service.Requests;
import dev.harp.relay.service.Subscriptions;
import io.helidon.webserver.http.HttpRouting;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Builds the public listener: the API and its documents. */
public final class PublicServer {
    /** How many files of the app a client may fetch for each call that it may make: a page has a dozen. */
    private static final int FILES_OF_A_CALL = 10;

    private PublicServer() {}

    /**
     * What the operator may choose.
     *
     * @param listener the address and the bounds
     * @param trustedProxies whose {@code X-Forwarded-For} is believed
     * @param origins the web pages whose scripts may call
     * @param clients how the log shows a client's address
     * @param registrationKey the digest of the key that a platform needs to open a pairing, if it needs any
     * @param terms limits of the protocol
     * @param maxWait the longest long poll
     * @param publicUrl where devices reach the relay, if the operator has said so
     * @param vapidKey the public key of Web Push, if the relay sends any and knows its key; may ask the store
     * @param app the approver's app, unless it is switched off
     */
    public record Settings(
            GuardedListener.Settings listener,
            List<Network> trustedProxies,
            Origins origins,
            AddressFormat clients,
            Optional<Sha256> registrationKey,
            ProtocolLimits terms,
            Duration maxWait,
            Optional<String> publicUrl,
            Supplier<Optional<String>> vapidKey,
            Optional<AppFiles> app) {

        /** Copies the list. */
        public Settings {
            trustedProxies = List.copyOf(trustedProxies);
        }
    }

    /**
     * The use cases, and what a call needs beside them.
     *
     * @param openers names the networks of clients
     * @param calls the rate limit of calls by client
     * @param inFlight the memory of what is read and written
     * @param largeHeads the memory of large header sections
     * @param serving false once the relay drains, for {@code /health}
     * @param proxies is told of each {@code X-Forwarded-For} that is ignored
     * @param listener receives every finished call
     */
    public record Services(
            Authenticator authenticator,
            Openers openers,
            Pairings pairings,
            Devices devices,
            Requests requests,
            Subscriptions streams,
            RateLimit<ClientKey> calls,
            InFlight<ClientKey> inFlight,
            InFlight<ClientKey> largeHeads,
            BooleanSupplier serving,
            ProxyNotice proxies,
            CallListener listener) {}

    /**
     * Starts to listen.
     *
     * @param clock the wall clock, for {@code /v1/about}
     * @param nanoTime a monotonic clock in nanoseconds
     * @throws RuntimeException if the address cannot be bound
     */
    public static GuardedListener start(
            Settings settings, Services services, InstantSource clock, LongSupplier nanoTime) {
        ProtocolErrors errors = new ProtocolErrors(() -> UUID.randomUUID().toString(), services.listener()::refused);
        ClientAddress clients = new ClientAddress(settings.trustedProxies());
        Cors cors = new Cors(settings.origins());
        CallLog log =
                new CallLog(clients, settings.clients(), services.inFlight(), services.listener(), cors, nanoTime);
        HttpRouting.Builder routing = HttpRouting.builder().any(log);
        errors.addTo(routing);
        routing.register(new DocumentRoutes(services.serving()));
        Router router = new Router(
                routing,
                log,
                services.largeHeads(),
                services.authenticator(),
                services.openers(),
                services.calls(),
                new LocalRateLimit<>(
                        FILES_OF_A_CALL * services.calls().perMinute(),
                        settings.listener().maxConnections(),
                        nanoTime),
                settings.listener().maxBody(),
                new SecurityEvents(settings.clients(), services.proxies(), nanoTime),
                cors);
        Duration maxWait = settings.maxWait();
        // The calls of an approval first: Helidon tries the paths one after the other.
        new RequestRoutes(services.requests(), settings.terms(), maxWait).addTo(router);
        new DeviceRoutes(services.devices(), services.streams(), maxWait).addTo(router);
        new PairingRoutes(services.pairings(), services.streams(), settings.registrationKey(), maxWait).addTo(router);
        new AboutRoute(settings, clock).addTo(router);
        new DescriptionRoute().addTo(router::addDocument);
        settings.app().ifPresent(files -> new AppRoute(files).addTo(router::addFile));
        router.close();
        return GuardedListener.start(settings.listener(), routing, errors.directHandlers(services.serving()), nanoTime);
    }
}
