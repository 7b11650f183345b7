package dev.harp.relay.crash;

import dev.harp.testing.Ports;
import dev.harp.testing.RelayProcess;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The product as a process that is started on the same ports again, however it has ended. */
final class RelayNode implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(10);
    private static final int TIMEOUT_MILLIS = 10_000;

    private final int port = Ports.free();
    private final int adminPort = Ports.free();
    private final Map<String, String> environment;
    private final List<RelayProcess> runs = new ArrayList<>();

    /** @param options beyond the ports, and no rate limits */
    RelayNode(Map<String, String> options) {
        environment = new HashMap<>(Map.of(
                "PORT", Integer.toString(port),
                "ADMIN_PORT", Integer.toString(adminPort),
                "RATE_LIMIT_PAIR", "0",
                "RATE_LIMIT_CLIENT", "0",
                "LOG_LEVEL", "warning"));
        // What has ended has to be readable until the audit, however slow the machine.
        environment.putAll(Map.of("RETENTION", "3600", "MAX_OPEN_REQUESTS", "1000"));
        environment.putAll(options);
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    int port() {
        return port;
    }

    RelayNode start() throws IOException {
        runs.add(RelayProcess.ofProduct(environment, RelayProcess.SMALL_PRODUCT));
        return this;
    }

    /** Waits until {@code /ready} says yes. */
    RelayNode awaitReady() throws IOException, InterruptedException {
        return awaitReady(true);
    }

    /** Waits until {@code /ready} says so. */
    RelayNode awaitReady(boolean ready) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        while (isReady() != ready) {
            if (runs.getLast().endsWithin(POLL) || System.nanoTime() - begin > PATIENCE.toNanos()) {
                throw new IOException("/ready does not become " + ready + ": " + log());
            }
        }
        return this;
    }

    private boolean isReady() {
        try {
            var connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + adminPort + "/ready")
                    .toURL()
                    .openConnection();
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            try {
                return connection.getResponseCode() == 200;
            } finally {
                connection.disconnect();
            }
        } catch (IOException _) {
            return false;
        }
    }

    /** SIGKILL: nothing that it holds is written any more. */
    void kill() {
        runs.getLast().kill();
    }

    /** SIGTERM. */
    void terminate() {
        runs.getLast().terminate();
    }

    /** Waits for its end; its exit status. */
    int ended() throws InterruptedException {
        return runs.getLast().exit();
    }

    /** What it has printed in all of its runs. */
    List<String> log() {
        return runs.stream().flatMap(run -> run.output().stream()).toList();
    }

    @Override
    public void close() {
        runs.forEach(RelayProcess::kill);
    }
}
