package dev.harp.relay.outbound;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/**
 * Asks a relay on this host for {@code /health}, as its clients would. As a program it is the image's health check,
 * since the image has no shell and no curl: exit status 0 if the answer is 200, else 1 with one line that says why.
 */
public final class HealthProbe {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final int DEFAULT_PORT = 8787;
    private static final HttpRequest HEALTH =
            new HttpRequest("HEAD", "/health", Map.of("Connection", "close"), new byte[0]);

    private HealthProbe() {}

    /**
     * Asks the relay that {@code HOST} and {@code PORT} in the environment name; they mean what they mean to the relay.
     */
    public static void main(String[] arguments) {
        String failure = failure(System.getenv());
        if (!failure.isEmpty()) {
            System.err.println(failure);
        }
        Runtime.getRuntime().halt(failure.isEmpty() ? 0 : 1);
    }

    /** Why the relay is not healthy; empty if it is. */
    static String failure(Map<String, String> environment) {
        String host = environment.getOrDefault("HOST", "");
        String port = environment.getOrDefault("PORT", "");
        String relay = "HOST \"" + host + "\", PORT \"" + port + "\"";
        try {
            int status = status(host, port.isEmpty() ? DEFAULT_PORT : Integer.parseInt(port), LIMIT);
            return status == 200 ? "" : relay + " answered " + status;
        } catch (IOException | TimeoutException | IllegalArgumentException e) {
            return "no answer from " + relay + ": " + e;
        }
    }

    /**
     * Asks the listener that is bound to the host and port. One that is bound to all addresses is asked on loopback.
     *
     * @param host as in the configuration; empty for all addresses
     * @param limit for the whole call
     * @return the status of the answer
     * @throws IOException if there is no answer
     */
    public static int status(String host, int port, Duration limit) throws IOException, TimeoutException {
        InetAddress bound = InetAddress.getByName(host.isEmpty() ? "0.0.0.0" : host);
        String loopback = bound.getAddress().length == 4 ? "127.0.0.1" : "::1";
        InetAddress address = bound.isAnyLocalAddress() ? InetAddress.ofLiteral(loopback) : bound;
        try (TimedCalls calls = new TimedCalls()) {
            return calls.call(limit, () -> {
                try (HttpConnection connection = HttpConnection.open("localhost", List.of(address), port)) {
                    return connection.exchange(HEALTH, BodyLimit.NONE).status();
                }
            });
        }
    }
}
