package dev.harp.relay.proxies;

import static dev.harp.relay.proxies.Front.with;
import static dev.harp.testing.Await.until;
import static dev.harp.testing.ConfigText.replaced;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import dev.harp.testing.Certificate;
import dev.harp.testing.FakeServer.Request;
import dev.harp.testing.RelayProcess;
import dev.harp.testing.ScriptedUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Idle connections from a proxy to the relay: whose end comes first, and a call that meets the relay's. */
@Tag("long")
@Timeout(120)
class IdleConnectionsIT {
    private static final String OPENING = "{\"secret_hash\":\"" + "5e".repeat(32) + "\"}";

    @TempDir
    static Path folder;

    private static Certificate certificate;
    private static RelayProcess relay;

    @BeforeAll
    static void start() throws Exception {
        certificate = Certificate.make(Files.createDirectory(folder.resolve("tls")));
        relay = RelayProcess.ofProduct(
                Map.of("IDLE_TIMEOUT", "1", "RATE_LIMIT_CLIENT", "0"), RelayProcess.SMALL_PRODUCT);
    }

    @AfterAll
    static void stop() {
        relay.close();
    }

    /** With the time of the shipped file, shortened; {@link ProxyConfigTest} compares it with the relay's. */
    @ParameterizedTest
    @EnumSource(names = {"CADDY", "HAPROXY"})
    void theProxyClosesThem(Proxy proxy) throws Exception {
        Assumptions.assumeTrue(proxy.canRun());
        Proxy.Change soon = proxy == Proxy.CADDY
                ? file -> replaced(file, 1, "keepalive 60s", "keepalive 100ms")
                : file -> replaced(file, 1, "pool-purge-delay 5s", "pool-purge-delay 100ms");
        try (ScriptedUpstream upstream = new ScriptedUpstream();
                Front front = start(proxy, upstream.port(), soon)) {
            front.call(200, with(front.request("/v1/pairs"), "POST", OPENING));
            until("the proxy has closed its connection", () -> upstream.openConnections() == 0);
        }
    }

    /** The relay has closed its connections after their idle time: the next call uses none of them. */
    @ParameterizedTest
    @EnumSource
    void aCallAfterTheRelaysIdleTimeIsAnswered(Proxy proxy) throws Exception {
        Assumptions.assumeTrue(proxy.canRun());
        try (Front front = start(proxy, relay.port(), file -> file)) {
            for (int call = 0; call < 2; call++) {
                front.call(201, with(front.request("/v1/pairs"), "POST", OPENING));
                until("the relay has closed its connections", () -> connections() == 0);
            }
        }
    }

    /** A call on a connection that ends just then is sent again by HAProxy, whatever its method. */
    @Test
    void haproxySendsACallAgain() throws Exception {
        Assumptions.assumeTrue(Proxy.HAPROXY.canRun());
        try (ScriptedUpstream upstream = new ScriptedUpstream();
                Front front = start(Proxy.HAPROXY, upstream.port(), file -> replaced(file, 1, " check inter 2s", ""))) {
            for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE")) {
                upstream.hangUpOn(_ -> false);
                front.call(200, front.request("/v1/warm"));
                int kept = upstream.takeReceived().getFirst().connection();
                upstream.hangUpOn(request -> request.connection() == kept);
                front.call(200, with(front.request("/v1/x"), method, "{}"));
                List<Request> tries = upstream.takeReceived();
                assertThat(method, tries, hasSize(2));
                assertThat(method, tries.getLast().body(), is("{}"));
            }
        }
    }

    private static Front start(Proxy proxy, int relayPort, Proxy.Change change)
            throws IOException, InterruptedException {
        Path own = Files.createTempDirectory(folder, "proxy");
        return Front.start(proxy, own, certificate, relayPort, change);
    }

    private static long connections() {
        try {
            return relay.settledConnections();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
