package dev.harp.relay.http.edge;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a listener consists of. Helidon adds what it finds on the class path, unless each place is told not to. */
class GuardedListenerTest {
    /** Places at which {@code Config.create()} would change a server. */
    private static final Map<String, String> FROM_OUTSIDE = Map.of(
            "server.port", "1",
            "server.host", "192.0.2.1",
            "server.max-tcp-connections", "1",
            "server.max-payload-size", "1",
            "server.features.observe.enabled", "true",
            "server.sockets.0.name", "another",
            "server.protocols.http_1_1.max-headers-size", "1",
            "server.shutdown-hook", "true",
            "port", "1");

    private final GuardedListener.Settings settings =
            new GuardedListener.Settings("127.0.0.1", 0, EdgeServer.TIMEOUTS, 100, 1000, _ -> false);
    private final ConnectionGuard guard =
            new ConnectionGuard(EdgeServer.TIMEOUTS, 100, 1000, _ -> false, System::nanoTime);

    @AfterEach
    void unset() {
        FROM_OUTSIDE.keySet().forEach(System::clearProperty);
    }

    private WebServerConfig built() {
        return GuardedListener.configure(
                        settings,
                        HttpRouting.builder(),
                        DirectHandlers.builder().build(),
                        guard)
                .buildPrototype();
    }

    @Test
    void nothingIsAddedToTheServer() {
        WebServerConfig server = built();
        assertThat(server.protocols(), is(empty()));
        assertThat(server.features(), is(empty()));
        assertThat(server.sockets(), is(Map.of()));
        assertThat(server.concurrencyLimit().isPresent(), is(false));
        assertThat(server.tls().isPresent(), is(false));
        assertThat(server.enableProxyProtocol(), is(false));
        assertThat(server.shutdownHook(), is(false));
        assertThat(server.connectionSelectors().size(), is(1));
        assertThat(server.contentEncoding().orElseThrow().contentEncodingEnabled(), is(false));
        assertThat(
                server.mediaContext().orElseThrow().prototype().mediaSupports().stream()
                        .map(media -> media.getClass().getSimpleName())
                        .toList(),
                is(List.of("StringSupport", "PathSupport", "FormParamsSupport")));
    }

    @Test
    void theOnlyProtocolIsHttp11() {
        ServerConnectionSelector selector = guard.selector();
        assertThat(selector.supportedApplicationProtocols(), is(Set.of("http/1.1")));
    }

    /** Helidon's wire loggers write header fields, and so credentials, at the level DEBUG. */
    @Test
    void nothingListensToHttpButTheGuard() {
        Http1Config http1 = ConnectionGuard.http1();
        assertThat(names(http1.receiveListeners()), is(List.of("Heads")));
        assertThat(names(http1.sendListeners()), is(List.of("Heads")));
        assertThat(http1.log().receiveLog(), is(false));
        assertThat(http1.log().sendLog(), is(false));
        assertThat(
                Http1ConnectionSelector.builder().config(http1).buildPrototype().upgraders(), is(Map.of()));
    }

    private static List<String> names(List<Http1ConnectionListener> listeners) {
        return listeners.stream()
                .map(listener -> listener.getClass().getSimpleName())
                .toList();
    }

    @Test
    void http1IsStrict() {
        Http1Config http1 = ConnectionGuard.http1();
        assertThat(http1.validatePrologue(), is(true));
        assertThat(http1.validatePath(), is(true));
        assertThat(http1.validateRequestHeaders(), is(true));
        assertThat(http1.validateResponseHeaders(), is(true));
        assertThat(http1.continueImmediately(), is(false));
        assertThat(http1.maxHeadersSize(), is(GuardedListener.MAX_HEADERS));
        assertThat(http1.maxPrologueLength(), is(GuardedListener.MAX_REQUEST_LINE));
    }

    /**
     * Kubernetes sets {@code SERVER_PORT=tcp://...} for a service called server, which Helidon reads as server.port.
     */
    @Test
    void noSystemPropertyChangesTheServer() {
        String before = describe(built());
        FROM_OUTSIDE.forEach(System::setProperty);
        Config visible = Config.create(ConfigSources.systemProperties());
        assertThat(visible.get("server.port").asString().get(), is("1"));
        assertThat(describe(built()), is(before));
        WebServerConfig server = built();
        assertThat(server.port(), is(0));
        assertThat(server.host(), is("127.0.0.1"));
    }

    private static String describe(WebServerConfig server) {
        return new TreeMap<>(Map.of(
                        "port", server.port(),
                        "host", server.host(),
                        "connections", server.maxTcpConnections(),
                        "payload", server.maxPayloadSize(),
                        "features", server.features(),
                        "sockets", server.sockets(),
                        "protocols", server.protocols(),
                        "hook", server.shutdownHook(),
                        "http1", ConnectionGuard.http1().maxHeadersSize()))
                .toString();
    }

    /** Helidon alone logs it and goes on without a listener. */
    @Test
    void aTakenPortIsAnError() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            assertThrows(
                    UncheckedIOException.class,
                    () -> GuardedListener.start(
                            new GuardedListener.Settings(
                                    "0.0.0.0", taken.getLocalPort(), EdgeServer.TIMEOUTS, 100, 1000, _ -> false),
                            HttpRouting.builder(),
                            DirectHandlers.builder().build(),
                            System::nanoTime));
        }
    }
}
