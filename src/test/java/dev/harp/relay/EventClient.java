package dev.harp.relay;

import dev.harp.testing.HttpAnswer;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A client of one event stream, as the HTML Standard, section 9.2.6, has it, over a socket that it may cut at any byte.
 * Each event is held against {@code openapi.yaml}.
 */
public final class EventClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;
    private final InputStream in;
    private final String target;
    private final List<String> comments = new ArrayList<>();
    private HttpAnswer head = new HttpAnswer(0, List.of(), "");
    private String lastId;
    private String retry = "";
    private long budget = Long.MAX_VALUE;
    private int chunk;
    private boolean over;

    /** An event; {@code id} is what the client would resume with after it. */
    public record Event(String name, String id, String data) {

        JsonObject json() {
            try (var reader = Json.createReader(new StringReader(data))) {
                return reader.readObject();
            }
        }

        String text(String member) {
            return json().getString(member, "");
        }

        @Override
        public String toString() {
            return name + " " + id + " " + (data.length() > 300 ? data.substring(0, 300) + "..." : data);
        }

        /** The request and its state, if it is about one. */
        String fact() {
            return text("request_id") + " " + text("state");
        }
    }

    private EventClient(Socket socket, String target, String lastId) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream()); // most reads here are of one byte
        this.target = target;
        this.lastId = lastId;
    }

    /** Asks for the device's stream from the beginning. */
    static EventClient of(TestRelay relay, TestRelay.Phone phone) {
        return open(relay.port(), "/v1/devices/" + phone.id() + "/events", phone.token(), "");
    }

    /** Asks for a stream, and reads the head of what is answered; an empty id begins anew. */
    static EventClient open(int port, String target, String token, String lastId, String... headers) {
        return open(port, 0, target, token, lastId, headers);
    }

    /** The same with a small receive buffer, for a client that does not read. */
    static EventClient open(
            int port, int receiveBuffer, String target, String token, String lastId, String... headers) {
        try {
            Socket socket = new Socket();
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            EventClient client = new EventClient(socket, target, lastId);
            List<String> all = new ArrayList<>(List.of(headers));
            if (!lastId.isEmpty()) {
                all.add("Last-Event-ID: " + lastId);
            }
            socket.getOutputStream().write(TestRelay.request("GET", target, token, "", all.toArray(String[]::new)));
            client.readHead();
            return client;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void readHead() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = wireLine(); !line.isEmpty(); line = wireLine()) {
            lines.add(line);
        }
        head = new HttpAnswer(Integer.parseInt(lines.getFirst().substring(9, 12)), List.copyOf(lines), "");
        if (head.status() != 200) {
            byte[] body =
                    in.readNBytes(Integer.parseInt(head.header("Content-Length").orElse("0")));
            head = new HttpAnswer(head.status(), head.lines(), new String(body, StandardCharsets.UTF_8));
            over = true;
        }
    }

    /** What was answered; with the body, if it is no stream. */
    HttpAnswer head() {
        return head;
    }

    /** What a next stream is resumed with. */
    String lastId() {
        return lastId;
    }

    /** What the stream has said by now of when to come back. */
    String retry() {
        return retry;
    }

    /** The comments that have come by now; a heartbeat is an empty one. */
    List<String> comments() {
        return comments;
    }

    /** From now on so many bytes more, and then the connection is cut. */
    void cutAfter(long bytes) {
        budget = bytes;
    }

    /** The next event; empty if the stream has ended in order. Fails if the connection has. */
    Optional<Event> next() throws IOException {
        return read(false);
    }

    /** The next event; the stream may not end. */
    Event event() {
        try {
            return next().orElseThrow(() -> new AssertionError("the stream is over: " + comments));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads up to the next comment; no event may come before. */
    String comment() {
        try {
            int before = comments.size();
            Optional<Event> event = read(true);
            if (event.isPresent() || comments.size() == before) {
                throw new AssertionError("no comment, but " + event);
            }
            return comments.getLast();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<Event> read(boolean upToComment) throws IOException {
        String name = "";
        String id = lastId;
        StringBuilder data = new StringBuilder();
        while (true) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("the test's time is over, and nothing but signs of life comes");
            }
            Optional<String> line = line();
            if (line.isEmpty()) {
                return Optional.empty();
            }
            String text = line.get();
            if (text.isEmpty()) {
                lastId = id;
                if (!data.isEmpty()) {
                    Event event = new Event(name, id, data.toString());
                    OpenApiCheck.API.checkEvent(target, event);
                    return Optional.of(event);
                }
                if (upToComment && !comments.isEmpty()) {
                    return Optional.empty();
                }
                name = "";
                continue;
            }
            int colon = text.indexOf(':');
            String value = text.substring(colon + 1);
            switch (text.substring(0, colon)) {
                case "" -> comments.add(value.strip());
                case "event" -> name = value.strip();
                case "id" -> id = value.strip();
                case "data" -> data.append(value.strip());
                case "retry" -> retry = value.strip();
                default -> throw new AssertionError("no such field: " + text);
            }
        }
    }

    /** A line of the stream; empty if that has ended in order. */
    private Optional<String> line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            if (chunk == 0) {
                if (over) {
                    return Optional.empty();
                }
                chunk = Integer.parseInt(wireLine(), 16);
                if (chunk == 0) {
                    wireLine();
                    over = true;
                    if (line.size() > 0) {
                        throw new EOFException("the stream ends within a line");
                    }
                    return Optional.empty();
                }
            }
            int next = read();
            if (--chunk == 0) {
                wireLine();
            }
            if (next == '\n') {
                return Optional.of(line.toString(StandardCharsets.UTF_8));
            }
            line.write(next);
        }
    }

    private String wireLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = read(); next != '\n'; next = read()) {
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private int read() throws IOException {
        if (budget-- <= 0) {
            close();
            throw new EOFException("cut");
        }
        int next = in.read();
        if (next == -1) {
            throw new EOFException("closed");
        }
        return next;
    }

    /** Whether the relay has closed the connection behind the stream's end. */
    boolean isClosedByServer() throws IOException {
        return in.read() == -1;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
