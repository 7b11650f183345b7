package peers;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.socket.SocketOptions;
import io.helidon.config.Config;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.media.MediaContext;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A peer of {@code bench/compare}: the pipe on bare Helidon SE, which is what the framework itself costs. Bodies are
 * passed on as they came; of their JSON only the two ids are looked for. No tokens, rules, limits or expiry.
 *
 * <p>As in the relay, a poll is a wait on a {@code Condition}, and after a second of it the connection's next read is
 * done in advance, so that a client that goes ends it.
 */
public final class BareHelidon {
    private static final long WATCH_AFTER = TimeUnit.SECONDS.toNanos(1);
    private static final Header JSON = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/json");
    private static final byte[] HEALTH = "{\"status\":\"ok\"}".getBytes(UTF_8);

    private static final Map<String, Queue> DEVICES = new ConcurrentHashMap<>();
    private static final Map<String, Queue> PAIRS = new ConcurrentHashMap<>();
    private static final Map<String, Queue> REQUESTS = new ConcurrentHashMap<>();

    private BareHelidon() {}

    /** Messages for one device, or the response of one request, and who waits for them. */
    private static final class Queue {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private final ArrayDeque<String> messages = new ArrayDeque<>(1);
        private boolean gone;

        void put(String message) {
            lock.lock();
            try {
                messages.add(message);
                changed.signal();
            } finally {
                lock.unlock();
            }
        }

        private void leave() {
            lock.lock();
            try {
                gone = true;
                changed.signal();
            } finally {
                lock.unlock();
            }
        }

        /** The messages, with commas; empty after the wait. */
        String take(long seconds) throws InterruptedException {
            long left = TimeUnit.SECONDS.toNanos(seconds);
            lock.lock();
            try {
                gone = false;
                boolean watched = false;
                while (messages.isEmpty() && !gone && left > 0) {
                    long part = watched ? left : Math.min(left, WATCH_AFTER);
                    long unused = changed.awaitNanos(part);
                    left -= part - unused;
                    if (!watched && unused <= 0) {
                        watched = true;
                        Guarded.CURRENT.get().readAhead(this::leave);
                    }
                }
                String taken = messages.size() == 1 ? messages.getFirst() : String.join(",", messages);
                messages.clear();
                return taken;
            } finally {
                lock.unlock();
            }
        }
    }

    private static void addDevice(ServerRequest request, ServerResponse response) {
        String id = UUID.randomUUID().toString();
        DEVICES.put(id, new Queue());
        send(response.status(Status.CREATED_201), "{\"device_id\":\"" + id + "\",\"device_token\":\"" + id + "\"}");
    }

    private static void addPair(ServerRequest request, ServerResponse response) {
        String id = UUID.randomUUID().toString();
        send(response.status(Status.CREATED_201), "{\"pair_id\":\"" + id + "\",\"platform_token\":\"\"}");
    }

    /** The device's token is its id, and is looked at nowhere else. */
    private static void join(ServerRequest request, ServerResponse response) {
        String device = request.headers().get(HeaderNames.AUTHORIZATION).get().substring("Bearer ".length());
        PAIRS.put(id(request), DEVICES.get(device));
        send(response, "{}");
    }

    private static void submit(ServerRequest request, ServerResponse response) {
        String body = body(request);
        String id = member(body, "\"request_id\":\"");
        REQUESTS.put(id, new Queue());
        PAIRS.get(member(body, "\"pair_id\":\"")).put(body);
        send(response.status(Status.CREATED_201), "{\"request_id\":\"" + id + "\",\"state\":\"queued\"}");
    }

    private static void inbox(ServerRequest request, ServerResponse response) throws InterruptedException {
        send(response, "{\"requests\":[" + DEVICES.get(id(request)).take(seconds(request)) + "]}");
    }

    private static void respond(ServerRequest request, ServerResponse response) {
        String id = id(request);
        REQUESTS.get(id).put(body(request));
        send(response, "{\"request_id\":\"" + id + "\",\"state\":\"answered\"}");
    }

    private static void outcome(ServerRequest request, ServerResponse response) throws InterruptedException {
        String id = id(request);
        String answer = REQUESTS.get(id).take(seconds(request));
        if (!answer.isEmpty()) {
            REQUESTS.remove(id);
        }
        send(response, "{\"request_id\":\"" + id + "\",\"response\":" + (answer.isEmpty() ? "null" : answer) + "}");
    }

    private static String id(ServerRequest request) {
        return request.path().pathParameters().get("id");
    }

    private static long seconds(ServerRequest request) {
        return request.query().first("wait").map(Long::parseLong).orElse(0L);
    }

