package dev.harp.relay.push;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Expo's push service as its documentation has it: a real HTTP server with {@code /send} and {@code /getReceipts},
 * tickets, receipts, errors and limits, and faults on demand.
 */
public final class ExpoDouble implements AutoCloseable {
    private final HttpServer server;
    private final BlockingQueue<Fault> faults = new LinkedBlockingQueue<>();
    private final BlockingQueue<Fault> later = new LinkedBlockingQueue<>();
    private final AtomicInteger after = new AtomicInteger();
    private final AtomicInteger tickets = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private final CountDownLatch closing = new CountDownLatch(1);

    final List<Came> came = new CopyOnWriteArrayList<>();
    final Map<String, String> projects = new ConcurrentHashMap<>();
    public final Map<String, String> ticketErrors = new ConcurrentHashMap<>();
    final Map<String, String> receiptErrors = new ConcurrentHashMap<>();
    final Set<String> poison = ConcurrentHashMap.newKeySet();
    final Set<String> withoutReceipt = ConcurrentHashMap.newKeySet();
    final Map<String, String> tokenOfTicket = new ConcurrentHashMap<>();
    volatile Optional<String> accessToken = Optional.empty();
    volatile boolean receiptsBroken;

    /** One call, and how it was answered. */
    public record Came(String path, Map<String, List<String>> headers, String body, int size, String answered) {}

    /** What to do to one call of {@code /send} instead of what it deserves. */
    @FunctionalInterface
    public interface Fault {
        /** Answers, or does not; tells for the ledger what it did. */
        String answer(HttpExchange exchange, int messages) throws IOException, InterruptedException;
    }

