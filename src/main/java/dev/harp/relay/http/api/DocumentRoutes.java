package dev.harp.relay.http.api;

import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Supplier;

/** What anyone may read at any time: whether the relay is well, and how it is used. No rate limit counts it. */
public final class DocumentRoutes {
    private static final String OPENAPI = "/openapi.yaml";
    private static final Header YAML = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/yaml");

    /** Read by whoever first asks, because no start has to wait for it. */
    private static final class Description {
        private static final Reply REPLY =
                new Reply(Status.OK_200, List.of(), new Reply.Bytes(YAML, resource(OPENAPI)));

        private Description() {}
    }

    private final HealthCheck serving;

    DocumentRoutes(HealthCheck serving) {
        this.serving = serving;
    }

    void addTo(HttpRouting.Builder routing) {
        add(routing, "/health", this::health);
        add(routing, OPENAPI, () -> Description.REPLY);
    }

    private static void add(HttpRouting.Builder routing, String path, Supplier<Reply> document) {
        routing.any(path, (request, response) -> {
            CallLog.entry(request).ifPresent(entry -> entry.routed(path));
            Reply reply = reply(request, document);
            CallLog.entry(request).ifPresent(entry -> entry.answered(reply));
            if (reply.code().isPresent()) {
                response.header(Router.NO_STORE);
            }
            reply.send(request, response);
        });
    }

    public static Reply reply(ServerRequest request, Supplier<Reply> document) {
        Method method = request.prologue().method();
        return method.equals(Method.GET) || method.equals(Method.HEAD)
                ? document.get()
                : Router.methodNotAllowed("GET, HEAD");
    }

    private Reply health() {
        boolean up = serving.call().status() == HealthCheckResponse.Status.UP;
        return Reply.json(
                up ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503,
                json -> json.writeStartObject()
                        .write("status", up ? "ok" : "unavailable")
                        .writeEnd());
    }

    private static byte[] resource(String name) {
        try (InputStream in = DocumentRoutes.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not packed with the relay");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
