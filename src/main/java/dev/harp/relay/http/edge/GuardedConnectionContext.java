package dev.harp.relay.http.edge;

import dev.harp.relay.http.edge.ReadDeadlines.Stage;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
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
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.ServerConnectionException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.BooleanSupplier;

/**
 * One connection as Helidon's HTTP/1.1 code sees it, with every blocking read and write passing through here.
 *
 * <p>All of it belongs to the connection's own thread. Besides the {@link ReadDeadlines} it keeps three facts about the
 * request in hand: whether the connection ends with it, whether more of its body may still come, and whether a
 * {@code 100 Continue} is owed. A client that was never told to continue may send its body or not; nobody can tell, so
 * that connection ends with the answer (RFC 9110, section 10.1.1).
 */
final class GuardedConnectionContext implements ConnectionContext {
    /** Helidon 4.5 lets a header line through that begins with its colon. */
    private static final HeaderName NO_NAME = HeaderNames.create("");

    /** Bytes of what a client still sends after its last answer that are read and thrown away. */
    private static final int LINGER_BYTES = 256 * 1024;

    private final ConnectionContext helidon;
    private final HelidonSocket socket;
    private final PeerInfo remotePeer;
    private final ReadDeadlines clock;
    private final BooleanSupplier closeAll;
    private final long mostOnWire;
    private final DataReader reader;
    private final DataWriter writer;

    private boolean broken;
    private boolean lastRequest;
    private boolean owesContinue;
    private RawBody body = RawBody.NONE;
    private byte[] lastRead = {};

    /**
     * @param closeAll whether answers are to end their connections at present
     * @param mostOnWire bytes, framing included, that a chunked body may have
     */
    GuardedConnectionContext(
            ConnectionContext helidon, ReadDeadlines clock, BooleanSupplier closeAll, long mostOnWire) {
        this.helidon = helidon;
        this.socket = helidon.serverSocket();
        this.remotePeer = FixedPeer.of(helidon.remotePeer());
        this.clock = clock;
        this.closeAll = closeAll;
        this.mostOnWire = mostOnWire;
        this.reader = DataReader.create(this::receive);
        this.writer = new GuardedWriter(helidon.dataWriter());
    }

    /**
     * The header section of a request is complete.
     *
     * @throws RequestException 417 for an expectation other than {@code 100-continue}, 400 for a field without a name and for chunks that are none
     */
    void headComplete(Headers headers) {
        clock.body();
        lastRequest = headers.containsToken(HeaderValues.CONNECTION_CLOSE);
        body = RawBody.of(headers);
        body.add(lastRead, reader.available());
        if (headers.contains(NO_NAME) || body.broken()) {
            throw malformed();
        }
        owesContinue = false;
        if (headers.contains(HeaderNames.EXPECT)) {
            if (!headers.get(HeaderNames.EXPECT).values().equalsIgnoreCase("100-continue")) {
                throw RequestException.builder()
                        .type(EventType.OTHER)
                        .status(Status.EXPECTATION_FAILED_417)
                        .setKeepAlive(false)
                        .build();
            }
            owesContinue = body.announced();
        }
    }

    /**
     * The header section of an answer is about to be written: the last chance to say that the connection ends with it.
     */
    void answering(Headers headers) {
        if ((owesContinue || closeAll.getAsBoolean()) && headers instanceof WritableHeaders<?> writable) {
            writable.set(HeaderValues.CONNECTION_CLOSE);
        }
        lastRequest |= headers.containsToken(HeaderValues.CONNECTION_CLOSE);
    }

    /**
     * A request is over: answered, and its body read or drained.
     *
     * @throws CloseConnectionException if either side has asked for the end of the connection, which Helidon itself
     *     does not act upon (helidon#12324)
     */
    void requestComplete() {
        if (lastRequest) {
            throw new CloseConnectionException("Connection: close");
        }
        clock.idle();
    }

    /**
     * Waits, within narrow bounds, until the client has read its last answer, if bytes of its request may still be on
     * their way: closing over unread bytes sends a reset, and that can destroy the answer (RFC 9112, section 9.6).
     */
    void linger() {
        if (broken || clock.isClosed() || !moreMayCome()) {
            return;
        }
        clock.linger();
        try {
            for (long left = LINGER_BYTES; left > 0; ) {
                left -= receive().length;
            }
        } catch (CloseConnectionException ended) {
            // by either side: just what was waited for
        }
    }

    private boolean moreMayCome() {
        return switch (clock.stage()) {
            case HEAD -> true;
            case BODY -> body.mayGoOn();
            default -> false;
        };
    }

    private byte[] receive() {
        if (clock.stage() == Stage.IDLE && reader.available() > 0) {
            clock.head();
        }
        clock.toSend();
        byte[] bytes;
        try {
            bytes = socket.get();
        } catch (UncheckedIOException e) {
            broken = true;
            throw new ServerConnectionException("cannot read from the client", e);
        }
        clock.done();
        if (bytes == null) {
            broken = true;
            throw new CloseConnectionException("the client has closed");
        }
        clock.head();
        lastRead = bytes;
        body.add(bytes, bytes.length);
        if (clock.stage() == Stage.BODY && body.broken()) {
            throw malformed();
        }
        if (clock.stage() == Stage.BODY && body.exceeds(mostOnWire)) {
            throw RequestException.builder()
                    .type(EventType.PAYLOAD_TOO_LARGE)
                    .setKeepAlive(false)
                    .build();
        }
        return bytes;
    }

    private static RequestException malformed() {
        return RequestException.builder()
                .type(EventType.BAD_REQUEST)
                .setKeepAlive(false)
                .build();
    }

    /** Closes the socket under the connection's thread; for the reaper, after it has won the turn. */
    void closeSocket() {
        try {
            socket.close();
        } catch (UncheckedIOException e) {
            // closed already
        }
    }

    @Override
    public DataReader dataReader() {
        return reader;
    }

    @Override
    public DataWriter dataWriter() {
        return writer;
    }

    @Override
    public PeerInfo remotePeer() {
        return remotePeer;
    }

    @Override
    public PeerInfo localPeer() {
        return helidon.localPeer();
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
    public Optional<ProxyProtocolData> proxyProtocolData() {
        return helidon.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
        return socket;
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

    private final class GuardedWriter implements DataWriter {
        private final DataWriter out;

        GuardedWriter(DataWriter out) {
            this.out = out;
        }

        @Override
        public void write(BufferData buffer) {
            clock.toTake(buffer.available());
            try {
                out.write(buffer);
            } catch (RuntimeException e) {
                broken = true;
                throw e;
            }
            clock.done();
        }

        @Override
        public void write(BufferData... buffers) {
            write(BufferData.create(buffers));
        }

        /** Helidon sends nothing but {@code 100 Continue} this way. */
        @Override
        public void writeNow(BufferData buffer) {
            owesContinue = false;
            write(buffer);
        }

        @Override
        public void writeNow(BufferData... buffers) {
            writeNow(BufferData.create(buffers));
        }

        @Override
        public void flush() {
            out.flush();
        }

        @Override
        public void close() {
            out.close();
        }
    }
}