    public ExpoDouble() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
        server.createContext("/--/api/v2/push/send", exchange -> handle(exchange, true));
        server.createContext("/--/api/v2/push/getReceipts", exchange -> handle(exchange, false));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/--/api/v2/push";
    }

    /** The next calls of {@code /send} are answered so, one each. */
    public void next(Fault... next) {
        faults.addAll(List.of(next));
    }

    /** The calls after so many more are answered so. */
    void laterFaults(int after, Fault... then) {
        later.addAll(List.of(then));
        this.after.set(after);
    }

    public static Fault says(int status, String body, String... header) {
        return (exchange, _) -> {
            for (int i = 0; i < header.length; i += 2) {
                exchange.getResponseHeaders().set(header[i], header[i + 1]);
            }
            write(exchange, status, body);
            return status + " " + (body.length() > 40 ? body.substring(0, 40) + "..." : body)
                    + (header.length > 0 ? " " + header[0] + ": " + header[1] : "");
        };
    }

    public static Fault resets() {
        return (exchange, _) -> {
            exchange.close();
            return "closes the connection";
        };
    }

    /** Answers nothing until the double is closed. */
    public Fault hangs() {
        return (_, _) -> {
            closing.await();
            return "nothing";
        };
    }

    /** So many tickets, however many messages came. */
    public static Fault tickets(int count) {
        return (exchange, _) -> {
            JsonArrayBuilder data = Json.createArrayBuilder();
            for (int i = 0; i < count; i++) {
                data.add(Json.createObjectBuilder().add("status", "ok").add("id", "odd-" + i));
            }
            write(
                    exchange,
                    200,
                    Json.createObjectBuilder().add("data", data).build().toString());
            return "200 with " + count + " tickets";
        };
    }

    /** How many calls were open at once, at most. */
    int mostOpen() {
        return mostOpen.get();
    }

    int open() {
        return open.get();
    }

    public List<Came> sends() {
        return came.stream().filter(call -> call.path().endsWith("/send")).toList();
    }

    List<Came> receipts() {
        return came.stream()
                .filter(call -> call.path().endsWith("/getReceipts"))
                .toList();
    }

    private void handle(HttpExchange exchange, boolean send) throws IOException {
        mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            int size = size(body);
            Fault fault = send ? fault() : null;
            String answered = fault != null ? fault.answer(exchange, size) : deserved(exchange, body, send);
            came.add(new Came(
                    exchange.getRequestURI().getPath(),
                    Map.copyOf(exchange.getRequestHeaders()),
                    new String(body, StandardCharsets.UTF_8),
                    size,
                    answered));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            open.decrementAndGet();
        }
    }

    private @Nullable Fault fault() {
        return after.getAndDecrement() > 0 || later.isEmpty() ? faults.poll() : later.poll();
    }

    private static int size(byte[] body) {
        JsonValue value = read(body);
        return value instanceof JsonArray array
                ? array.size()
                : value.asJsonObject().getJsonArray("ids").size();
    }

    private static JsonValue read(byte[] body) {
        try (var reader = Json.createReader(new ByteArrayInputStream(body))) {
            return reader.readValue();
        }
    }

    private String deserved(HttpExchange exchange, byte[] body, boolean send) throws IOException {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        if (accessToken.isPresent() && !("Bearer " + accessToken.get()).equals(authorization)) {
            return fails(exchange, 401, error("UNAUTHORIZED", "The bearer token is invalid."));
        }
        return send
                ? send(exchange, read(body).asJsonArray())
                : receipts(exchange, read(body).asJsonObject().getJsonArray("ids"));
    }

    private String send(HttpExchange exchange, JsonArray messages) throws IOException {
        if (messages.size() > 100) {
            return fails(exchange, 400, error("PUSH_TOO_MANY_NOTIFICATIONS", "more than 100"));
        }
        Map<String, List<String>> byProject = new LinkedHashMap<>();
        List<String> tokens = new ArrayList<>();
        for (JsonObject message : messages.getValuesAs(JsonObject.class)) {
            String token = message.getString("to");
            tokens.add(token);
            byProject
                    .computeIfAbsent(projects.getOrDefault(token, "@test/app"), _ -> new ArrayList<>())
                    .add(token);
        }
        if (tokens.stream().anyMatch(poison::contains)) {
            return fails(exchange, 400, error("VALIDATION_ERROR", "a message is invalid"));
        }
        if (byProject.size() > 1) {
            JsonObjectBuilder details = Json.createObjectBuilder();
            byProject.forEach((project, those) -> details.add(project, Json.createArrayBuilder(those)));
            return fails(
                    exchange,
                    400,
                    error("PUSH_TOO_MANY_EXPERIENCE_IDS", "for different projects")
                            .add("details", details));
        }
        JsonArrayBuilder data = Json.createArrayBuilder();
        tokens.forEach(token -> data.add(ticket(token)));
        write(
                exchange,
                200,
                Json.createObjectBuilder().add("data", data).build().toString());
        List<String> errors = tokens.stream()
                .filter(ticketErrors::containsKey)
                .map(ticketErrors::get)
                .distinct()
                .toList();
        return "200 tickets" + (errors.isEmpty() ? "" : " with " + errors);
    }

    private JsonObjectBuilder ticket(String token) {
        String error = ticketErrors.get(token);
        if (error != null) {
            JsonObjectBuilder ticket = Json.createObjectBuilder()
                    .add("status", "error")
                    .add("message", "\"" + token + "\" is not a registered push notification recipient");
            return error.isEmpty()
                    ? ticket
                    : ticket.add("details", Json.createObjectBuilder().add("error", error));
        }
        String id = "00000000-0000-0000-0000-%012d".formatted(tickets.incrementAndGet());
        tokenOfTicket.put(id, token);
        return Json.createObjectBuilder().add("status", "ok").add("id", id);
    }

    private String receipts(HttpExchange exchange, JsonArray ids) throws IOException {
        if (receiptsBroken) {
            return fails(exchange, 500, error("INTERNAL_SERVER_ERROR", "no"));
        }
        if (ids.size() > 1000) {
            return fails(exchange, 400, error("PUSH_TOO_MANY_RECEIPTS", "more than 1000"));
        }
        JsonObjectBuilder data = Json.createObjectBuilder();
        for (int i = 0; i < ids.size(); i++) {
            String token = tokenOfTicket.getOrDefault(ids.getString(i), "");
            if (!withoutReceipt.contains(token)) {
                String error = receiptErrors.get(token);
                JsonObjectBuilder receipt = Json.createObjectBuilder().add("status", error == null ? "ok" : "error");
                data.add(
                        ids.getString(i),
                        error == null
                                ? receipt
                                : receipt.add("message", "said Apple")
                                        .add(
                                                "details",
                                                Json.createObjectBuilder().add("error", error)));
            }
        }
        write(
                exchange,
                200,
                Json.createObjectBuilder().add("data", data).build().toString());
        return "200 receipts";
    }

    private static JsonObjectBuilder error(String code, String message) {
        return Json.createObjectBuilder().add("code", code).add("message", message);
    }

    private static String fails(HttpExchange exchange, int status, JsonObjectBuilder error) throws IOException {
        JsonObject built = error.build();
        write(
                exchange,
                status,
                Json.createObjectBuilder()
                        .add("errors", Json.createArrayBuilder().add(built))
                        .build()
                        .toString());
        return status + " " + built.getString("code");
    }

    private static void write(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
    }
}
