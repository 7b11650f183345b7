package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalToIgnoringCase;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.harp.relay.log.Logs;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import dev.harp.testing.RelayProcess;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The operator's listener, over real sockets. */
class AdminTest extends AdminRig {
    // --- hostile ---

    /** Paths and methods that a client makes up, to fill the monitoring's memory. */
    @Test
    void noClientMakesSeries() {
        TestRelay relay = start();
        hostile(relay, "a");
        until("the check of the listener", () -> metrics(relay).contains("method=\"HEAD\""));
        until("all calls", () -> calls(relay) == HOSTILE);
        Set<String> before = series(relay);
        for (int i = 1; i <= 30; i++) {
            hostile(relay, "x" + i);
            long all = HOSTILE * (i + 1);
            until("all calls", () -> calls(relay) == all);
        }
        assertThat(series(relay), is(before));
    }

    private static void hostile(TestRelay relay, String word) {
        String method = word.toUpperCase(java.util.Locale.ROOT);
        relay.answers("GET /" + word + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        relay.answers("GET /v1/" + word + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        relay.answers("GET /v1/requests/" + word + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        relay.answers("GET /v1/devices/" + word + "/requests?wait=" + word
                + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        relay.answers(method + " /v1/pairs HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        relay.answers(method + " /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        relay.answers(word + "\r\n\r\n");
    }

    /** Nothing that names a party, proves one, or was said between them. */
    @Test
    void metricsTellNoSecret() {
        TestRelay relay = start();
        TestRelay.Pair pair = relay.pair();
        String id = relay.submitted(pair);
        relay.respond(pair, id).is(200);
        relay.list(pair.phone()).is(200);
        String text = metrics(relay);
        for (String secret : List.of(
                pair.id(),
                pair.platform(),
                pair.phone().id(),
                pair.phone().token(),
                id,
                TestRelay.SECRET,
                "bm9uY2U",
                "Y2lwaGVydGV4dA",
                "YW5zd2Vy",
                "127.0.0.1")) {
            assertThat(text, not(containsString(secret)));
        }
    }

    /** Somebody who connects and says half a word. */
    @Test
    void aSlowClientIsCutOff() throws IOException {
        TestRelay relay = start();
        try (RawClient wire = new RawClient(relay.relay().adminPort().orElseThrow())) {
            wire.sendUntilClosed("GET /metr".getBytes(StandardCharsets.US_ASCII));
            relay.pass(Duration.ofSeconds(11));
            assertThat(wire.next().isEmpty(), is(true));
        }
        admin(relay, "GET", "/live").is(200);
    }

    @Test
    void aBodyIsBounded() {
        TestRelay relay = start();
        admin(relay, "POST", "/metrics", "Content-Length: 1000000").is(413);
    }

    @Test
    void otherPathsAndMethods() {
        TestRelay relay = start();
        for (String path : List.of("/v1/pairs", "/metrics/x", "/ready/x", "/health", "/observe/health", "/config")) {
            admin(relay, "GET", path).is(404);
        }
        HttpAnswer refused = admin(relay, "DELETE", "/metrics").is(405);
        assertThat(refused.header("Allow").orElse(""), is("GET, HEAD"));
        for (String path : List.of("/metrics", "/live", "/ready", "/log-level")) {
            HttpAnswer toPage =
                    admin(relay, "GET", path, "Origin: http://evil.example").is(200);
            assertThat(toPage.header("Access-Control-Allow-Origin").isPresent(), is(false));
        }
        admin(relay, "DELETE", "/live").is(404);
        admin(relay, "DELETE", "/ready").is(404);
        for (String path : List.of("/metrics", "/live", "/ready")) {
            relay.get(path, NO_TOKEN).is(404);
        }
    }

    @Test
    void theLogLevelIsChangedWithoutARestart() {
        TestRelay relay = start();
        System.Logger.Level before = Logs.level();
        try {
            for (String level : List.of("error", "warning", "debug", "info")) {
                String told = "{\"level\":\"" + level + "\"}";
                assertThat(
                        admin(relay, "PUT", "/log-level?level=" + level).is(200).body(), is(told));
                assertThat(admin(relay, "GET", "/log-level").is(200).body(), is(told));
                assertThat(Logs.level().getName(), equalToIgnoringCase(level));
            }
            for (String wrong : List.of(
                    "",
                    "?level=",
                    "?level=INFO",
                    "?level=trace",
                    "?level=%00",
                    "?level=%zz",
                    "?level=debug&level=info",
                    "?Level=debug",
                    "/x")) {
                HttpAnswer refused = admin(relay, "PUT", "/log-level" + wrong);
                assertThat(wrong, refused.status(), is(wrong.equals("/x") ? 404 : 400));
            }
            assertThat(
                    admin(relay, "PUT", "/log-level?level=loud").is(400).body(),
                    containsString("warning, info or debug"));
            assertThat(
                    admin(relay, "POST", "/log-level?level=debug")
                            .is(405)
                            .header("Allow")
                            .orElse(""),
                    is("GET, HEAD, PUT"));
            relay.get("/log-level", NO_TOKEN).is(404);
            assertThat(Logs.level(), is(System.Logger.Level.INFO));
        } finally {
            Logs.level(before);
        }
    }

    /** Whoever may read the metrics of a listener that is open to a network has no need to change anything. */
    @Test
    void theLogLevelIsNotChangedFromElsewhere() throws IOException {
        InetAddress own = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst()
                .orElse(null);
        assumeTrue(own != null, "this machine has no address but the loopback one");
        TestRelay relay = start("ADMIN_HOST=0.0.0.0");
        System.Logger.Level before = Logs.level();
        try (Socket socket = new Socket(own, relay.relay().adminPort().orElseThrow(), own, 0)) {
            socket.getOutputStream()
                    .write("PUT /log-level?level=debug HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer, startsWith("HTTP/1.1 404 "));
            assertThat(Logs.level(), is(before));
        }
    }

    /** A page in the operator's own browser, whose name has been made to lead to the loopback address. */
    @Test
    void theLogLevelIsNotChangedByWebPages() {
        TestRelay relay = start();
        System.Logger.Level before = Logs.level();
        for (String origin : List.of("http://evil.example:8788", "null")) {
            admin(relay, "PUT", "/log-level?level=error", "Origin: " + origin).is(404);
            assertThat(Logs.level(), is(before));
        }
    }

    // --- health ---

    @Test
    void aRelayIsReady() {
        TestRelay relay = start();
        assertThat(
                admin(relay, "GET", "/ready").is(200).body(),
                is("{\"status\":\"UP\",\"checks\":["
                        + "{\"name\":\"serving\",\"status\":\"UP\"},{\"name\":\"room\",\"status\":\"UP\"},"
                        + "{\"name\":\"store\",\"status\":\"UP\"},{\"name\":\"listener\",\"status\":\"UP\"}]}"));
        assertThat(admin(relay, "GET", "/live").is(200).body(), startsWith("{\"status\":\"UP\""));
    }

    /** It can serve, and soon it will not: all clients have one share. */
    @Test
    void readySaysThatAProxyIsNotTrusted() {
        TestRelay relay = start("TRUSTED_PROXIES=10.0.0.0/8");
        relay.get("/v1/x", NO_TOKEN).is(404);
        assertThat(admin(relay, "GET", "/ready").is(200).body(), not(containsString("TRUSTED_PROXIES")));
        relay.call("GET", "/v1/x", NO_TOKEN, NO_BODY, "X-Forwarded-For: 198.51.100.7")
                .is(404);
        assertThat(
                admin(relay, "GET", "/ready").is(200).body(),
                startsWith("{\"status\":\"UP\",\"checks\":[{\"name\":\"serving\",\"status\":\"UP\",\"data\":"
                        + "{\"TRUSTED_PROXIES\":\"an X-Forwarded-For was ignored"));
    }

    @Test
    void notReadyWithoutRoomForPairings() {
        TestRelay relay = start("MAX_PAIRINGS=1");
        TestRelay.Pair session = relay.session();
        isDown(relay, "room");
        relay.delete("/v1/pairs/" + session.id(), session.platform()).is(204);
        relay.advance(Duration.ofHours(1));
        admin(relay, "GET", "/ready").is(200);
    }

    @Test
    void notReadyWithoutRoomForDevices() {
        TestRelay relay = start("MAX_DEVICES=1");
        relay.phone();
        isDown(relay, "room");
    }

    @Test
    void notReadyWithoutRoomForBytes() {
        TestRelay relay = start("MAX_STORED_BYTES=1048576");
        TestRelay.Pair pair = relay.pair();
        while (submitted(relay, pair, "A".repeat(1 << 16))) {
            // until no large one has room
        }
        while (relay.post("/v1/devices", NO_TOKEN, "{}").status() == 201) {
            // until nothing has
        }
        isDown(relay, "room");
    }

    private static boolean submitted(TestRelay relay, TestRelay.Pair pair, String ciphertext) {
        String envelope = TestRelay.envelope(pair, relay.newId(), "").replace("Y2lwaGVydGV4dA", ciphertext);
        return relay.post("/v1/requests", pair.platform(), envelope).status() == 201;
    }

    /** The listener closes last: a load balancer sees the relay leave. */
    @Test
    void notReadyWhileDraining() throws IOException {
        TestRelay relay = TestRelay.start("DRAIN_TIMEOUT=10");
        int port = relay.relay().adminPort().orElseThrow();
        try (RawClient wire = relay.connect()) {
            wire.sendUntilClosed(("POST /v1/devices HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                            + "Content-Length: 2\r\n\r\n{")
                    .getBytes(StandardCharsets.US_ASCII));
            until(() -> relay.connections() == 1);
            CompletableFuture<Void> closing = CompletableFuture.runAsync(relay::close);
            until(() -> admin(relay, "GET", "/ready").status() == 503);
            isDown(relay, "serving");
            wire.sendUntilClosed("}".getBytes(StandardCharsets.US_ASCII)).answer("POST");
            closing.join();
        }
        assertThrows(IOException.class, () -> new RawClient(port).close());
    }

    /** The listener is gone and nobody has told the relay, as Helidon's is when it cannot accept. */
    @Test
    void notReadyWithoutListener() {
        try (TestRelay relay = TestRelay.start()) {
            admin(relay, "GET", "/ready").is(200);
            relay.stopListening();
            isDown(afterASecond(relay), "listener");
        }
    }

    private static TestRelay afterASecond(TestRelay relay) {
        relay.pass(Duration.ofSeconds(2));
        return relay;
    }

    @Test
    void aTakenPortIsNamedAndDoesNoHarm() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RelayProcess relay = RelayProcess.ofClasses(
                        java.util.Map.of("HOST", "127.0.0.1", "PORT", "0", "ADMIN_PORT", "" + taken.getLocalPort()))) {
            try (RawClient wire = new RawClient(relay.port())) {
                wire.sendUntilClosed(TestRelay.request("GET", "/health", NO_TOKEN, NO_BODY))
                        .answer("GET")
                        .is(200);
            }
            List<String> warnings = relay.output().stream()
                    .filter(line -> line.contains("\"level\":\"warning\""))
                    .toList();
            assertThat(warnings.toString(), warnings.size(), is(1));
            assertThat(warnings.getFirst(), containsString("admin_unavailable"));
            assertThat(warnings.getFirst(), containsString("127.0.0.1 port " + taken.getLocalPort()));
            assertThat(warnings.getFirst(), containsString("ADMIN_PORT"));
        }
    }
}
