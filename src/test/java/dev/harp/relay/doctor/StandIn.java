package dev.harp.relay.doctor;

import dev.harp.relay.outbound.TargetUrl;
import dev.harp.testing.FakeServer;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * A server that answers as a relay does, except for the calls for which a test sets other bytes, incomplete or none.
 */
final class StandIn extends FakeServer {
    static final String ID = "pair_0123456789ab";
    static final String DEVICE = "dev_0123456789ab";
    static final String DEVICE_TOKEN = "hdt_" + "D".repeat(43);
    static final String TOKEN = "hpt_" + "T".repeat(43);

    private final Map<String, Function<Request, Reply>> answers = new ConcurrentHashMap<>();

    StandIn(long time, String version) {
        this(time, version, InetAddress.getLoopbackAddress());
    }

    StandIn(long time, String version, InetAddress address) {
        super(listen(address));
        on("GET /health", json(200, "{\"status\":\"ok\"}"));
        on("GET /openapi.yaml", reply(200, "application/yaml", "openapi: 3.1.0\ninfo:\n  version: " + version + "\n"));
        on("GET /v1/doctor/looks-for-what-is-not-there", problem(404, "not_found"));
        on("GET /v1/about", about(time, "127.0.0.1", "none"));
        on(
                "POST /v1/pairs",
                json(201, "{\"pair_id\":\"" + ID + "\",\"platform_token\":\"" + TOKEN + "\",\"status\":\"pending\"}"));
        on("GET /v1/pairs/" + ID, json(200, "{\"status\":\"pending\"}"));
        on("DELETE /v1/pairs/" + ID, response(204, ""));
        on("OPTIONS /v1/pairs/pair_000000000000/device", problem(405, "method_not_allowed"));
        for (String call : List.of(
                "PUT /v1/pairs/pair_000000000000/device",
                "PATCH /v1/devices/dev_000000000000",
                "DELETE /v1/devices/dev_000000000000",
                "GET /v1/devices/dev_000000000000/requests")) {
            on(call, problem(401, "unauthorized"));
        }
        approval();
        start();
    }

    /** Of one request, whose texts it repeats. */
    private void approval() {
        AtomicReference<String> question = new AtomicReference<>("");
        AtomicReference<String> answer = new AtomicReference<>("");
        String device = " /v1/devices/" + DEVICE;
        on(
                "POST /v1/devices",
                json(201, "{\"device_id\":\"" + DEVICE + "\",\"device_token\":\"" + DEVICE_TOKEN + "\"}"));
        on("PATCH" + device, json(200, "{\"device_id\":\"" + DEVICE + "\"}"));
        on("DELETE" + device, response(204, ""));
        on("PUT /v1/pairs/" + ID + "/device", json(200, "{\"status\":\"active\"}"));
        on(
                "GET /v1/pairs/" + ID + "/events",
                got -> events(got.headers("Last-Event-ID").isEmpty()));
        on("POST /v1/requests", got -> {
            question.set(got.body());
            return json(201, "{\"state\":\"pending\"}");
        });
        on("GET" + device + "/requests", _ -> json(200, question.get()));
        on("PUT /v1/requests/{id}/response", got -> {
            answer.set(got.body());
            return json(200, "{\"state\":\"responded\"}");
        });
        on("GET /v1/requests/{id}", _ -> json(200, answer.get()));
    }

    private static Reply events(boolean first) {
        String pairing = "event: pairing\nid: 1\ndata: {\"status\":\"pending\"}\n\n";
        String joined = "event: pairing\nid: 2\ndata: {\"status\":\"active\"}\n\n";
        String current = "event: current\nid: 2\ndata: {}\n\n";
        return new Reply(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nretry: 2000\n\n"
                        + (first ? pairing + current + joined : current),
                End.HANG);
    }

    static Reply reply(int status, String type, String body) {
        String refused = status == 401 ? "WWW-Authenticate: Bearer" : "X-Sound: yes";
        return response(status, body, "Content-Type: " + type, "Cache-Control: no-store", refused);
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

    StandIn on(String call, Function<Request, Reply> answer) {
        answers.put(call, answer);
        return this;
    }

    List<String> calls() {
        return received().stream().map(Request::call).toList();
    }

    TargetUrl target() {
        return Doctor.target("http://" + address().getHostAddress() + ":" + port())
                .orElseThrow();
    }

    @Override
    protected Reply answer(Request request) {
        String call = request.call().replaceFirst("/requests/[0-9a-f-]{36}", "/requests/{id}");
        return answers.getOrDefault(call, _ -> page(404)).apply(request);
    }
}
