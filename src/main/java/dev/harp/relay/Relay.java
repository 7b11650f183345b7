package dev.harp.relay;

import dev.harp.relay.config.RelayConfig;
import dev.harp.relay.delivery.Delivery;
import dev.harp.relay.delivery.PushDelivery;
import dev.harp.relay.delivery.StoredVapidKeys;
import dev.harp.relay.delivery.WebhookDelivery;
import dev.harp.relay.http.admin.AdminServer;
import dev.harp.relay.http.admin.Check;
import dev.harp.relay.http.api.AppFiles;
import dev.harp.relay.http.api.ProxyNotice;
import dev.harp.relay.http.api.PublicServer;
import dev.harp.relay.http.edge.GuardedListener;
import dev.harp.relay.http.edge.Timeouts;
import dev.harp.relay.limit.InFlight;
import dev.harp.relay.log.Event;
import dev.harp.relay.metrics.Metrics;
import dev.harp.relay.metrics.ShareWatch;
import dev.harp.relay.metrics.StoreLevels;
import dev.harp.relay.net.ClientAddress;
import dev.harp.relay.net.ClientKey;
import dev.harp.relay.net.FileDescriptors;
import dev.harp.relay.outbound.AddressGuard;
import dev.harp.relay.outbound.HealthProbe;
import dev.harp.relay.outbound.Post;
import dev.harp.relay.outbound.Resolver;
import dev.harp.relay.protocol.Footprint;
import dev.harp.relay.protocol.PushSchedule;
import dev.harp.relay.protocol.WebhookSchedule;
import dev.harp.relay.push.VapidKeys;
import dev.harp.relay.service.Authenticator;
import dev.harp.relay.service.Devices;
import dev.harp.relay.service.Expirer;
import dev.harp.relay.service.Holders;
import dev.harp.relay.service.IdGenerator;
import dev.harp.relay.service.Openers;
import dev.harp.relay.service.Operator;
import dev.harp.relay.service.Pairings;
import dev.harp.relay.service.RequestLifecycle;
import dev.harp.relay.service.Requests;
import dev.harp.relay.service.Subscriptions;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Levels;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.wait.WaitingRoom;
import dev.harp.relay.webhook.WebhookSender;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import javax.net.ssl.SSLSocketFactory;

