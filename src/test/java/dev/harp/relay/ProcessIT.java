package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.relay.TestRelay.SECRET;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;

import dev.harp.testing.HttpAnswer;
import dev.harp.testing.Ports;
import dev.harp.testing.RawClient;
import dev.harp.testing.RelayProcess;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The product as an operator runs it: its output and its exit codes. */
@Timeout(300)
class ProcessIT {
    private static final String PRODUCT = System.getProperty("harp.relay.product", "");

    private static RelayProcess product(Map<String, String> environment, String... arguments) throws IOException {
        return RelayProcess.ofProduct(environment, RelayProcess.SMALL_PRODUCT, arguments);
    }

    private static Map<String, String> environment(String... options) {
        Map<String, String> environment = new HashMap<>(Map.of("HOST", "127.0.0.1", "PORT", "0", "ADMIN_PORT", "0"));
        for (String option : options) {
            environment.put(option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
        }
        return environment;
    }

    private static HttpAnswer call(int port, byte[] request) throws IOException {
        try (RawClient wire = new RawClient(port)) {
            return wire.send(request).answer();
        }
    }

    /** The output is one line, and no stack trace. */
    private static String onlyLine(RelayProcess relay, int exit) throws InterruptedException {
        assertThat(relay.exit() + " " + relay.output(), is(exit + " " + relay.output()));
        assertThat(relay.output(), hasSize(1));
        return relay.output().getFirst();
    }

    /** SIGTERM with a hundred parked polls: each is answered 503, and the process exits with 0. */
    @Test
    void drainsOnSigterm() throws Exception {
        try (RelayProcess relay = product(environment("RATE_LIMIT_CLIENT=0"))) {
            int port = relay.port();
            List<RawClient> polls = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                HttpAnswer opened = call(
                                port,
                                TestRelay.request(
                                        "POST", "/v1/pairs", NO_TOKEN, "{\"secret_hash\":\"" + SECRET + "\"}"))
                        .is(201);
                RawClient poll = new RawClient(port)
                        .send(TestRelay.request(
                                "GET",
                                "/v1/pairs/" + opened.text("pair_id") + "?wait=500",
                                opened.text("platform_token"),
                                NO_BODY));
                polls.add(poll);
            }
            // Nothing tells from outside when a poll is parked; a poll that comes later than SIGTERM is answered alike.
            call(port, TestRelay.request("GET", "/health", NO_TOKEN, NO_BODY)).is(200);
            relay.terminate();
            for (RawClient poll : polls) {
                Optional<HttpAnswer> answer = poll.next();
                if (answer.isPresent()) {
                    answer.get().is(503, "shutting_down");
                    assertThat(answer.get().header("Retry-After").orElse(""), is("1"));
                    assertThat(answer.get().header("Connection").orElse(""), is("close"));
                }
                assertThat(answer.isPresent(), is(true));
                poll.close();
            }
            assertThat(relay.exit(), is(0));
            assertThat(String.join("\n", relay.output()), not(containsString("Exception")));
        }
    }

    /** The error names the option, the given value, and the allowed values. */
    @Test
    void wrongOption() throws Exception {
        for (String option : List.of(
                "PORT=99999",
                "PORT=x",
                "RETENTION=1",
                "STORE=floppy",
                "TRUSTED_PROXIES=300.1.1.1",
                "LOG_LEVEL=loud",
                "MAX_WAIT=0",
                "HOST=a b",
                "REGISTRATION_KEY=short",
                "MAX_BODY=1")) {
            String name = option.substring(0, option.indexOf('='));
            try (RelayProcess relay = product(environment(option))) {
                String line = onlyLine(relay, 2);
                assertThat(line, allOf(containsString(name + ": given "), containsString("allowed: ")));
                if (!name.equals("REGISTRATION_KEY")) {
                    assertThat(line, containsString(option.substring(name.length() + 1)));
                } else {
                    assertThat(line, not(containsString("short")));
                }
            }
        }
    }

