package dev.harp.relay.outbound;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Asks a relay on this host for {@code GET /health}: the image's health check, since the image has no shell and no curl. A plain
 * socket, because an HTTP client would take longer to load than the question takes to answer.
 *
 * <p>Exit status 0 if the answer is 200, else 1 with one line that says why.
 */
public final class HealthProbe {
    private static final int TIMEOUT_MILLIS = 5000;
    private static final String OK = "HTTP/1.1 200 ";

    private HealthProbe() {}

    /** Asks the relay that {@code HOST} and {@code PORT} in the environment name; they mean what they mean to the relay. */
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
        try {
            InetSocketAddress relay =
                    new InetSocketAddress(address(host), port.isEmpty() ? 8787 : Integer.parseInt(port));
            String status = ask(relay);
            return status.startsWith(OK) ? "" : relay + " answered: " + status;
        } catch (IOException | IllegalArgumentException e) {
            return "no answer from HOST \"" + host + "\", PORT \"" + port + "\": " + e;
        }
    }

    /** Where to reach a relay that is bound to the host: one that is bound to all addresses is on loopback, too. */
    private static InetAddress address(String host) throws IOException {
        InetAddress bound = InetAddress.getByName(host.isEmpty() ? "0.0.0.0" : host);
        return bound.isAnyLocalAddress()
                ? InetAddress.getByName(bound.getAddress().length == 4 ? "127.0.0.1" : "::1")
                : bound;
    }

    private static String ask(InetSocketAddress relay) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(relay, TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream()
                    .write("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            return new String(in.readNBytes(OK.length()), StandardCharsets.ISO_8859_1);
        }
    }
}
