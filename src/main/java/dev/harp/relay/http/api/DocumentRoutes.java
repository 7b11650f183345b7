package dev.harp.relay.http.api;

import dev.harp.json.Json;
import io.helidon.common.configurable.Resource;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The public documents: {@code /health} and the API's description. No rate limit counts them. */
public final class DocumentRoutes implements HttpService {
    static final String HEALTH = "/health";

    private static final String OPENAPI = "/openapi.yaml";
    private static final Header YAML = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/yaml");

    private final BooleanSupplier serving;
    private final Reply description =
            Reply.document(Status.OK_200, YAML, Resource.create("openapi.yaml").bytes());

    DocumentRoutes(BooleanSupplier serving) {
        this.serving = serving;
    }

    @Override
    public void routing(HttpRules rules) {
        add(rules, HEALTH, () -> health(serving));
        add(rules, OPENAPI, () -> description);
    }

    private static void add(HttpRules rules, String path, Supplier<Reply> document) {
        rules.any(path, (request, response) -> {
            CallLog.entry(request).ifPresent(entry -> entry.route = path);
            read(request, document).send(request, response);
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
    static Reply health(BooleanSupplier serving) {
        return Reply.document(
                serving.getAsBoolean() ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503,
                HeaderValues.CONTENT_TYPE_JSON,
                healthText(serving));
    }

    static byte[] healthText(BooleanSupplier serving) {
        return Json.bytes(json -> json.writeStartObject()
                .write("status", serving.getAsBoolean() ? "ok" : "unavailable")
                .writeEnd());
    }
}
