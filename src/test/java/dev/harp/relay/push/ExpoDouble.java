package dev.harp.relay.push;

import dev.harp.testing.FakeServer;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Expo's push service as its documentation has it: a real HTTP server with {@code /send} and {@code /getReceipts},
 * tickets, receipts, errors and limits, and faults on demand.
 */
public final class ExpoDouble extends FakeServer {
    private final BlockingQueue<Fault> faults = new LinkedBlockingQueue<>();
    private final BlockingQueue<Fault> later = new LinkedBlockingQueue<>();
    private final AtomicInteger after = new AtomicInteger();
    private final AtomicInteger tickets = new AtomicInteger();

    final List<Came> came = new CopyOnWriteArrayList<>();
    final Map<String, String> projects = new ConcurrentHashMap<>();
    public final Map<String, String> ticketErrors = new ConcurrentHashMap<>();
    final Map<String, String> receiptErrors = new ConcurrentHashMap<>();
    final Set<String> poison = ConcurrentHashMap.newKeySet();
    final Set<String> withoutReceipt = ConcurrentHashMap.newKeySet();
    final Map<String, String> tokenOfTicket = new ConcurrentHashMap<>();
    volatile Optional<String> accessToken = Optional.empty();
    volatile boolean receiptsBroken;

    /** One call, and the head of its response. */
    public record Came(Request request, int size, String answered) {
        public String body() {
            return request.body();
        }
    }

    /** What to do to one call of {@code /send} instead of what it deserves. */
    @FunctionalInterface
    public interface Fault {
        Reply answer(int messages) throws InterruptedException;
    }

    public ExpoDouble() {
        start();
    }

    public String url() {
        return "http://127.0.0.1:" + port() + "/--/api/v2/push";
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

    /** This response, with header names and values in turn. */
    public static Fault says(int status, String body, String... header) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < header.length; i += 2) {
            lines.add(header[i] + ": " + header[i + 1]);
        }
        return _ -> json(status, body, lines.toArray(String[]::new));
    }

    public static Fault resets() {
        return _ -> hangUp();
    }

    /** No response until the double is closed. */
    public Fault hangs() {
        return _ -> silence();
    }

    /** So many tickets, however many messages came. */
    public static Fault tickets(int count) {
        return _ -> {
            JsonArrayBuilder data = Json.createArrayBuilder();
            for (int i = 0; i < count; i++) {
                data.add(Json.createObjectBuilder().add("status", "ok").add("id", "odd-" + i));
            }
            return data(data.build());
        };
    }

    public List<Came> sends() {
        return came.stream()
                .filter(call -> call.request().target().endsWith("/send"))
                .toList();
    }

    List<Came> receipts() {
        return came.stream()
                .filter(call -> call.request().target().endsWith("/getReceipts"))
                .toList();
    }

    @Override
    protected Reply answer(Request request) throws InterruptedException {
        boolean send = request.target().equals("/--/api/v2/push/send");
        if (!send && !request.target().equals("/--/api/v2/push/getReceipts")) {
            return response(404, "");
        }
        int size = size(request.body());
        Fault fault = send ? fault() : null;
        Reply reply = fault != null ? fault.answer(size) : deserved(request, send);
        came.add(new Came(request, size, reply.bytes().lines().findFirst().orElse("nothing")));
        return reply;
    }

    private @Nullable Fault fault() {
        return after.getAndDecrement() > 0 || later.isEmpty() ? faults.poll() : later.poll();
    }

    private static int size(String body) {
        JsonValue value = read(body);
        return value instanceof JsonArray array
                ? array.size()
                : value.asJsonObject().getJsonArray("ids").size();
    }

    private static JsonValue read(String body) {
        try (var reader = Json.createReader(new StringReader(body))) {
            return reader.readValue();
        }
    }

    private Reply deserved(Request request, boolean send) {
        if (accessToken.isPresent() && !request.has("Authorization: Bearer " + accessToken.get())) {
            return fails(401, error("UNAUTHORIZED", "The bearer token is invalid."));
        }
        return send
                ? send(read(request.body()).asJsonArray())
                : receipts(read(request.body()).asJsonObject().getJsonArray("ids"));
    }

    private Reply send(JsonArray messages) {
        if (messages.size() > 100) {
            return fails(400, error("PUSH_TOO_MANY_NOTIFICATIONS", "more than 100"));
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
            return fails(400, error("VALIDATION_ERROR", "a message is invalid"));
        }
        if (byProject.size() > 1) {
            JsonObjectBuilder details = Json.createObjectBuilder();
            byProject.forEach((project, those) -> details.add(project, Json.createArrayBuilder(those)));
            return fails(
                    400,
                    error("PUSH_TOO_MANY_EXPERIENCE_IDS", "for different projects")
                            .add("details", details));
        }
        JsonArrayBuilder data = Json.createArrayBuilder();
        tokens.forEach(token -> data.add(ticket(token)));
        return data(data.build());
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

    private Reply receipts(JsonArray ids) {
        if (receiptsBroken) {
            return fails(500, error("INTERNAL_SERVER_ERROR", "no"));
        }
        if (ids.size() > 1000) {
            return fails(400, error("PUSH_TOO_MANY_RECEIPTS", "more than 1000"));
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
        return data(data.build());
    }

    private static JsonObjectBuilder error(String code, String message) {
        return Json.createObjectBuilder().add("code", code).add("message", message);
    }

    private static Reply fails(int status, JsonObjectBuilder error) {
        return json(
                status,
                Json.createObjectBuilder()
                        .add("errors", Json.createArrayBuilder().add(error))
                        .build()
                        .toString());
    }

    private static Reply data(JsonValue data) {
        return json(200, Json.createObjectBuilder().add("data", data).build().toString());
    }

    private static Reply json(int status, String body, String... headers) {
        List<String> lines = new ArrayList<>(List.of(headers));
        lines.add("Content-Type: application/json; charset=utf-8");
        return response(status, body, lines.toArray(String[]::new));
    }
}
