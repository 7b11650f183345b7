package dev.harp.relay.doctor;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.harp.relay.outbound.TargetUrl;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * A server that answers as a relay does, except for the calls for which a test sets other bytes, incomplete or none.
 */
final class StandIn implements AutoCloseable {
    static final String ID = "pair_0123456789ab";
    static final String TOKEN = "hpt_" + "T".repeat(43);

    private final ServerSocket server;
    private final Map<String, Function<Got, Reply>> answers = new ConcurrentHashMap<>();
    private final List<Got> received = new CopyOnWriteArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    /** A request as it came. */
    record Got(List<String> lines, String body) {
        String call() {
            String[] words = lines.getFirst().split(" ", -1);
            return words[0] + " " + words[1].replaceFirst("\\?.*", "");
        }

        boolean has(String line) {
            return lines.contains(line);
        }
    }

    /**
     * What is written.
     *
     * @param bytes one byte a character
     * @param end what becomes of the connection then
     */
    record Reply(String bytes, End end) {}

    enum End {
        KEEP,
        CLOSE,
        RESET,
        HANG,
        /** The same bytes again, for as long as somebody reads. */
        REPEAT
    }

    StandIn(long time, String version) throws IOException {
        this(time, version, InetAddress.getLoopbackAddress());
    }

    StandIn(long time, String version, InetAddress address) throws IOException {
        server = new ServerSocket(0, 50, address);
        on("GET /health", json(200, "{\"status\":\"ok\"}"));
        on("GET /openapi.yaml", reply(200, "application/yaml", "openapi: 3.1.0\ninfo:\n  version: " + version + "\n"));
        on("GET /v1/doctor/looks-for-what-is-not-there", problem(404, "not_found"));
        on("GET /v1/about", about(time, "127.0.0.1", "none"));
        on(
                "POST /v1/pairs",
                json(201, "{\"pair_id\":\"" + ID + "\",\"platform_token\":\"" + TOKEN + "\",\"status\":\"pending\"}"));
        on("GET /v1/pairs/" + ID, json(200, "{\"status\":\"pending\"}"));
        on("DELETE /v1/pairs/" + ID, new Reply("HTTP/1.1 204 No Content\r\n\r\n", End.KEEP));
        Thread.ofVirtual().start(this::accept);
    }

    static Reply reply(int status, String type, String body) {
        return new Reply(
                "HTTP/1.1 " + status + " Some Words\r\nContent-Type: " + type + "\r\nContent-Length: " + body.length()
                        + "\r\n\r\n" + body,
                End.KEEP);
    }

    static Reply json(int status, String body) {
        return reply(status, "application/json", body);
    }

    static Reply page(int status) {
        return reply(status, "text/html", "<h1>" + status + "</h1>");
    }

    static Reply problem(int status, String code) {
        return reply(status, "application/problem+json", "{\"code\":\"" + code + "\"}");
    }

    static Reply about(long time, String client, String forwarded) {
        return json(
                200,
                "{\"time\":" + time + ",\"client_address\":\"" + client + "\",\"forwarded\":\"" + forwarded + "\"}");
    }

    StandIn on(String call, Reply reply) {
        return on(call, _ -> reply);
    }

    StandIn on(String call, Function<Got, Reply> answer) {
        answers.put(call, answer);
        return this;
    }

    List<String> calls() {
        return received.stream().map(Got::call).toList();
    }

    List<Got> received() {
        return received;
    }

    TargetUrl target() {
        return Doctor.target("http://" + server.getInetAddress().getHostAddress() + ":" + server.getLocalPort())
                .orElseThrow();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }

    private void accept() {
        try {
            while (!server.isClosed()) {
                Socket socket = server.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // The end.
        }
    }

    private void serve(Socket socket) {
        End end = End.CLOSE;
        try {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            do {
                Got got = read(in);
                received.add(got);
                Reply reply = answers.getOrDefault(got.call(), _ -> page(404)).apply(got);
                end = reply.end();
                OutputStream out = socket.getOutputStream();
                do {
                    out.write(reply.bytes().getBytes(ISO_8859_1));
                } while (end == End.REPEAT);
            } while (end == End.KEEP);
        } catch (IOException e) {
            // The client has gone.
        }
        try {
            if (end == End.RESET) {
                socket.setSoLinger(true, 0);
            }
            if (end != End.HANG) {
                socket.close();
            }
        } catch (IOException e) {
            // It is gone, then.
        }
    }

    private static Got read(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); ; b = in.read()) {
            if (b == -1) {
                throw new IOException("the client has gone");
            }
            if (b != '\n') {
                line.write(b);
                continue;
            }
            String text = line.toString(ISO_8859_1).stripTrailing();
            line.reset();
            if (!text.isEmpty()) {
                lines.add(text);
                continue;
            }
            int length = lines.stream()
                    .filter(each -> each.startsWith("Content-Length: "))
                    .mapToInt(each -> Integer.parseInt(each.substring("Content-Length: ".length())))
                    .findFirst()
                    .orElse(0);
            return new Got(List.copyOf(lines), new String(in.readNBytes(length), ISO_8859_1));
        }
    }
}