    private static String body(ServerRequest request) {
        try (var in = request.content().inputStream()) {
            return new String(in.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String member(String json, String start) {
        int begin = json.indexOf(start) + start.length();
        return json.substring(begin, json.indexOf('"', begin));
    }

    private static void send(ServerResponse response, String body) {
        response.header(JSON).send(body.getBytes(UTF_8));
    }

    public static void main(String[] arguments) {
        HttpRouting.Builder routing = HttpRouting.builder()
                .get("/health", (_, response) -> response.header(JSON).send(HEALTH))
                .post("/v1/devices", BareHelidon::addDevice)
                .post("/v1/pairs", BareHelidon::addPair)
                .put("/v1/pairs/{id}/device", BareHelidon::join)
                .post("/v1/requests", BareHelidon::submit)
                .get("/v1/devices/{id}/requests", BareHelidon::inbox)
                .put("/v1/requests/{id}/response", BareHelidon::respond)
                .get("/v1/requests/{id}", BareHelidon::outcome);
        WebServer.builder()
                .config(Config.empty())
                .host("127.0.0.1")
                .port(Integer.parseInt(arguments[0]))
                .addRouting(routing)
                .featuresDiscoverServices(false)
                .protocolsDiscoverServices(false)
                .addConnectionSelector(new Selector(Http1ConnectionSelector.builder()
                        .config(Http1Config.create())
                        .build()))
                .contentEncoding(ContentEncodingContext.builder()
                        .contentEncodingsDiscoverServices(false)
                        .build())
                .mediaContext(MediaContext.builder()
                        .mediaSupportsDiscoverServices(false)
                        .build())
                .concurrencyLimitDiscoverServices(false)
                .backlog(1024)
                .useNio(false)
                .writeQueueLength(0)
                .connectionOptions(SocketOptions.builder().tcpNoDelay(true).build())
                .idleConnectionTimeout(Duration.ofDays(1))
                .build()
                .start();
    }

    /** Puts a {@link Guarded} between each connection and its socket. */
    private record Selector(ServerConnectionSelector http1) implements ServerConnectionSelector {
        @Override
        public int bytesToIdentifyConnection() {
            return http1.bytesToIdentifyConnection();
        }

        @Override
        public Support supports(BufferData data) {
            return http1.supports(data);
        }

        @Override
        public Set<String> supportedApplicationProtocols() {
            return http1.supportedApplicationProtocols();
        }

        @Override
        public ServerConnection connection(ConnectionContext helidon) {
            return new Guarded(helidon, http1);
        }
    }

    /** A connection whose next read can be done in advance. */
    private static final class Guarded implements ConnectionContext, ServerConnection {
        static final ScopedValue<Guarded> CURRENT = ScopedValue.newInstance();

        private final ConnectionContext helidon;
        private final DataReader reader = DataReader.create(this::read);
        private final ServerConnection http1;
        private FutureTask<byte[]> ahead;

        Guarded(ConnectionContext helidon, ServerConnectionSelector http1) {
            this.helidon = helidon;
            this.http1 = http1.connection(this);
        }

        void readAhead(Runnable gone) {
            if (ahead != null) {
                return;
            }
            FutureTask<byte[]> next = new FutureTask<>(helidon.serverSocket()::get);
            ahead = next;
            Thread.startVirtualThread(() -> {
                next.run();
                if (next.state() != Future.State.SUCCESS || next.resultNow() == null) {
                    gone.run();
                }
            });
        }

        private byte[] read() {
            FutureTask<byte[]> next = ahead;
            if (next == null) {
                return helidon.serverSocket().get();
            }
            ahead = null;
            try {
                return next.get();
            } catch (InterruptedException | ExecutionException e) {
                throw new UncheckedIOException(new IOException(e));
            }
        }

        @Override
        public void handle(Limit limit) throws InterruptedException {
            ScopedValue.where(CURRENT, this).<Void, InterruptedException>call(() -> {
                http1.handle(limit);
                return null;
            });
        }

        @Override
        public Duration idleTime() {
            return http1.idleTime();
        }

        @Override
        public void close(boolean interrupt) {
            http1.close(interrupt);
        }

        @Override
        public DataReader dataReader() {
            return reader;
        }

        @Override
        public DataWriter dataWriter() {
            return helidon.dataWriter();
        }

        @Override
        public ListenerContext listenerContext() {
            return helidon.listenerContext();
        }

        @Override
        public ExecutorService executor() {
            return helidon.executor();
        }

        @Override
        public Router router() {
            return helidon.router();
        }

        @Override
        public HelidonSocket serverSocket() {
            return helidon.serverSocket();
        }

        @Override
        public PeerInfo remotePeer() {
            return helidon.remotePeer();
        }

        @Override
        public PeerInfo localPeer() {
            return helidon.localPeer();
        }

        @Override
        public boolean isSecure() {
            return helidon.isSecure();
        }

        @Override
        public String socketId() {
            return helidon.socketId();
        }

        @Override
        public String childSocketId() {
            return helidon.childSocketId();
        }
    }
}