/** Creates the parts of a relay, connects them, and stops them. */
public final class Relay implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Relay.class.getName());
    private static final int WAITERS_PER_TOPIC = 4;
    private static final Duration PROBE = Duration.ofSeconds(2);
    private static final Duration LAST_SCRAPE = Duration.ofMillis(500);

    private final RelayConfig config;
    private final InFlight<ClientKey> inFlight;
    private final InFlight<ClientKey> largeHeads;
    private final RelayStore store;
    private final WaitingRoom room;
    private final Openers openers;
    private final Expirer expirer;
    private final ShareWatch shares;
    private final RequestLifecycle lifecycle;
    private final GuardedListener server;
    private final Optional<GuardedListener> admin;
    private final Optional<WebhookSender> webhooks;
    private final Optional<PushDelivery> push;
    private volatile boolean draining;

    /**
     * What the relay takes from the machine. Tests pass their own.
     *
     * @param clock the wall clock, for stored times
     * @param nanoTime a monotonic clock in nanoseconds, for timeouts
     * @param random cryptographically strong, for tokens
     * @param names resolves host names, for outbound calls
     * @param trust the trusted certificates of outbound calls; called at each one by TLS
     * @param app the approver's app; called once, if the relay serves it
     */
    public record Sources(
            InstantSource clock,
            LongSupplier nanoTime,
            RandomGenerator random,
            AddressGuard.Names names,
            Supplier<SSLSocketFactory> trust,
            Supplier<AppFiles> app) {

        /** Those of the machine. */
        public static Sources real() {
            return new Sources(
                    InstantSource.system(),
                    System::nanoTime,
                    new SecureRandom(),
                    new Resolver(),
                    Post::publicTrust,
                    AppFiles::packaged);
        }
    }

    private Relay(RelayConfig config, Sources sources) {
        this.config = config;
        this.inFlight = new InFlight<>(config.buffers() / 4 * 3);
        this.largeHeads = new InFlight<>(config.buffers() / 4);
        Metrics metrics = new Metrics(Main.version().orElse("unpacked"));
        this.room = new WaitingRoom(
                WAITERS_PER_TOPIC,
                config.limits().waiters(),
                config.capacity().shares(),
                sources.nanoTime(),
                StoreFactory.reread(config.storage()),
                metrics::woken,
                GuardedListener::watchClient);
        StoreFactory.Opened opened = new StoreFactory(config, room, sources).open();
        this.store = opened.store();
        this.webhooks = config.webhooks().on()
                ? Optional.of(new WebhookSender(
                        new AddressGuard(
                                config.webhooks().allow(), config.webhooks().ports(), sources.names()),
                        sources.trust(),
                        WebhookSender.ATTEMPT,
                        FileDescriptors.calls(FileDescriptors.limit()),
                        sources.clock()))
                : Optional.empty();
        Supplier<Optional<VapidKeys>> vapidKeys = vapidKeys(config.push(), store);
        Optional<AppFiles> app =
                config.server().app() ? Optional.of(sources.app().get()) : Optional.empty();
        this.push = config.push().services().isEmpty()
                ? Optional.empty()
                : Optional.of(new PushDelivery(
                        store,
                        new PushSenders(config.push(), vapidKeys, page(config, app), sources),
                        opened.signal(),
                        sources.clock(),
                        metrics));
        this.lifecycle = new RequestLifecycle(
                store,
                opened.signal(),
                config.terms(),
                sources.clock(),
                metrics,
                List.of(
                        webhooks.<Delivery>map(sender -> new WebhookDelivery(store, sender, sources.clock(), metrics))
                                .orElseGet(() -> new Delivery(store, sources.clock(), WebhookSchedule::claimed)),
                        push.<Delivery>map(delivery -> delivery)
                                .orElseGet(() -> new Delivery(store, sources.clock(), PushSchedule::claimed))),
                config.fetchedAnswers());
        this.expirer = new Expirer(store, lifecycle, sources.clock());
        this.openers = new Openers(store, config.limits().withoutShare(), sources.random(), sources.nanoTime());
        IdGenerator ids = new IdGenerator(sources.random());
        Subscriptions streams = new Subscriptions(
                store,
                lifecycle,
                room,
                config.limits().heartbeat(),
                config.limits().maxStream());
        Devices devices = new Devices(store, lifecycle, room, ids, sources.clock(), PushSenders.flaw(config.push()));
        ProxyNotice proxies = new ProxyNotice();
        this.server = PublicServer.start(
                publicSettings(config, vapidKeys, app),
                new PublicServer.Services(
                        new Authenticator(store, room),
                        openers,
                        new Pairings(store, lifecycle, room, ids, sources.clock()),
                        devices,
                        new Requests(
                                store,
                                lifecycle,
                                room,
                                opened.submissions(),
                                config.terms(),
                                webhooks.map(WebhookSender::guard),
                                device -> push.isPresent() && push.get().reaches(device),
                                sources.clock()),
                        streams,
                        opened.calls(),
                        inFlight,
                        largeHeads,
                        () -> !draining,
                        proxies,
                        metrics),
                sources.clock(),
                sources.nanoTime());
        expirer.start();
        Holders holders =
                new Holders(store, room, config.capacity(), config.limits().waiters());
        this.shares = new ShareWatch(holders, sources.nanoTime());
        shares.addTo(metrics);
        shares.start();
        List<Check> ready = List.of(
                new Check("serving", () -> !draining, proxies::details),
                new Check("room", this::hasRoom),
                new Check("store", store::reachable),
                Check.cached("listener", this::answers, sources.nanoTime()));
        new StoreLevels(store, sources.nanoTime()).addTo(metrics, config.capacity());
        addLevels(metrics, opened, streams, ready);
        this.admin =
                admin(metrics, ready, new Operator(store, lifecycle, devices, openers), holders, sources.nanoTime());
    }

    private static PublicServer.Settings publicSettings(
            RelayConfig config, Supplier<Optional<VapidKeys>> vapidKeys, Optional<AppFiles> app) {
        RelayConfig.Server server = config.server();
        return new PublicServer.Settings(
                new GuardedListener.Settings(
                        server.host(),
                        server.port(),
                        timeouts(server),
                        server.maxConnections(),
                        server.maxBody(),
                        new ClientAddress(server.trustedProxies())::trusts),
                server.trustedProxies(),
                config.limits().origins(),
                config.log().client(),
                config.limits().registrationKey(),
                config.terms(),
                config.limits().maxWait(),
                server.publicUrl(),
                () -> vapidKeys.get().map(VapidKeys::publicText),
                app);
    }

    /** The key pair of Web Push, if any is sent: the configured one, or that of the store, made when it is needed. */
    private static Supplier<Optional<VapidKeys>> vapidKeys(RelayConfig.Push push, RelayStore store) {
        if (!push.services().contains("webpush")) {
            return Optional::empty;
        }
        return push.vapidKey().isPresent() ? push::vapidKey : new StoredVapidKeys(store);
    }

    private static Timeouts timeouts(RelayConfig.Server server) {
        return new Timeouts(server.headerTimeout(), server.bodyTimeout(), server.idleTimeout());
    }

    /** Where this relay serves the approver's app, if phones can open it and be notified by it. */
    private static Optional<String> page(RelayConfig config, Optional<AppFiles> app) {
        return config.server()
                .publicUrl()
                .filter(url -> url.startsWith("https://")
                        && app.flatMap(AppFiles::digest).isPresent())
                .map(url -> url + "/app/");
    }

    /** Levels and counts that are read from the parts at each scrape. */
    private void addLevels(Metrics metrics, StoreFactory.Opened opened, Subscriptions streams, List<Check> ready) {
        metrics.levels(
                "harp_relay_ready",
                "Whether a check of /ready is up: 1 or 0.",
                "check",
                ready.stream().collect(Collectors.toMap(Check::name, check -> () -> check.up() ? 1 : 0)));
        metrics.level("harp_relay_waiters", "Parked long polls and event streams.", room::waiters);
        metrics.level("harp_relay_waiters_limit", "MAX_WAITERS.", config.limits()::waiters);
        metrics.level("harp_relay_streams", "Open event streams.", streams::open);
        metrics.level("harp_relay_in_flight_bytes", "Large messages.", () -> inFlight.held() + largeHeads.held());
        metrics.level("harp_relay_in_flight_limit_bytes", "Their limit.", () -> inFlight.most() + largeHeads.most());
        metrics.level(
                "harp_relay_connections", "Open connections, without those of the admin port.", server::connections);
        metrics.level("harp_relay_connections_limit", "MAX_CONNECTIONS.", config.server()::maxConnections);
        metrics.counts(
                "harp_relay_rate_limited_total",
                "Calls refused by a rate limit.",
                "scope",
                Map.of("client", opened.calls()::refused, "pair", opened.submissions()::refused));
        metrics.counts(
                "harp_relay_connections_closed_total",
                "Connections closed by the relay before the client was done.",
                "reason",
                Map.of("late", server::closedLate, "room", server::closedForRoom));
    }

    /**
     * A relay without its admin listener works: a second one on the same machine must start without further settings.
     */
    private Optional<GuardedListener> admin(
            Metrics metrics, List<Check> ready, Operator operator, Holders holders, LongSupplier nanoTime) {
        String host = config.admin().host();
        try {
            GuardedListener started = AdminServer.start(
                    host,
                    config.admin().port(),
                    timeouts(config.server()),
                    metrics::exposition,
                    ready,
                    operator,
                    holders,
                    nanoTime);
            Event.of("admin_listening", "/metrics, /live and /ready on " + host + " port " + started.port())
                    .to(LOG, Level.INFO);
            return Optional.of(started);
        } catch (RuntimeException e) {
            Throwable why = e.getCause() == null ? e : e.getCause();
            Event.of(
                            "admin_unavailable",
                            "no /metrics, /live and /ready, because " + host + " port "
                                    + config.admin().port() + " cannot be bound ("
                                    + why.getClass().getSimpleName()
                                    + "); choose another ADMIN_PORT, or 0 for any free one, or another ADMIN_HOST")
                    .to(LOG, Level.WARNING);
            return Optional.empty();
        }
    }

    /** Whether there is room for one more of each kind of record, and for a request of usual size. */
    private boolean hasRoom() {
        Capacity most = config.capacity();
        try {
            Levels levels = store.levels();
            return levels.bytes() + Footprint.ofUsualRequest(config.terms()) <= most.bytes()
                    && levels.pairings() < most.pairings()
                    && levels.devices() < most.devices();
        } catch (StoreUnavailable _) {
            // Which is another check's fault.
            return true;
        }
    }

    /**
     * Whether the public listener answers on a connection like a client's. Helidon can report that it runs although its
     * accept loop has ended or all its connections are taken.
     */
    private boolean answers() throws IOException, TimeoutException {
        return server.isRunning() && HealthProbe.status(config.server().host(), server.port(), PROBE) > 0;
    }

    /**
     * Starts a relay.
     *
     * @throws RuntimeException if the address cannot be bound
     */
    public static Relay start(RelayConfig config, Sources sources) {
        return new Relay(config, sources);
    }

    /** The port of the public listener. */
    public int port() {
        return server.port();
    }

    /** The port of the admin listener; empty if it could not be started. */
    public OptionalInt adminPort() {
        return admin.stream().mapToInt(GuardedListener::port).findFirst();
    }

    /** The number of parked long polls and event streams. */
    public int waiters() {
        return room.waiters();
    }

    /** Looks at the shares of networks now. */
    public void watchShares() {
        shares.look();
    }

    /** Expires and removes what is due. */
    public void processDue() {
        lifecycle.processDue();
    }

    /**
     * Shuts down: {@code /health} reports it, every long poll is answered, accepted calls are finished, and then the
     * listener is closed. Takes little longer than the drain timeout at most.
     */
    @Override
    public void close() {
        draining = true;
        server.drain();
        room.drain();
        stop(server, config.server().drainTimeout());
        expirer.close();
        shares.close();
        webhooks.ifPresent(WebhookSender::close);
        push.ifPresent(PushDelivery::close);
        store.close();
        admin.ifPresent(listener -> stop(listener, LAST_SCRAPE));
    }

    private static void stop(GuardedListener listener, Duration atMost) {
        try {
            listener.stop(atMost);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
