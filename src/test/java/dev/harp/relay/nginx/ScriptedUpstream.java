package dev.harp.relay.nginx;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Stands where the relay would, keeps what nginx sends to it, and answers 200 or closes without an answer. */
final class ScriptedUpstream implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile Predicate<Received> hangsUp = _ -> false;

    /**
     * A request as it came.
     *
     * @param connection which connection it came on, from 1
     * @param turn which request on that connection it was, from 1
     * @param lines request line and header lines
     * @param body as long as {@code Content-Length} says
     */
    record Received(int connection, int turn, List<String> lines, String body) {

        /** The values of all header lines of this name. */
        List<String> header(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ":";
            return lines.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(line -> line.substring(prefix.length()).strip())
                    .toList();
        }
    }

    ScriptedUpstream() throws IOException {
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /** From now on the connection of a request that this is true for is closed without an answer. */
    void hangUpOn(Predicate<Received> requests) {
        hangsUp = requests;
    }

    /** What has come since the last call, in order. */
    List<Received> takeReceived() {
        List<Received> taken = List.copyOf(received);
        received.removeAll(taken);
        return taken;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void accept() {
        try {
            while (!server.isClosed()) {
                Socket socket = server.accept();
                int number = connections.incrementAndGet();
                Thread.ofVirtual().start(() -> serve(socket, number));
            }
        } catch (IOException closed) {
            // The end.
        }
    }

    private void serve(Socket socket, int number) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (int turn = 1; ; turn++) {
                List<String> lines = head(in);
                if (lines.isEmpty()) {
                    return;
                }
                Received head = new Received(number, turn, lines, "");
                List<String> length = head.header("Content-Length");
                int bytes = length.isEmpty() ? 0 : Integer.parseInt(length.getFirst());
                Received request = new Received(number, turn, lines, new String(in.readNBytes(bytes), ISO_8859_1));
                received.add(request);
                if (hangsUp.test(request)) {
                    return;
                }
                socket.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".getBytes(ISO_8859_1));
            }
        } catch (IOException e) {
            if (!server.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The lines up to an empty one; none at all if the connection ended instead. */
    private static List<String> head(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != -1; b = in.read()) {
            if (b != '\n') {
                line.write(b);
                continue;
            }
            String text = line.toString(ISO_8859_1).stripTrailing();
            line.reset();
            if (text.isEmpty()) {
                return lines;
            }
            lines.add(text);
        }
        return List.of();
    }
}
