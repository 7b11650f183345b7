package dev.harp.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP/1.1 server on a free port that keeps every request and answers as a subclass says, also with bytes that are
 * no response. It reads bodies with a {@code Content-Length} only.
 */
public abstract class FakeServer implements AutoCloseable {
    /** As many as a test opens at once. */
    protected static final int BACKLOG = 4096;

    private static final long PATIENCE_SECONDS = 60;

    private final ServerSocket server;
    private final BlockingQueue<Request> received = new LinkedBlockingQueue<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private final CountDownLatch closing = new CountDownLatch(1);

    /**
     * A request as it was received.
     *
     * @param connection the number of its connection, from 1
     * @param turn its number on that connection, from 1
     * @param lines the request line and the header lines
     * @param content the body as ISO 8859-1: one character for each byte
     */
    public record Request(int connection, int turn, List<String> lines, String content) {
        public String method() {
            return lines.getFirst().split(" ", -1)[0];
        }

        public String target() {
            return lines.getFirst().split(" ", -1)[1];
        }

        /** Method and path, without the query. */
        public String call() {
            return method() + " " + target().replaceFirst("\\?.*", "");
        }

        public boolean has(String line) {
            return lines.contains(line);
        }

        /** The values of all headers with this name. */
        public List<String> headers(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ":";
            return lines.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(line -> line.substring(prefix.length()).strip())
                    .toList();
        }

        /** The header's first value. Fails if there is none. */
        public String header(String name) {
            return headers(name).stream()
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + name + " in " + lines));
        }

        /** The header's first value, or an empty string. */
        public String headerOrEmpty(String name) {
            return headers(name).stream().findFirst().orElse("");
        }

        public byte[] bytes() {
            return content.getBytes(ISO_8859_1);
        }

        public String body() {
            return new String(bytes(), UTF_8);
        }
    }

    /** What becomes of the connection when the bytes of a response have been written. */
    public enum End {
        KEEP,
        CLOSE,
        RESET,
        /** It stays open and silent until this server closes. */
        HANG,
        /** The same bytes again, for as long as the client reads. */
        REPEAT
    }

    /**
     * What to send, which need not be a response.
     *
     * @param bytes ISO 8859-1: one byte for each character
     */
    public record Reply(String bytes, End end) {}

    protected FakeServer() {
        this(listen(InetAddress.getLoopbackAddress()));
    }

    /** Serves this socket, which may be one of TLS. */
    protected FakeServer(ServerSocket server) {
        this.server = server;
    }

    protected static ServerSocket listen(InetAddress address) {
        try {
            return new ServerSocket(0, BACKLOG, address);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Accepts connections from now on. A subclass calls it when it is ready for requests. */
    protected final void start() {
        Thread.ofVirtual().start(this::accept);
    }

    /** Answers a request, on a thread on which it may wait. */
    protected abstract Reply answer(Request request) throws InterruptedException;

    /** A response with this status and body; each header is a line. */
    public static Reply response(int status, String body, String... headers) {
        String content = new String(body.getBytes(UTF_8), ISO_8859_1);
        StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Reason\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        if (status != 204) {
            head.append("Content-Length: ").append(content.length()).append("\r\n");
        }
        return new Reply(head + "\r\n" + content, End.KEEP);
    }

    /** No response, but the end of the connection. */
    public static Reply hangUp() {
        return new Reply("", End.CLOSE);
    }

    /** No response until this server closes. */
    public static Reply silence() {
        return new Reply("", End.HANG);
    }

    public final int port() {
        return server.getLocalPort();
    }

    public final InetAddress address() {
        return server.getInetAddress();
    }

    /** The next request that was not taken; waits for it. */
    public final Request next() throws InterruptedException {
        return Optional.ofNullable(received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .orElseThrow(() -> new AssertionError("no request has come"));
    }

    /** The requests that were not taken, which stay. */
    public final List<Request> received() {
        return List.copyOf(received);
    }

    /** Takes the requests that were not taken. */
    public final List<Request> takeReceived() {
        List<Request> taken = new ArrayList<>();
        received.drainTo(taken);
        return taken;
    }

    /** How many connections are open. */
    public final int openConnections() {
        return sockets.size();
    }

    /** How many requests are being answered. */
    public final int open() {
        return open.get();
    }

    /** How many were answered at once, at most. */
    public final int mostOpen() {
        return mostOpen.get();
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                sockets.add(socket);
                int number = connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(socket, number));
            }
        } catch (IOException closed) {
            // By close().
        }
    }

    private void serve(Socket socket, int number) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            End end = End.KEEP;
            for (int turn = 1; end == End.KEEP; turn++) {
                Optional<Request> request = read(in, number, turn);
                if (request.isEmpty()) {
                    return;
                }
                mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
                try {
                    end = serve(socket, request.get());
                } finally {
                    open.decrementAndGet();
                }
            }
        } catch (IOException gone) {
            // The client has closed, or does not trust the certificate.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            var _ = sockets.remove(socket);
        }
    }

    private End serve(Socket socket, Request request) throws IOException, InterruptedException {
        received.add(request);
        Reply reply = answer(request);
        OutputStream out = socket.getOutputStream();
        do {
            out.write(reply.bytes().getBytes(ISO_8859_1));
            out.flush();
        } while (reply.end() == End.REPEAT);
        if (reply.end() == End.RESET) {
            socket.setSoLinger(true, 0);
        }
        if (reply.end() == End.HANG) {
            closing.await();
        }
        boolean last = request.headerOrEmpty("Connection").equalsIgnoreCase("close");
        return last && reply.end() == End.KEEP ? End.CLOSE : reply.end();
    }

    /** The next request; empty if the client has closed the connection before one. */
    private static Optional<Request> read(InputStream in, int connection, int turn) throws IOException {
        List<String> lines = new ArrayList<>();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != -1; next = in.read()) {
            if (next != '\n') {
                line.write(next);
                continue;
            }
            String text = line.toString(ISO_8859_1).stripTrailing();
            line.reset();
            if (!text.isEmpty()) {
                lines.add(text);
                continue;
            }
            Request head = new Request(connection, turn, List.copyOf(lines), "");
            int length = head.headers("Content-Length").stream()
                    .mapToInt(Integer::parseInt)
                    .findFirst()
                    .orElse(0);
            byte[] content = in.readNBytes(length);
            if (content.length < length) {
                throw new EOFException("closed after " + content.length + " of " + length + " bytes");
            }
            return Optional.of(new Request(connection, turn, head.lines(), new String(content, ISO_8859_1)));
        }
        return Optional.empty();
    }
}
