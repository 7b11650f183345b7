package dev.harp.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

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
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** A proxy in front of a server on the loopback address that passes on all that comes, except for what it is told. */
public final class FaultyProxy implements AutoCloseable {
    private final int target;
    private final Faults faults;
    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    /**
     * What it does otherwise. A head is the first line of a message and its header lines.
     *
     * @param refuse the bytes of an answer in the place of the server's
     * @param request changes the head of a request
     * @param answer changes the head of the answer to a request
     * @param holds whether it keeps an answer until the answer ends
     * @param body changes each part of an answer's body, which must keep its length
     */
    public record Faults(
            Function<String, Optional<String>> refuse,
            UnaryOperator<List<String>> request,
            BiFunction<String, List<String>, List<String>> answer,
            Predicate<String> holds,
            UnaryOperator<String> body) {
        /** It passes on everything. */
        public static final Faults NONE =
                new Faults(_ -> Optional.empty(), lines -> lines, (_, lines) -> lines, _ -> false, body -> body);

        /** Answers requests whose first line matches by these bytes; by none, the connection ends. */
        public Faults refusing(String form, String bytes) {
            return new Faults(
                    line -> line.matches(form) ? Optional.of(bytes) : refuse.apply(line), request, answer, holds, body);
        }

        public Faults requesting(UnaryOperator<List<String>> change) {
            return new Faults(refuse, change, answer, holds, body);
        }

        public Faults answering(BiFunction<String, List<String>, List<String>> change) {
            return new Faults(refuse, request, change, holds, body);
        }

        /** Adds a line to the head of each answer. */
        public Faults adding(String line) {
            return answering((_, lines) -> {
                List<String> more = new ArrayList<>(lines);
                more.add(line);
                return more;
            });
        }

        /** Drops the header lines of this name of requests. */
        public Faults dropping(String name) {
            return requesting(lines -> without(lines, name));
        }

        /** Drops the header lines of this name of answers. */
        public Faults hiding(String name) {
            return answering((_, lines) -> without(lines, name));
        }

        public Faults holding(String form) {
            return new Faults(refuse, request, answer, line -> line.matches(form), body);
        }

        public Faults rewriting(UnaryOperator<String> change) {
            return new Faults(refuse, request, answer, holds, change);
        }

        private static List<String> without(List<String> lines, String name) {
            String start = name.toLowerCase(Locale.ROOT) + ":";
            return lines.stream()
                    .filter(line -> !line.toLowerCase(Locale.ROOT).startsWith(start))
                    .toList();
        }
    }

    /** An answer of the proxy's own. */
    public static String page(int status) {
        String text = "<h1>" + status + "</h1>";
        return "HTTP/1.1 " + status + " Reason\r\nContent-Type: text/html\r\nContent-Length: " + text.length()
                + "\r\n\r\n" + text;
    }

    public FaultyProxy(int target, Faults faults) throws IOException {
        this.target = target;
        this.faults = faults;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    public String url() {
        return "http://127.0.0.1:" + server.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                sockets.add(client);
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException closed) {
            // By close().
        }
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = new BufferedInputStream(client.getInputStream());
            List<String> head = head(in);
            while (!head.isEmpty() && exchange(head, in, client.getOutputStream())) {
                head = head(in);
            }
        } catch (IOException | UncheckedIOException gone) {
            // One of the two ends is gone, and so is the other.
        } finally {
            sockets.remove(client);
        }
    }

    /** Whether another exchange may follow. */
    private boolean exchange(List<String> head, InputStream in, OutputStream out) throws IOException {
        String first = head.getFirst();
        byte[] body = in.readNBytes(length(head).orElse(0));
        Optional<String> own = faults.refuse().apply(first);
        if (own.isPresent()) {
            out.write(own.get().getBytes(ISO_8859_1));
            return !own.get().isEmpty();
        }
        try (Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
            sockets.add(server);
            List<String> request = new ArrayList<>(Faults.without(head, "X-Forwarded-For"));
            request.add("X-Forwarded-For: 127.0.0.1");
            server.getOutputStream().write(bytes(faults.request().apply(request)));
            server.getOutputStream().write(body);
            OutputStream to = faults.holds().test(first) ? new ByteArrayOutputStream() : out;
            copy(first, new BufferedInputStream(server.getInputStream()), to);
            if (to instanceof ByteArrayOutputStream held) {
                held.writeTo(out);
            }
            sockets.remove(server);
        }
        return true;
    }

    private void copy(String request, InputStream from, OutputStream to) throws IOException {
        List<String> head = head(from);
        if (head.isEmpty()) {
            throw new EOFException();
        }
        to.write(bytes(faults.answer().apply(request, head)));
        Optional<Integer> length = length(head);
        if (length.isPresent()) {
            to.write(changed(from.readNBytes(length.get())));
        } else if (head.contains("Transfer-Encoding: chunked")) {
            for (int size = -1; size != 0; ) {
                String line = line(from);
                size = Integer.parseInt(line, 16);
                to.write((line + "\r\n").getBytes(ISO_8859_1));
                to.write(changed(from.readNBytes(size)));
                to.write((line(from) + "\r\n").getBytes(ISO_8859_1));
            }
        }
    }

    private byte[] changed(byte[] part) {
        return faults.body().apply(new String(part, ISO_8859_1)).getBytes(ISO_8859_1);
    }

    private static Optional<Integer> length(List<String> head) {
        return head.stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
                .map(line -> Integer.parseInt(
                        line.substring("content-length:".length()).strip()))
                .findFirst();
    }

    private static byte[] bytes(List<String> head) {
        return (String.join("\r\n", head) + "\r\n\r\n").getBytes(ISO_8859_1);
    }

    /** The lines up to the empty one; none if the connection has ended. */
    private static List<String> head(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            lines.add(line);
        }
        return lines;
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n' && next != -1; next = in.read()) {
            line.write(next);
        }
        return line.toString(ISO_8859_1).stripTrailing();
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
