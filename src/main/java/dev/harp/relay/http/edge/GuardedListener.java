package dev.harp.relay.http.edge;

import io.helidon.common.socket.SocketOptions;
import io.helidon.config.Config;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.spi.ServerFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import jdk.net.ExtendedSocketOptions;

/**
 * A server with one listener, bounded for untrusted clients, and the {@link ConnectionGuard} of its connections.
 *
 * <p>It has what is named here and nothing else. Each {@code DiscoverServices(false)} keeps out what Helidon would
 * otherwise take from the class path (HTTP/2, features such as observe, encodings, media types), and the empty
 * configuration keeps out environment variables and system properties.
 */
public final class GuardedListener {
    /** Bytes of a request line: an id and a few parameters. Helidon's default is 2048. */
    public static final int MAX_REQUEST_LINE = 4096;

    /** Bytes of a header section, names and values. */
    public static final int MAX_HEADERS = 16 * 1024;

    private static final int BACKLOG = 1024;
    private static final Duration LAST_BYTES = Duration.ofMillis(500);

    /** How long a connection is silent before the peer's machine is asked whether it is there. */
    private static final Duration PROBE_AFTER = Duration.ofSeconds(60);

    private static final Duration PROBE_EVERY = Duration.ofSeconds(15);
    private static final int PROBES = 4;

    private final WebServer server;
    private final ConnectionGuard guard;

    /**
     * The address and the bounds of a listener.
     *
     * @param host the address to bind
     * @param port the port, 0 for any free one
     * @param timeouts how long a client may keep the relay waiting
     * @param maxConnections open connections, at least 10
     * @param maxBody bytes that a handler reads of a body; Helidon itself refuses more than twice that, before routing
     * @param proxy whether a peer is a trusted proxy, and so stands for many clients
     */
    public record Settings(
            String host, int port, Timeouts timeouts, int maxConnections, int maxBody, Predicate<InetAddress> proxy) {}

    private GuardedListener(WebServer server, ConnectionGuard guard) {
        this.server = server;
        this.guard = guard;
    }

    /**
     * Starts to listen.
     *
     * @param errors answers what fails before routing
     * @param nanoTime a monotonic clock in nanoseconds
     * @param features added to the server beside the routing
     * @throws RuntimeException if the address cannot be bound
     */
    public static GuardedListener start(
            Settings settings,
            HttpRouting.Builder routing,
            DirectHandlers errors,
            LongSupplier nanoTime,
            ServerFeature... features) {
        ConnectionGuard guard = new ConnectionGuard(
                settings.timeouts(), settings.maxConnections(), settings.maxBody(), settings.proxy(), nanoTime);
        mustBeFree(settings.host(), settings.port());
        WebServer server = configure(settings, routing, errors, guard)
                .features(List.of(features))
                .build()
                .start();
        if (!server.isRunning()) {
            throw new IllegalStateException("the listener has not started; the log says why");
        }
        guard.start();
        return new GuardedListener(server, guard);
    }

    /** The server's settings; a remark names Helidon's default where it matters. */
    static WebServerConfig.Builder configure(
            Settings settings, HttpRouting.Builder routing, DirectHandlers errors, ConnectionGuard guard) {
        return WebServer.builder()
                .config(Config.empty())
                .host(settings.host())
                .port(settings.port())
                .addRouting(routing)
                .shutdownHook(false) // the relay drains first
                .featuresDiscoverServices(false)
                .protocolsDiscoverServices(false)
                .addConnectionSelector(guard.selector())
                .directHandlers(errors)
                .errorHandling(ErrorHandling.builder().includeEntity(true).build()) // the handlers get the message
                .contentEncoding(ContentEncodingContext.builder()
                        .contentEncodingsDiscoverServices(false)
                        .build())
                .mediaContext(MediaContext.builder()
                        .mediaSupportsDiscoverServices(false)
                        .build())
                .concurrencyLimitDiscoverServices(false)
                .maxTcpConnections(settings.maxConnections()) // unlimited
                .maxPayloadSize(2L * settings.maxBody()) // unlimited
                .backlog(BACKLOG)
                .useNio(false) // true: two direct buffers of 8 KiB each for a connection
                .writeQueueLength(0)
                .connectionOptions(connectionOptions())
                .idleConnectionTimeout(Duration.ofDays(1)) // the guard closes idle connections
                .shutdownGracePeriod(LAST_BYTES);
    }

    /**
     * TCP keep-alive, for clients that disappear without a word: a phone without a network, a proxy's machine without
     * power. It ends their connections, on platforms where its times can be set.
     */
    private static SocketOptions connectionOptions() {
        SocketOptions.Builder options = SocketOptions.builder().tcpNoDelay(true).socketKeepAlive(true);
        try (ServerSocket socket = new ServerSocket()) {
            if (socket.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
                options.putSocketOption(ExtendedSocketOptions.TCP_KEEPIDLE, seconds(PROBE_AFTER))
                        .putSocketOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, seconds(PROBE_EVERY))
                        .putSocketOption(ExtendedSocketOptions.TCP_KEEPCOUNT, PROBES);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return options.build();
    }

    private static int seconds(Duration time) {
        return Math.toIntExact(time.toSeconds());
    }

    /** Helidon 4.5 logs that it cannot bind its address, and goes on without a listener. So this tries first. */
    private static void mustBeFree(String host, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs {@code gone} if the client closes its connection while the call of the calling thread waits. */
    public static void watchClient(Runnable gone) {
        GuardedConnection.watchClient(gone);
    }

    /** How many bytes the header section has of the request that the calling thread carries out; 0 without one. */
    public static int headBytes() {
        return GuardedConnection.headBytes();
    }

    /** The port that it listens on. */
    public int port() {
        return server.port();
    }

    /** Whether Helidon reports the listener as running; its accept loop may have ended all the same. */
    public boolean isRunning() {
        return server.isRunning();
    }

    /** Open connections. */
    public int connections() {
        return guard.connections();
    }

    /** Connections closed because the client took too long. */
    public long closedLate() {
        return guard.closedLate();
    }

    /** Connections closed to make room, or because the relay is shutting down. */
    public long closedForRoom() {
        return guard.closedForRoom();
    }

    /** From now on every answer is its connection's last, and idle connections are closed. */
    public void drain() {
        guard.drain();
    }

    /**
     * Drains, and stops once all answers are written or the time is over.
     *
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public void stop(Duration atMost) throws InterruptedException {
        drain();
        try {
            var _ = guard.awaitDrained(atMost);
        } finally {
            server.stop();
            guard.close();
        }
    }
}
