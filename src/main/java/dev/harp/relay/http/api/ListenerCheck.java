package dev.harp.relay.http.api;

import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Whether the public listener answers, found out the way a client would: a connection and a {@code HEAD /health}. A listener
 * can say that it runs while its accept loop is gone, or while all its connections are taken. What was found counts for
 * a second, so that whoever asks often costs one connection a second.
 */
final class ListenerCheck implements HealthCheck {
    private static final Duration FRESH = Duration.ofSeconds(1);
    private static final int DEADLINE_MILLIS = 1000;
    private static final byte[] QUESTION =
            "HEAD /health HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ANSWER = "HTTP/1.1 ".getBytes(StandardCharsets.US_ASCII);

    private final String host;
    private final IntSupplier port;
    private final BooleanSupplier running;
    private final LongSupplier nanoTime;
    private boolean asked;
    private boolean up;
    private long askedAt;

    ListenerCheck(String host, IntSupplier port, BooleanSupplier running, LongSupplier nanoTime) {
        this.host = host;
        this.port = port;
        this.running = running;
        this.nanoTime = nanoTime;
    }

    @Override
    public HealthCheckType type() {
        return HealthCheckType.READINESS;
    }

    @Override
    public String name() {
        return "listener";
    }

    @Override
    public synchronized HealthCheckResponse call() {
        long now = nanoTime.getAsLong();
        if (!asked || now - askedAt >= FRESH.toNanos()) {
            up = running.getAsBoolean() && answers();
            asked = true;
            askedAt = nanoTime.getAsLong();
        }
        return HealthCheckResponse.builder().status(up).build();
    }

    private boolean answers() {
        try (Socket socket = new Socket()) {
            InetAddress address = InetAddress.getByName(host);
            socket.connect(
                    new InetSocketAddress(
                            address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address, port.getAsInt()),
                    DEADLINE_MILLIS);
            socket.setSoTimeout(DEADLINE_MILLIS);
            socket.getOutputStream().write(QUESTION);
            return java.util.Arrays.equals(socket.getInputStream().readNBytes(ANSWER.length), ANSWER);
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }
}
