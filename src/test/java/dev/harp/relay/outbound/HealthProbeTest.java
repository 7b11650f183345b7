package dev.harp.relay.outbound;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class HealthProbeTest {
    @Test
    void healthyIsSilent() throws Exception {
        assertThat(against("HTTP/1.1 200 OK\r\n\r\n"), is(""));
    }

    /** A relay that drains. */
    @Test
    void unavailableIsSaid() throws Exception {
        assertThat(against("HTTP/1.1 503 Service Unavailable\r\n\r\n"), containsString("answered 503"));
    }

    /** Something that accepts and closes. */
    @Test
    void noAnswerIsUnhealthy() throws Exception {
        assertThat(against(""), containsString("no answer from HOST"));
    }

    /** Nothing listens. */
    @Test
    void refusedConnectionIsUnhealthy() throws Exception {
        int port;
        try (ServerSocket free = loopback()) {
            port = free.getLocalPort();
        }
        assertThat(HealthProbe.failure(Map.of("PORT", "" + port)), containsString("no answer from HOST \"\", PORT"));
    }

    /** What the relay itself would refuse must not look healthy because something else listens at the default. */
    @Test
    void wrongPortIsUnhealthy() {
        assertThat(HealthProbe.failure(Map.of("PORT", "eighty")), containsString("PORT \"eighty\""));
        assertThat(HealthProbe.failure(Map.of("PORT", "70000")), containsString("PORT \"70000\""));
    }

    private static String against(String answer) throws IOException, InterruptedException {
        try (ServerSocket server = loopback()) {
            Thread peer = Thread.ofVirtual().start(() -> {
                try (Socket socket = server.accept()) {
                    var _ = socket.getInputStream().readNBytes(16);
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            String failure =
                    HealthProbe.failure(Map.of("HOST", "0.0.0.0", "PORT", Integer.toString(server.getLocalPort())));
            peer.join();
            return failure;
        }
    }

    private static ServerSocket loopback() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }
}
