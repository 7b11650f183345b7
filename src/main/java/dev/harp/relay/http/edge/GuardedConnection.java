package dev.harp.relay.http.edge;

import dev.harp.relay.http.edge.ReadDeadlines.Deadline;
import dev.harp.relay.http.edge.ReadDeadlines.Stage;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.task.InterruptableTask;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection under the guard, from its first read to its end. Every blocking read and write of Helidon's HTTP/1.1
 * code passes through it.
 *
 * <p>Its state belongs to the connection's own thread. Besides the {@link ReadDeadlines} it keeps three facts about the
 * current request: whether the connection ends with it, whether more of its body may come, and whether a {@code 100
 * Continue} is owed. A client that was never told to continue may send its body or not, and nobody can tell which; so
 * that connection ends with the answer (RFC 9110, section 10.1.1).
 *
 * <p>It guards against these defects of Helidon 4.5: {@code Connection: close} does not close (helidon#12324); a slow
 * request has no deadline, and {@code read-timeout} has no effect on a server; a header line may start with its colon;
 * unknown expectations are ignored; malformed chunks are accepted (see {@link RawBody}); a close over unread bytes
 * resets the connection and can destroy the answer; the peer of a closed socket cannot be asked for.
 */
final class GuardedConnection extends ForwardingContext implements ServerConnection, InterruptableTask<Void> {
    private static final HeaderName NO_NAME = HeaderNames.create("");
    private static final Status TOO_LARGE = Status.create(431);

    /** The connection that the thread serves. */
    private static final ScopedValue<GuardedConnection> CURRENT = ScopedValue.newInstance();

    /** Bytes that are still read, and discarded, after a last answer. */
    private static final int LINGER_BYTES = 256 * 1024;

    private final ConnectionGuard guard;
    private final HelidonSocket socket;
    private final ReadDeadlines deadlines;
    private final BooleanSupplier closeAll;
    private final long mostOnWire;
    private final DataReader reader;
    private final DataWriter writer;
    private final ServerConnection http1;
    private final Head head;

    /** The connection's next read, which is done in advance while a call waits. */
    private Optional<FutureTask<byte[]>> ahead = Optional.empty();

    private boolean broken;
    private boolean lastRequest;
    private boolean owesContinue;
    private RawBody body = RawBody.NONE;

    /**
     * @param closeAll whether answers are to end their connections at present
     * @param mostOnWire bytes, framing included, that a chunked body may have
     * @param http1 makes Helidon's part of the connection
     */
    GuardedConnection(
            ConnectionGuard guard,
            ConnectionContext helidon,
            ReadDeadlines deadlines,
            BooleanSupplier closeAll,
            long mostOnWire,
            ServerConnectionSelector http1) {
        super(helidon);
        this.guard = guard;
        this.socket = helidon.serverSocket();
        this.deadlines = deadlines;
        this.closeAll = closeAll;
        this.mostOnWire = mostOnWire;
        this.reader = DataReader.create(this::receive);
        this.writer =
                new GuardedWriter(helidon.dataWriter(), deadlines, () -> broken = true, () -> owesContinue = false);
        this.http1 = http1.connection(this);
        this.head = new Head(guard, ((InetSocketAddress) remotePeer().address()).getAddress());
    }

    @Override
    public void handle(Limit unlimited) throws InterruptedException {
        guard.opened(this);
        try {
            ScopedValue.where(CURRENT, this).<@Nullable Void, InterruptedException>call(this::serve);
        } finally {
            head.ended();
            guard.closed(this);
        }
    }

    private @Nullable Void serve() throws InterruptedException {
        try {
            http1.handle(new RequestEnd(this::requestComplete));
            linger();
        } catch (CloseConnectionException e) {
            linger();
            throw e;
        }
        return null;
    }

    /**
     * Runs {@code gone} if the client of the call that this thread carries out ends the connection, or its sending
     * half. To notice that, the connection's next read is done now, on a thread of its own, and {@link #receive} takes
     * its result later. A client that has sent its next request already is not watched any longer.
     */
    static void watchClient(Runnable gone) {
        if (CURRENT.isBound()) {
            CURRENT.get().readAhead(gone);
        }
    }

    /** How many bytes the header section has of the request that this thread carries out; 0 without one. */
    static int headBytes() {
        return CURRENT.isBound() ? CURRENT.get().head.bytes() : 0;
    }

    private void readAhead(Runnable gone) {
        if (ahead.isPresent()) {
            return;
        }
        FutureTask<byte[]> next = new FutureTask<>(socket::get);
        ahead = Optional.of(next);
        Thread.startVirtualThread(() -> {
            next.run();
            if (next.state() != Future.State.SUCCESS || next.resultNow() == null) {
                gone.run();
            }
        });
    }

    /** The next bytes; null at the end of what the client sends. */
    private byte @Nullable [] read() {
        FutureTask<byte[]> next = ahead.orElse(null);
        if (next == null) {
            return socket.get();
        }
        ahead = Optional.empty();
        try {
            return next.get();
        } catch (ExecutionException e) {
            throw new UncheckedIOException(new IOException(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new InterruptedIOException());
        }
    }

    /** What the client is being waited for; for any thread. */
    Deadline deadline() {
        return deadlines.current();
    }

    /** Whether the reaper has closed it, and only its thread has not noticed yet. */
    boolean isClosed() {
        return deadlines.isClosed();
    }

    /** Closes the socket if the judged deadline still stands. */
    boolean close(Deadline judged) {
        if (!deadlines.close(judged)) {
            return false;
        }
        try {
            socket.close();
        } catch (UncheckedIOException e) {
            // closed already
        }
        return true;
    }

    /**
     * The header section of a request is complete.
     *
     * @throws RequestException 417 for an expectation other than {@code 100-continue}; 400 for a field without a name
     *     and for malformed chunks; 431 for too many fields
     */
    void headComplete(Headers headers) {
        deadlines.body();
        head.complete(reader.available());
        refuseHead();
        lastRequest = announcesEnd(headers);
        body = RawBody.of(headers);
        body.add(head.lastRead(), reader.available());
        if (headers.contains(NO_NAME) || body.broken()) {
            throw refused(EventType.BAD_REQUEST, Status.BAD_REQUEST_400);
        }
        owesContinue = false;
        if (headers.contains(HeaderNames.EXPECT)) {
            if (!headers.get(HeaderNames.EXPECT).values().equalsIgnoreCase("100-continue")) {
                throw refused(EventType.OTHER, Status.EXPECTATION_FAILED_417);
            }
            owesContinue = body.announced();
        }
    }

    /**
     * The header section of an answer is about to be written: the last chance to announce the end of the connection.
     */
    void answering(Headers headers) {
        if ((owesContinue || closeAll.getAsBoolean()) && headers instanceof WritableHeaders<?> writable) {
            writable.set(HeaderValues.CONNECTION_CLOSE);
        }
        lastRequest |= announcesEnd(headers);
    }

    /** Helidon splits the values into tokens even where there are none, which most messages have. */
    private static boolean announcesEnd(Headers headers) {
        return headers.contains(HeaderNames.CONNECTION) && headers.containsToken(HeaderValues.CONNECTION_CLOSE);
    }

    private void requestComplete() {
        if (lastRequest) {
            throw new CloseConnectionException("Connection: close");
        }
        deadlines.idle();
        if (reader.available() >= Head.EMPTY_LINE && reader.startsWithNewLine()) {
            reader.skip(Head.EMPTY_LINE);
        }
        head.begin(reader.available());
    }

    /**
     * Waits, within narrow bounds, until the client has read its last answer, if bytes of its request may still be on
     * their way: a close over unread bytes sends a reset, which can destroy the answer (RFC 9112, section 9.6).
     */
    private void linger() {
        if (broken || isClosed() || !moreMayCome()) {
            return;
        }
        deadlines.linger();
        try {
            for (long left = LINGER_BYTES; left > 0; ) {
                left -= receive().length;
            }
        } catch (CloseConnectionException ended) {
            // by either side, as intended
        }
    }

    private boolean moreMayCome() {
        return switch (deadlines.stage()) {
            case HEAD -> true;
            case BODY -> body.isIncomplete();
            default -> false;
        };
    }

    private byte[] receive() {
        // Also before: Helidon reads a refused body on when it closes it, and would wait for the client until the
        // deadline.
        refuseBody();
        if (deadlines.stage() == Stage.IDLE && reader.available() > 0) {
            deadlines.head();
        }
        if (deadlines.stage() == Stage.HEAD && !head.mayBeUnfinished()) {
            broken = true; // not worth waiting until the client has read that nothing was answered
            throw new CloseConnectionException("too many header sections are unfinished");
        }
        byte[] bytes = next();
        if (mayBegin()) {
            bytes = Head.withoutEmptyLine(bytes);
            bytes = bytes.length == 0 ? next() : bytes;
        }
        deadlines.head();
        if (deadlines.stage() == Stage.HEAD) {
            head.add(bytes);
            refuseHead();
        } else {
            head.pass(bytes);
        }
        body.add(bytes, bytes.length);
        refuseBody();
        return bytes;
    }

    /** Whether a request has not begun. */
    private boolean mayBegin() {
        return (deadlines.stage() == Stage.FRESH || deadlines.stage() == Stage.IDLE) && reader.available() == 0;
    }

    /** Waits for the next bytes until the deadline of the stage. */
    private byte[] next() {
        deadlines.startRead();
        byte @Nullable [] bytes;
        try {
            bytes = read();
        } catch (UncheckedIOException e) {
            broken = true;
            throw new ServerConnectionException("cannot read from the client", e);
        }
        deadlines.done();
        if (bytes == null) {
            broken = true;
            throw new CloseConnectionException("the client has closed");
        }
        return bytes;
    }

    /** Throws if the header section has too many fields, or comes in too many pieces. */
    private void refuseHead() {
        if (head.isTooLarge()) {
            throw refused(EventType.BAD_REQUEST, TOO_LARGE);
        }
    }

    /** Throws if the body that is being read is malformed or too long. */
    private void refuseBody() {
        if (deadlines.stage() == Stage.BODY && body.broken()) {
            throw refused(EventType.BAD_REQUEST, Status.BAD_REQUEST_400);
        }
        if (deadlines.stage() == Stage.BODY && body.exceeds(mostOnWire)) {
            throw refused(EventType.PAYLOAD_TOO_LARGE, Status.REQUEST_ENTITY_TOO_LARGE_413);
        }
    }

    private static RequestException refused(EventType type, Status status) {
        return RequestException.builder()
                .type(type)
                .status(status)
                .setKeepAlive(false)
                .build();
    }

    @Override
    public Duration idleTime() {
        return Duration.ZERO; // the guard closes idle connections; Helidon's timer looks every two minutes only
    }

    @Override
    public void close(boolean interrupt) {
        http1.close(interrupt);
    }

    @Override
    public boolean canInterrupt() {
        return http1 instanceof InterruptableTask<?> task && task.canInterrupt();
    }

    @Override
    public DataReader dataReader() {
        return reader;
    }

    @Override
    public DataWriter dataWriter() {
        return writer;
    }
}
