package dev.harp.relay.http.api;

import dev.harp.json.Json;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** {@code /health}, which no rate limit counts. */
public final class DocumentRoutes implements HttpService {
    static final String HEALTH = "/health";

    private final BooleanSupplier serving;

    DocumentRoutes(BooleanSupplier serving) {
        this.serving = serving;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.any(HEALTH, (request, response) -> {
            CallLog.entry(request).ifPresent(entry -> entry.route = HEALTH);
            read(request, () -> health(serving.getAsBoolean())).send(request, response);
        });
    }

    /** The document if the method is GET or HEAD. */
    public static Reply read(ServerRequest request, Supplier<Reply> document) {
        Method method = request.prologue().method();
        return method.equals(Method.GET) || method.equals(Method.HEAD)
                ? document.get()
                : Reply.methodNotAllowed("GET, HEAD");
    }

    /** Whether the relay serves, for health checks. */
    static Reply health(boolean serving) {
        return Reply.document(
                serving ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503,
                HeaderValues.CONTENT_TYPE_JSON,
                healthText(serving));
    }

    static byte[] healthText(boolean serving) {
        return Json.bytes(json -> json.writeStartObject()
                .write("status", serving ? "ok" : "unavailable")
                .writeEnd());
    }
}