    /** Every wrong value is named at once, a line each. */
    @Test
    void wrongOptions() throws Exception {
        try (RelayProcess relay = product(environment("PORT=x", "MAX_WAIT=-1"))) {
            assertThat(relay.exit(), is(2));
            assertThat(relay.output(), hasSize(2));
        }
    }

    /** Errors in the command line, and in the file that it names. */
    @Test
    void wrongCommandLine(@TempDir Path folder) throws Exception {
        for (String word : List.of("--frobnicate", "start", "--config=x", "-v", "")) {
            try (RelayProcess relay = product(environment(), word)) {
                assertThat(
                        onlyLine(relay, 2), allOf(containsString("'" + word + "'"), containsString("--check-config")));
            }
        }
        try (RelayProcess relay = product(environment(), "--config")) {
            assertThat(onlyLine(relay, 2), containsString("--config needs"));
        }
        try (RelayProcess relay = product(
                environment(), "--config", folder.resolve("missing.yaml").toString())) {
            assertThat(onlyLine(relay, 2), containsString("missing.yaml"));
        }
        Path broken = Files.writeString(folder.resolve("broken.yaml"), "server: [\n  x: {");
        try (RelayProcess relay = product(environment(), "--config", broken.toString())) {
            assertThat(onlyLine(relay, 2), containsString("broken.yaml"));
        }
        Path unknown = Files.writeString(
                folder.resolve("unknown.yaml"), Files.readString(Path.of("application.yaml")) + "\nrate-limits: 5\n");
        try (RelayProcess relay = product(environment(), "--config", unknown.toString())) {
            assertThat(onlyLine(relay, 2), containsString("rate-limits"));
        }
    }

    /** The calls that do not start the relay. */
    @Test
    void printsAndExits() throws Exception {
        try (RelayProcess relay = product(environment(), "--help")) {
            assertThat(relay.exit(), is(0));
            assertThat(
                    String.join("\n", relay.output()),
                    allOf(containsString("usage:"), containsString("--check-config"), containsString("--version")));
        }
        try (RelayProcess relay = product(environment(), "--version")) {
            String jar = Path.of(PRODUCT).getFileName().toString();
            assertThat(relay.exit(), is(0));
            assertThat(relay.output().getFirst() + ".jar", is(jar.replace("harp-relay-", "harp-relay ")));
            assertThat(
                    relay.output().getLast(), matchesPattern("app ([0-9a-f]{64} \\(SHA-256 of hashes.json\\)|none.*)"));
            assertThat(relay.output(), hasSize(2));
        }
        String key = "correct-horse-battery-staple";
        try (RelayProcess relay = product(environment("REGISTRATION_KEY=" + key, "MAX_WAIT=61"), "--check-config")) {
            assertThat(relay.exit(), is(0));
            assertThat(relay.output().getFirst(), is("configuration is valid"));
            assertThat(relay.output(), hasItem("MAX_WAIT: 61"));
            assertThat(String.join("\n", relay.output()), not(containsString("horse")));
        }
        try (RelayProcess relay = product(environment("MAX_WAIT=x"), "--check-config")) {
            assertThat(onlyLine(relay, 2), containsString("MAX_WAIT: given 'x'"));
        }
    }

    /** In a pipe every line is a JSON object, from the first to those after the last response. */
    @Test
    void logsAreJson() throws Exception {
        try (RelayProcess relay = product(environment())) {
            int port = relay.port();
            call(port, TestRelay.request("GET", "/v1/requests/x", NO_TOKEN, NO_BODY))
                    .is(401);
            until("the call is logged", () -> relay.output().stream().anyMatch(line -> line.contains("http_call")));
            relay.terminate();
            assertThat(relay.exit(), is(0));
            List<String> events = new ArrayList<>();
            for (String line : relay.output()) {
                try (JsonReader reader = Json.createReader(new StringReader(line))) {
                    JsonObject entry = reader.readObject();
                    assertThat(
                            entry.getString("time"),
                            matchesPattern("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z"));
                    assertThat(entry.getString("logger"), containsString("dev.harp.relay"));
                    events.add(entry.getString("level") + " " + entry.getString("event"));
                }
            }
            assertThat(
                    events,
                    is(List.of(
                            "info admin_listening",
                            "info push_off",
                            "info started",
                            "warning auth_failed",
                            "info http_call",
                            "info stopping",
                            "info stopped")));
        }
    }

