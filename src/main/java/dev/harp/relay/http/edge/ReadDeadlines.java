package dev.harp.relay.http.edge;

import io.helidon.webserver.CloseConnectionException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * Whose turn it is on one connection, and how long the client may take over it.
 *
 * <p>The connection's own thread moves through the stages; a deadline belongs to a stage and is set once, on entering
 * it, so that a byte a second does not buy more time. Only while that thread really waits for the client, inside one
 * read or one write, does a {@link Turn} stand in {@link #turn}: a handler that is parked in a long poll has none, and
 * so no deadline.
 *
 * <p>The reaper looks at the turn from outside. It may close the socket only by swapping the very turn that it has
 * judged for {@link #CLOSED}, and the connection's thread comes back from a read or write only by swapping its turn for
 * {@link #RELAY}. One of the two wins: a connection is never closed as idle while the request that has just arrived on
 * it is carried out.
 */
@SuppressWarnings("ReferenceEquality") // a turn is that very one, as compareAndSet sees it
final class ReadDeadlines {
    /** What the client is being waited for. */
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
        /** That the client has read a last answer and closes; what it still sends is thrown away. */
        LINGER,
        /** Nothing: the relay is at work, or the connection is closed. */
        NOTHING
    }

    /**
     * One wait for the client.
     *
     * @param since when its stage began, in nanoseconds of the ticker
     * @param due when it is late, in nanoseconds of the ticker
     */
    record Turn(Stage stage, long since, long due) {
        boolean late(long now) {
            return stage != Stage.NOTHING && now - due >= 0;
        }
    }

    /** Bytes a second that a client must take at least of an answer, on top of the fixed time. */
    static final int SLOWEST_READER = 16 * 1024;

    /** Between a last answer and the close, so that the reset that unread bytes cause does not destroy the answer. */
    static final Duration LINGER = Duration.ofSeconds(1);

    private static final Turn RELAY = new Turn(Stage.NOTHING, 0, 0);
    private static final Turn CLOSED = new Turn(Stage.NOTHING, 0, 0);

    private final AtomicReference<Turn> turn = new AtomicReference<>(RELAY);
    private final Timeouts timeouts;
    private final LongSupplier nanoTime;
    private Turn stage;

    /** A connection that has just been accepted. */
    ReadDeadlines(Timeouts timeouts, LongSupplier nanoTime) {
        this.timeouts = timeouts;
        this.nanoTime = nanoTime;
        this.stage = begin(Stage.FRESH, timeouts.header());
    }

    /** The stage of the connection's own thread. */
    Stage stage() {
        return stage.stage();
    }

    /** The whole request has been answered. */
    void idle() {
        stage = begin(Stage.IDLE, timeouts.idle());
    }

    /**
     * Bytes of a request line have come: the time of a first one runs since accept, that of a later one from now on.
     */
    void head() {
        stage = switch (stage.stage()) {
            case FRESH -> new Turn(Stage.HEAD, stage.since(), stage.due());
            case IDLE -> begin(Stage.HEAD, timeouts.header());
            default -> stage;
        };
    }

    /** The header section is complete. */
    void body() {
        stage = begin(Stage.BODY, timeouts.body());
    }

    /** The last answer is out. */
    void linger() {
        stage = begin(Stage.LINGER, LINGER);
    }

    /**
     * The client's turn to send: call before a blocking read.
     *
     * @throws CloseConnectionException if the reaper has closed the connection
     */
    void toSend() {
        pass(stage);
    }

    /**
     * The client's turn to take {@code bytes} of an answer: call before a blocking write.
     *
     * @throws CloseConnectionException if the reaper has closed the connection
     */
    void toTake(long bytes) {
        pass(begin(Stage.ANSWER, timeouts.body().plusMillis(1000 * bytes / SLOWEST_READER)));
    }

    /**
     * The relay's turn again.
     *
     * @throws CloseConnectionException if the reaper has closed the connection meanwhile
     */
    void done() {
        Turn mine = turn.get();
        if (mine == CLOSED || !turn.compareAndSet(mine, RELAY)) {
            throw closed();
        }
    }

    /** What the client is being waited for at this moment; for any thread. */
    Turn turn() {
        return turn.get();
    }

    boolean isClosed() {
        return turn.get() == CLOSED;
    }

    /** Ends the turn that the caller has judged; false if it is over already. For any thread. */
    boolean close(Turn judged) {
        return judged.stage() != Stage.NOTHING && turn.compareAndSet(judged, CLOSED);
    }

    private void pass(Turn next) {
        if (!turn.compareAndSet(RELAY, next)) {
            throw closed();
        }
    }

    private Turn begin(Stage next, Duration atMost) {
        long now = nanoTime.getAsLong();
        return new Turn(next, now, now + atMost.toNanos());
    }

    private static CloseConnectionException closed() {
        return new CloseConnectionException("closed: the client was late, or its room was needed");
    }
}
