package dev.harp.relay.http.edge;

import io.helidon.webserver.CloseConnectionException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * What one connection waits for at present, and until when.
 *
 * <p>The connection's own thread moves through the stages. A stage's deadline is set once, on entering it, so that one
 * byte a second does not extend it. A {@link Deadline} stands in {@link #current} only while that thread waits for the
 * client, inside one read or one write: a handler that is parked in a long poll has no deadline.
 *
 * <p>The reaper looks from outside. It may close the socket only by swapping the very deadline that it has judged for
 * {@link #CLOSED}, and the connection's thread returns from a read or write only by swapping its deadline for
 * {@link #WORKING}. One of the two wins: a connection is never closed as idle while the request that has just arrived
 * on it is carried out.
 */
@SuppressWarnings("ReferenceEquality") // one instance stands for one wait, as compareAndSet sees it
final class ReadDeadlines {
    /** What the connection waits for. */
    enum Stage {
        /** The first byte on a new connection. */
        FRESH,
        /** The first byte of a further request. */
        IDLE,
        /** The rest of a request line and header section. */
        HEAD,
        /** A request body. */
        BODY,
        /** That the client takes its answer. */
        ANSWER,
        /** That the client has read a last answer and closes; what it still sends is discarded. */
        LINGER,
        /** Nothing: the relay is at work, or the connection is closed. */
        NOTHING
    }

    /**
     * One wait for the client.
     *
     * @param since when its stage began, on the monotonic clock, in nanoseconds
     * @param due when it is late, on the same clock
     */
    record Deadline(Stage stage, long since, long due) {
        boolean late(long now) {
            return stage != Stage.NOTHING && now - due >= 0;
        }
    }

    /** Bytes a second at which a client must take an answer, in addition to the fixed time. */
    static final int SLOWEST_READER = 16 * 1024;

    /** Between a last answer and the close. */
    static final Duration LINGER = Duration.ofSeconds(1);

    private static final Deadline WORKING = new Deadline(Stage.NOTHING, 0, 0);
    private static final Deadline CLOSED = new Deadline(Stage.NOTHING, 0, 0);

    private final AtomicReference<Deadline> current = new AtomicReference<>(WORKING);
    private final Timeouts timeouts;
    private final LongSupplier nanoTime;
    private Deadline stage;

    /** How long the relay still waits for the client to take what it writes, in nanoseconds. */
    private long patience;

    /** A connection that has just been accepted. */
    ReadDeadlines(Timeouts timeouts, LongSupplier nanoTime) {
        this.timeouts = timeouts;
        this.nanoTime = nanoTime;
        this.stage = begin(Stage.FRESH, timeouts.header());
        this.patience = timeouts.body().toNanos();
    }

    /** The stage of the connection's own thread. */
    Stage stage() {
        return stage.stage();
    }

    /** The whole request has been answered. */
    void idle() {
        stage = begin(Stage.IDLE, timeouts.idle());
        patience = timeouts.body().toNanos();
    }

    /** Bytes of a request line have come. A first request's time runs since accept, a later one's from now on. */
    void head() {
        stage = switch (stage.stage()) {
            case FRESH -> new Deadline(Stage.HEAD, stage.since(), stage.due());
            case IDLE -> begin(Stage.HEAD, timeouts.header());
            default -> stage;
        };
    }

    /** The header section is complete. */
    void body() {
        stage = begin(Stage.BODY, timeouts.body());
    }

    /** The last answer is written. */
    void linger() {
        stage = begin(Stage.LINGER, LINGER);
    }

    /**
     * Call before a blocking read.
     *
     * @throws CloseConnectionException if the reaper has closed the connection
     */
    void startRead() {
        start(stage);
    }

    /**
     * Call before a blocking write of so many bytes. The writes of one answer share its time, so that a client cannot
     * take it in pieces, each at the last moment. What an earlier write has left of the time for its size is lost: a
     * stream that has sent much may not stall for longer than another one.
     *
     * @throws CloseConnectionException if the reaper has closed the connection
     */
    void startWrite(long bytes) {
        patience = Math.min(patience, timeouts.body().toNanos()) + TimeUnit.SECONDS.toNanos(1) * bytes / SLOWEST_READER;
        start(begin(Stage.ANSWER, Duration.ofNanos(patience)));
    }

    /**
     * Call after the read or write.
     *
     * @throws CloseConnectionException if the reaper has closed the connection meanwhile
     */
    void done() {
        Deadline mine = current.get();
        if (mine == CLOSED || !current.compareAndSet(mine, WORKING)) {
            throw closed();
        }
        if (mine.stage() == Stage.ANSWER) {
            patience -= nanoTime.getAsLong() - mine.since();
        }
    }

    /** What the client is being waited for at this moment; for any thread. */
    Deadline current() {
        return current.get();
    }

    boolean isClosed() {
        return current.get() == CLOSED;
    }

    /** Ends the wait that the caller has judged; false if it is over already. For any thread. */
    boolean close(Deadline judged) {
        return judged.stage() != Stage.NOTHING && current.compareAndSet(judged, CLOSED);
    }

    private void start(Deadline next) {
        if (!current.compareAndSet(WORKING, next)) {
            throw closed();
        }
    }

    private Deadline begin(Stage next, Duration atMost) {
        long now = nanoTime.getAsLong();
        return new Deadline(next, now, now + atMost.toNanos());
    }

    private static CloseConnectionException closed() {
        return new CloseConnectionException("closed: the client was late, or its room was needed");
    }
}
