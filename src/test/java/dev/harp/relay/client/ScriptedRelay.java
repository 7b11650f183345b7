package dev.harp.relay.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A server that answers what it was told to, in that order, whatever it is asked: for what a real relay does not do on
 * demand.
 */
final class ScriptedRelay implements AutoCloseable {
    private final HttpServer server;
    private final Queue<Line> script = new ConcurrentLinkedQueue<>();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();

    /** A request as it arrived. */
    record Seen(String method, String path, String authorization, String body) {}

    private record Line(int status, Map<String, String> headers, String body) {}

    ScriptedRelay() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.start();
    }

    ScriptedRelay then(int status, String body) {
        return then(status, Map.of(), body);
    }

    ScriptedRelay then(int status, Map<String, String> headers, String body) {
        script.add(new Line(status, headers, body));
        return this;
    }

    /** Takes the request and closes the connection without an answer. */
    ScriptedRelay thenHangUp() {
        return then(0, "");
    }

    List<Seen> seen() {
        return seen;
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            seen.add(new Seen(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    authorization == null ? "" : authorization,
                    body));
            Line line = script.poll();
            if (line == null || line.status() == 0) {
                return;
            }
            line.headers().forEach(exchange.getResponseHeaders()::set);
            byte[] answer = line.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(line.status(), answer.length == 0 ? -1 : answer.length);
            exchange.getResponseBody().write(answer);
        }
    }
}
