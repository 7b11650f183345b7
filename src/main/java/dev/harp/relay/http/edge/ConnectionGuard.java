package dev.harp.relay.http.edge;

import dev.harp.relay.http.edge.ReadDeadlines.Deadline;
import dev.harp.relay.http.edge.ReadDeadlines.Stage;
import dev.harp.relay.net.FileDescriptors;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.Headers;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Bounds what clients can hold of the relay's connections.
 *
 * <p>Helidon 4.5 puts no deadline on a slow request; it stops accepting without a message when its bound of connections
 * is reached ({@code max-tcp-connections}: it takes a permit <em>before</em> it accepts, so further clients wait in the
 * kernel's backlog); and it loses its listener for good when {@code accept} fails for lack of a file descriptor. These
 * rules answer that:
 *
 * <ol>
 *   <li><b>Deadlines.</b> One reaper walks over the open connections a few times a second and closes the late ones. A
 *       walk takes some nanoseconds a connection; a request costs its thread a few volatile writes, and nothing is
 *       scheduled or cancelled.
 *   <li><b>Room.</b> Above nine tenths of the bound, idle connections are closed, oldest first, and then those that
 *       have had a second and have not completed a request; answers say {@code Connection: close}. So accepting goes
 *       on, and {@code /health} is answered.
 *   <li><b>Descriptors.</b> While they are scarce, new connections are closed unserved.
 *   <li><b>Heads.</b> Unfinished ones are bounded in all and for each peer ({@link UnfinishedHeads}).
 * </ol>
 *
 * <p>Invariant: a connection is in {@link #open} exactly while its thread is inside {@link GuardedConnection#handle};
 * there is no other entry to expire, however a request or a connection ends.
 */
final class ConnectionGuard implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(ConnectionGuard.class.getName());
    private static final Duration WALK_EVERY = Duration.ofMillis(250);
    private static final int WALKS_PER_COUNT = 20;
    private static final long GRACE_UNDER_PRESSURE = TimeUnit.SECONDS.toNanos(1);

    private final Set<GuardedConnection> open = ConcurrentHashMap.newKeySet();
    private final LongAdder late = new LongAdder();
    private final LongAdder displaced = new LongAdder();
    private final Timeouts timeouts;
    private final int highWater;
    private final long mostOnWire;
    private final UnfinishedHeads heads;
    private final LongSupplier nanoTime;
    private final Thread reaper;

    private volatile boolean scarce;
    private volatile boolean crowded;
    private volatile boolean draining;
    private volatile boolean ended;

    /**
     * @param maxConnections the listener's {@code max-tcp-connections}, at least 10
     * @param maxBody bytes that a request body may have; with its chunked framing it may have eight times as many
     * @param proxy whether a peer is a trusted proxy
     * @param nanoTime a monotonic clock in nanoseconds
     */
    ConnectionGuard(
            Timeouts timeouts, int maxConnections, int maxBody, Predicate<InetAddress> proxy, LongSupplier nanoTime) {
        this.timeouts = timeouts;
        this.highWater = maxConnections - Math.ceilDiv(maxConnections, 10);
        this.mostOnWire = 8L * maxBody + 16 * 1024;
        this.heads = new UnfinishedHeads(maxConnections, proxy);
        this.nanoTime = nanoTime;
        this.reaper = Thread.ofPlatform().daemon().name("connection-reaper").unstarted(this::walk);
    }

    /** Starts the reaper's thread. Without it {@link #reap} has to be called. */
    void start() {
        reaper.start();
    }

    /** The only protocol of a guarded listener: strict HTTP/1.1, every connection of it under this guard. */
    ServerConnectionSelector selector() {
        return new Selector(Http1ConnectionSelector.builder().config(http1()).build());
    }

    static Http1Config http1() {
        return Http1Config.builder()
                .maxPrologueLength(GuardedListener.MAX_REQUEST_LINE)
                .maxHeadersSize(GuardedListener.MAX_HEADERS)
                .validatePrologue(true)
                .validatePath(true)
                .validateRequestHeaders(true)
                .validateResponseHeaders(true)
                .continueImmediately(false)
                .log(log -> log.receiveLog(false).sendLog(false)) // they log credentials, at DEBUG
                .addReceiveListener(new Heads(GuardedConnection::headComplete))
                .addSendListener(new Heads(GuardedConnection::answering))
                .build();
    }

    /** Closes late connections, and makes room if there is too little. */
    void reap() {
        long now = nanoTime.getAsLong();
        for (GuardedConnection connection : open) {
            Deadline deadline = connection.deadline();
            if (deadline.late(now)) {
                close(connection, deadline, late);
            } else if (draining && dispensable(deadline, now)) {
                close(connection, deadline, displaced);
            }
        }
        crowded = open.size() > highWater;
        if (crowded || scarce) {
            makeRoom(now);
        }
    }

    private void makeRoom(long now) {
        record Candidate(GuardedConnection connection, Deadline deadline) {}
        List<Candidate> living = open.stream()
                .filter(connection -> !connection.isClosed())
                .map(connection -> new Candidate(connection, connection.deadline()))
                .toList();
        living.stream()
                .filter(candidate -> dispensable(candidate.deadline(), now))
                .sorted(Comparator.comparing((Candidate c) -> c.deadline().stage() != Stage.IDLE)
                        .thenComparingLong(c -> c.deadline().since() - now))
                .limit(scarce ? Long.MAX_VALUE : Math.max(0, living.size() - highWater))
                .forEach(c -> close(c.connection(), c.deadline(), displaced));
    }

    /** Whether no request is pending on it, or none was completed within a second. */
    private static boolean dispensable(Deadline deadline, long now) {
        return switch (deadline.stage()) {
            case IDLE -> true;
            case FRESH, HEAD -> now - deadline.since() >= GRACE_UNDER_PRESSURE;
            default -> false;
        };
    }

    private static void close(GuardedConnection connection, Deadline deadline, LongAdder counter) {
        if (connection.close(deadline)) {
            counter.increment();
        }
    }

    /**
     * From now on every answer says {@code Connection: close}, and connections without a request are closed. For good.
     */
    void drain() {
        draining = true;
        reap();
    }

    /**
     * Waits until every connection is closed, which says that every answer has been handed to the kernel. Call
     * {@link #drain} and wake the parked polls first, and stop the server afterwards.
     *
     * @return whether all were closed in time
     */
    boolean awaitDrained(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        synchronized (open) {
            while (!open.isEmpty()) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                open.wait(left);
            }
        }
        return true;
    }

    /** Open connections. */
    int connections() {
        return open.size();
    }

    /** Connections closed because the client took too long. */
    long closedLate() {
        return late.sum();
    }

    /** Connections closed to make room, or because the relay is shutting down. */
    long closedForRoom() {
        return displaced.sum();
    }

    /** Ends the reaper. */
    @Override
    public void close() {
        ended = true;
        LockSupport.unpark(reaper);
    }

    /** Connections that wait for the client in this stage; {@code NOTHING} counts those at work. */
    long waitingIn(Stage stage) {
        return open.stream().filter(c -> c.deadline().stage() == stage).count();
    }

    void scarce(boolean now) {
        scarce = now;
    }

    void opened(GuardedConnection connection) {
        open.add(connection);
        if (open.size() > highWater && !crowded) {
            crowded = true;
            LockSupport.unpark(reaper);
        }
    }

    void closed(GuardedConnection connection) {
        open.remove(connection);
        if (draining && open.isEmpty()) {
            synchronized (open) {
                open.notifyAll();
            }
        }
    }

    /** A connection of the peer has begun a head and not finished it; false if the connection has to be closed. */
    boolean headUnfinished(InetAddress peer) {
        boolean entered = heads.enter(peer);
        if (!entered) {
            displaced.increment();
        }
        return entered;
    }

    /** The head that was unfinished is complete, or its connection has ended. */
    void headEnded(InetAddress peer) {
        heads.leave(peer);
    }

    /** Heads that are unfinished now. */
    long unfinishedHeads() {
        return heads.held();
    }

    private void walk() {
        for (int walks = 0; !ended; walks++) {
            try {
                if (walks % WALKS_PER_COUNT == 0) {
                    scarce(FileDescriptors.scarce());
                }
                reap();
            } catch (RuntimeException e) {
                LOGGER.log(System.Logger.Level.ERROR, "the connection reaper failed and goes on", e);
            }
            LockSupport.parkNanos(WALK_EVERY.toNanos());
        }
    }

    private final class Selector implements ServerConnectionSelector {
        private final ServerConnectionSelector http1;

        Selector(ServerConnectionSelector http1) {
            this.http1 = http1;
        }

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
            if (scarce) {
                throw new CloseConnectionException("file descriptors are scarce");
            }
            return new GuardedConnection(
                    ConnectionGuard.this,
                    helidon,
                    new ReadDeadlines(timeouts, nanoTime),
                    () -> draining || crowded,
                    mostOnWire,
                    http1);
        }
    }

    /** Tells the connection of the header section of each request, or of each answer. */
    private record Heads(BiConsumer<GuardedConnection, Headers> told) implements Http1ConnectionListener {
        @Override
        public void headers(ConnectionContext context, Headers headers) {
            told.accept((GuardedConnection) context, headers);
        }
    }
}