    @Test
    void logsAreTextIfWanted() throws Exception {
        try (RelayProcess relay = product(environment("LOG_FORMAT=text"))) {
            assertThat(relay.port() > 0, is(true));
            assertThat(relay.output(), hasSize(3));
            assertThat(
                    relay.output().getFirst(),
                    containsString(" info Relay: /metrics, /live and /ready on 127.0.0.1 port "));
            assertThat(
                    relay.output().get(1),
                    containsString(" info Main: no push notifications: PUBLIC_URL is not set; set it to "));
            assertThat(relay.output().getLast(), containsString(" info Main: listening on 127.0.0.1:" + relay.port()));
        }
    }

    /** Nobody reads the log, and then its pipe breaks: calls are still answered. */
    @Test
    void outlivesItsLog() throws Exception {
        List<String> command =
                List.of("sh", "-c", "exec 3>&1; \"$0\" -jar \"$1\" 3>&- | { head -n 1 >&3; }", java(), PRODUCT);
        int port = Ports.free();
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment("PORT=" + port, "RATE_LIMIT_CLIENT=0"));
        Process shell = builder.start();
        try {
            byte[] line = new byte[1];
            assertThat(shell.getInputStream().read(line), is(1));
            for (int i = 0; i < 200; i++) {
                call(port, TestRelay.request("GET", "/openapi.yaml", NO_TOKEN, NO_BODY))
                        .is(200);
            }
        } finally {
            shell.descendants().forEach(ProcessHandle::destroyForcibly);
            shell.destroyForcibly();
        }
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Another process has the port. */
    @Test
    void portTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RelayProcess relay = product(environment("PORT=" + taken.getLocalPort()))) {
            assertThat(onlyLine(relay, 3), containsString("127.0.0.1:" + taken.getLocalPort()));
        }
    }

    /** An address of another machine. */
    @Test
    void noSuchAddress() throws Exception {
        try (RelayProcess relay = product(environment("HOST=192.0.2.1"))) {
            assertThat(onlyLine(relay, 3), containsString("192.0.2.1"));
        }
    }

    /**
     * Kubernetes sets these variables for a service named {@code server}, and Helidon maps them to the port and the
     * host of its server. System properties have the same names.
     */
    @Test
    void variablesOfKubernetesDoNotMoveTheListener() throws Exception {
        int port = Ports.free();
        List<String> command = List.of("-Dserver.port=1", "-Dserver.host=192.0.2.1", "-jar", PRODUCT);
        Map<String, String> environment = environment(
                "PORT=" + port, "SERVER_PORT=tcp://10.0.0.1:80", "SERVER_HOST=192.0.2.1", "SERVER_BACKLOG=x");
        try (RelayProcess relay = new RelayProcess(command, environment)) {
            assertThat(relay.port(), is(port));
            call(port, TestRelay.request("GET", "/health", NO_TOKEN, NO_BODY)).is(200);
        }
    }

    /** {@code PORT} and {@code HOST}: the relay listens there, and nowhere else. */
    @Test
    void listensJustThere() throws Exception {
        int port = Ports.free();
        try (RelayProcess relay = product(environment("PORT=" + port))) {
            assertThat(relay.port(), is(port));
            assertThat(
                    call(port, TestRelay.request("GET", "/health", NO_TOKEN, NO_BODY))
                            .is(200)
                            .body(),
                    is("{\"status\":\"ok\"}"));
            Optional<InetAddress> outside = NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                    .findFirst();
            Assumptions.assumeTrue(outside.isPresent(), "this machine has no other address");
            try (Socket socket = new Socket()) {
                Assertions.assertThrows(
                        ConnectException.class, () -> socket.connect(new InetSocketAddress(outside.get(), port), 5000));
            }
        }
    }
}
