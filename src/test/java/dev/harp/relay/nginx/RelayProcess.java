package dev.harp.relay.nginx;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The packaged relay as a process, started as {@code ./harp-relay} starts it. */
final class RelayProcess implements AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

    private final Process process;
    private final Path log;
    private final int port;

    private RelayProcess(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /**
     * Starts it on loopback; {@link #awaitListening} waits until it answers.
     *
     * @param log the file for what it prints
     * @param options what {@code application.yaml} does not say already
     */
    static RelayProcess start(Path log, Map<String, String> options) throws IOException {
        int port = Nginx.freePort();
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:+UseCompactObjectHeaders",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx512m",
                        "-jar",
                        Optional.ofNullable(System.getProperty("harp.relay.product"))
                                .orElseThrow())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        Map<String, String> environment = new HashMap<>(options);
        environment.put("HOST", "127.0.0.1");
        environment.put("PORT", Integer.toString(port));
        environment.put("ADMIN_PORT", Integer.toString(Nginx.freePort()));
        builder.environment().put("ADMIN_PORT", "0");
        builder.environment().putAll(environment);
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        return new RelayProcess(process, log, port);
    }

    int port() {
        return port;
    }

    RelayProcess awaitListening() throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return this;
            } catch (IOException e) {
                if (process.waitFor(50, TimeUnit.MILLISECONDS) || System.nanoTime() - end > 0) {
                    throw new IOException("the relay does not start: " + Files.readString(log), e);
                }
            }
        }
    }

    /**
     * Connections to it on which it has read all that was sent. Linux only.
     *
     * <p>In {@code /proc/net/tcp}, a line is: number, local address, remote address, state (01 is established), queues (tx:rx), and more.
     * Java's IPv4 sockets are among those of IPv6.
     */
    long settledConnections() throws IOException {
        String local = ":" + String.format("%04X", port);
        long settled = 0;
        for (Path table : List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"))) {
            List<String> lines = Files.exists(table) ? Files.readAllLines(table) : List.of();
            settled += lines.stream()
                    .map(line -> line.strip().split(" +", -1))
                    .filter(field -> field[1].endsWith(local))
                    .filter(field -> field[3].equals("01") && field[4].endsWith(":00000000"))
                    .count();
        }
        return settled;
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** Waits for its end; its exit status. */
    int ended() {
        return process.onExit().join().exitValue();
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    @Override
    public void close() {
        terminate();
        ended();
    }
}
