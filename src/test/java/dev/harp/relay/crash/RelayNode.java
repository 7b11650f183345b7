package dev.harp.relay.crash;

import dev.harp.testing.Ports;
import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The product as a process that comes back on the same ports, however it has ended. */
final class RelayNode implements AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int POLL_MILLIS = 10;

    private final File log;
    private final int port = Ports.free();
    private final int adminPort = Ports.free();
    private final Map<String, String> options;
    private Optional<Process> process = Optional.empty();

    /**
     * @param log the file for what it prints
     * @param options beyond the ports, and no rate limits
     */
    RelayNode(Path log, Map<String, String> options) {
        this.log = log.toFile();
        this.options = options;
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    int port() {
        return port;
    }

    RelayNode start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx256m",
                        "-jar",
                        Optional.ofNullable(System.getProperty("harp.relay.product"))
                                .orElseThrow())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log));
        builder.environment()
                .putAll(Map.of(
                        "HOST", "127.0.0.1",
                        "PORT", Integer.toString(port),
                        "ADMIN_PORT", Integer.toString(adminPort),
                        "RATE_LIMIT_PAIR", "0",
                        "RATE_LIMIT_CLIENT", "0",
                        "LOG_LEVEL", "warning"));
        // What has ended is to be readable until the audit, however slow the machine.
        builder.environment().putAll(Map.of("RETENTION", "3600", "MAX_OPEN_REQUESTS", "1000"));
        builder.environment().putAll(options);
        Process started = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
        process = Optional.of(started);
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
            boolean ended = process.orElseThrow().waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
            if (ended || System.nanoTime() - begin > PATIENCE_NANOS) {
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
        process.orElseThrow().destroyForcibly().onExit().join();
    }

    /** SIGTERM. */
    void terminate() {
        process.orElseThrow().destroy();
    }

    /** Waits for its end; its exit status. */
    int ended() {
        return process.orElseThrow().onExit().join().exitValue();
    }

    /** What it has printed, over all of its lives. */
    String log() throws IOException {
        return Files.readString(log.toPath());
    }

    @Override
    public void close() {
        process.ifPresent(running -> running.destroyForcibly().onExit().join());
    }
}
