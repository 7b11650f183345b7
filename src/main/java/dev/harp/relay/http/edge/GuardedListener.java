package dev.harp.relay.http.edge;

import static dev.harp.relay.http.edge.NoSettings.NO_SETTINGS;

import io.helidon.common.socket.SocketOptions;
import io.helidon.common.tls.Tls;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.function.Supplier;

/** The settings of a listener that faces strangers. Helidon's defaults are in comments where they differ. */
public final class GuardedListener {
    /** Bytes of a request line: an id and a few parameters. */
    public static final int MAX_REQUEST_LINE = 4096; // 2048

    /** Bytes of a header section, names and values. */
    public static final int MAX_HEADERS = 16 * 1024;

    private static final int BACKLOG = 1024;

    private GuardedListener() {}

    /** Where a server's routes are put. Comes before anything else of a server: the first one settles where Helidon looks for services. */
    public static HttpRouting.Builder routing() {
        NoServices.use();
        return HttpRouting.builder();
    }

    /** A server with nothing discovered, no shutdown hook, and no socket but those that are configured. */
    public static WebServerConfig.Builder server() {
        return WebServer.builder().config(NO_SETTINGS).shutdownHook(false).featuresDiscoverServices(false);
    }

    /**
     * Puts the guard and all bounds on one listener.
     *
     * @param maxConnections the same number that the guard was given
     * @param maxBody bytes that a handler reads at most; Helidon itself refuses more than twice that, before routing
     */
    public static <B extends ListenerConfig.BuilderBase<B, ?>> B harden(
            B listener, ConnectionGuard guard, DirectHandlers errors, int maxConnections, int maxBody) {
        return listener.protocolsDiscoverServices(false) // no HTTP/2, no upgrades, whatever is on the class path
                .addConnectionSelector(guard.selector())
                .directHandlers(errors)
                .errorHandling(ErrorHandling.builder().includeEntity(true).build()) // tells our handlers the message
                .contentEncoding(undiscovered(
                        ContentEncodingContext.builder().config(NO_SETTINGS).contentEncodingsDiscoverServices(false)
                                ::build))
                .mediaContext(undiscovered(
                        MediaContext.builder().config(NO_SETTINGS).mediaSupportsDiscoverServices(false)::build))
                .tls(Tls.builder().config(NO_SETTINGS).enabled(false).build())
                .concurrencyLimitDiscoverServices(false)
                .maxTcpConnections(maxConnections) // unlimited
                .maxPayloadSize(2L * maxBody) // unlimited
                .backlog(BACKLOG)
                .useNio(false) // true: two direct buffers of 8 KiB each for a connection
                .writeQueueLength(0)
                .connectionOptions(SocketOptions.builder().tcpNoDelay(true).build())
                .idleConnectionTimeout(Duration.ofDays(1)) // the guard's business
                .shutdownGracePeriod(Duration.ofMillis(500));
    }

    /**
     * Starts a hardened server and its guard.
     *
     * @throws RuntimeException if the address cannot be bound
     */
    public static WebServer start(WebServerConfig.Builder builder, ConnectionGuard guard) {
        mustBeFree(builder.host(), builder.port());
        WebServer server =
                WebServer.create(undiscovered(builder::buildPrototype)).start();
        if (!server.isRunning()) {
            guard.close();
            throw new IllegalStateException("the listener has not started; the log tells why");
        }
        guard.start();
        return server;
    }

    /**
     * Builds with a class path on which there is nothing: Helidon's builders look it through for services and weigh what they find even when
     * they are told to discover none.
     */
    private static <T> T undiscovered(Supplier<T> build) {
        Thread thread = Thread.currentThread();
        ClassLoader classPath = thread.getContextClassLoader();
        thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
        try {
            return build.get();
        } finally {
            thread.setContextClassLoader(classPath);
        }
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
}
