package dev.harp.relay.doctor;

import dev.harp.relay.outbound.TargetUrl;
import dev.harp.testing.FakeServer;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * A server that answers as a relay does, except for the calls for which a test sets other bytes, incomplete or none.
 */
final class StandIn extends FakeServer {
    static final String ID = "pair_0123456789ab";
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
        start();
    }

    static Reply reply(int status, String type, String body) {
        return response(status, body, "Content-Type: " + type);
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
        return answers.getOrDefault(request.call(), _ -> page(404)).apply(request);
    }
}
