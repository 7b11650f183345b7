package dev.harp.relay;

import dev.harp.testing.HttpAnswer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.StringNode;

/**
 * Holds answers against {@code openapi.yaml}: the operation has the status, the body fits its schema, the media type is
 * the one that is written there, and so is each header. What the description leaves open for additions is closed here,
 * by {@link StrictSchemas}: this relay adds nothing that is not described.
 */
final class OpenApiCheck {
    /** The description that the relay carries. */
    static final OpenApiCheck API = new OpenApiCheck();

    private static final List<String> METHODS =
            List.of("get", "put", "post", "delete", "options", "head", "patch", "trace");
    /** What may come whatever the path and the method are, because it is answered before anything looks at them. */
    private static final Map<Integer, Set<String>> OF_ANY_MESSAGE = Map.of(
            400, Set.of("malformed_http"),
            404, Set.of("not_found"),
            405, Set.of("method_not_allowed"),
            408, Set.of("request_timeout"),
            413, Set.of("payload_too_large"),
            414, Set.of("uri_too_long"),
            417, Set.of("expectation_failed"),
            429, Set.of("rate_limited"),
            431, Set.of("headers_too_large"),
            505, Set.of("http_version_not_supported"));

    private final JsonNode document = StrictSchemas.resource("/openapi.yaml");
    private final JsonMapper json = new JsonMapper();
    private final StrictSchemas schemas = new StrictSchemas(document.at("/components/schemas"));
    private final Set<String> seen = new ConcurrentSkipListSet<>();

    private OpenApiCheck() {}

    /** An operation and the template of its path. */
    private record Operation(String path, JsonNode node) {
        String id() {
            return node.path("operationId").asString();
        }
    }

    /** Fails, with all that is wrong, if the relay should not have answered so. */
    void check(String method, String target, HttpAnswer answer) {
        if (answer.status() < 200) {
            return;
        }
        List<String> wrong = new ArrayList<>();
        // An id with an encoded slash is two segments to the relay: what counts then is that it is a proper 404.
        boolean elsewhere = answer.status() == 404 && target.contains("%");
        Optional<Operation> operation = elsewhere ? Optional.empty() : operation(method, target);
        operation.ifPresentOrElse(
                known -> check(known, method, answer, wrong), () -> checkOther(method, target, answer, wrong));
        if ((target.startsWith("/v1") || mediaType(answer).equals("application/problem+json"))
                && !answer.headers("Cache-Control")
                        .equals(List.of(
                                mediaType(answer).equals("text/event-stream")
                                        ? "no-store, no-transform"
                                        : "no-store"))) {
            wrong.add("Cache-Control is " + answer.headers("Cache-Control"));
        }
        if ((answer.status() == 429 || (answer.status() == 503 && !answer.code().isEmpty()))
                && !answer.header("Retry-After").orElse("").matches("[1-9][0-9]*")) {
            wrong.add("Retry-After is " + answer.headers("Retry-After"));
        }
        if (!wrong.isEmpty()) {
            throw new AssertionError(method + " " + (target.length() > 200 ? target.substring(0, 200) : target) + " -> "
                    + answer.lines() + "\n" + answer.body() + "\nagainst openapi.yaml: " + String.join("\n", wrong));
        }
    }

    private void check(Operation operation, String method, HttpAnswer answer, List<String> wrong) {
        JsonNode responses = operation.node().path("responses");
        String key = responses.has("" + answer.status()) ? "" + answer.status() : answer.status() / 100 + "XX";
        JsonNode response = resolve(responses.path(key));
        if (response.isMissingNode()) {
            wrong.add("no such status here");
            return;
        }
        String code = method.equals("HEAD") ? "" : answer.code();
        seen.add(operation.id() + " " + key + " " + (code.isEmpty() ? "-" : code));
        response.path("headers")
                .properties()
                .forEach(header -> checkHeader(header.getKey(), resolve(header.getValue()), answer, wrong));
        JsonNode content = response.path("content");
        if (content.isEmpty() || method.equals("HEAD")) {
            if (!answer.body().isEmpty()) {
                wrong.add("there should be no body");
            }
            return;
        }
        String type = mediaType(answer);
        JsonNode media = content.path(type);
        if (media.isMissingNode()) {
            wrong.add("no such media type here: " + type);
        } else if (type.endsWith("json")) {
            checkBody(media.path("schema"), operation.id() + " " + key, answer, wrong);
            if (!code.isEmpty() && !media.path("examples").has(code)) {
                wrong.add("no such code here");
            }
        }
    }

    /** Fails if the stream should not have had such an event. */
    void checkEvent(String target, EventClient.Event event) {
        Operation operation = operation("GET", target).orElseThrow();
        JsonNode schema = operation
                .node()
                .at("/responses/200/content/text~1event-stream/x-event-data")
                .path(event.name());
        List<String> wrong = schema.isMissingNode()
                ? List.of("no such event here")
                : schemas.errors(schema, operation.id() + " " + event.name(), json.readTree(event.data()));
        if (!wrong.isEmpty()) {
            throw new AssertionError(target + " -> " + event + "\nagainst openapi.yaml: " + wrong);
        }
    }

    /** Fails if the relay should not have told a webhook's receiver so. */
    void checkNotice(String body) {
        List<String> wrong = schemas.errors("Notice", json.readTree(body));
        if (!wrong.isEmpty()) {
            throw new AssertionError(body + "\nagainst openapi.yaml: " + wrong);
        }
    }

    private void checkOther(String method, String target, HttpAnswer answer, List<String> wrong) {
        boolean problem = mediaType(answer).equals("application/problem+json");
        if (!problem && (target.equals("/") || target.startsWith("/app"))) {
            return; // a file of the app, which is no part of the interface
        }
        if (method.equals("OPTIONS") && answer.status() == 204) {
            // What a browser asks before a script's call, which is no operation of the interface.
            if (answer.headers("Access-Control-Allow-Methods").isEmpty()) {
                wrong.add("an answer to OPTIONS that allows nothing");
            }
            return;
        }
        if (!problem) {
            wrong.add("not a problem document");
        } else if (!method.equals("HEAD")) {
            checkBody(schemas.named("Problem"), "", answer, wrong);
            if (!OF_ANY_MESSAGE.getOrDefault(answer.status(), Set.of()).contains(answer.code())) {
                wrong.add("not an answer to a path or method that is not there");
            }
        }
        if (answer.status() == 405 && !answer.header("Allow").orElse("").matches("[A-Z]+(, [A-Z]+)*")) {
            wrong.add("Allow is " + answer.headers("Allow"));
        }
    }

    private void checkHeader(String name, JsonNode header, HttpAnswer answer, List<String> wrong) {
        List<String> values = answer.headers(name);
        if (values.isEmpty()) {
            if (header.path("required").asBoolean(false)) {
                wrong.add(name + " is missing");
            }
            return;
        }
        JsonNode schema = header.path("schema");
        for (String value : values) {
            JsonNode node = schema.path("type").asString("").equals("integer")
                    ? json.readTree(value)
                    : StringNode.valueOf(value);
            schemas.headerErrors(schema, name, node).forEach(error -> wrong.add(name + ": " + error));
        }
    }

    private void checkBody(JsonNode schema, String which, HttpAnswer answer, List<String> wrong) {
        schemas.errors(schema, which, json.readTree(answer.body())).forEach(error -> wrong.add("body: " + error));
        if (answer.code().isEmpty()) {
            return;
        }
        if (answer.number("status") != answer.status()) {
            wrong.add("the status in the body is another one");
        }
        if (!answer.text("type").equals("urn:harp-relay:problem:" + answer.code())) {
            wrong.add("the type is another one");
        }
    }

    private static String mediaType(HttpAnswer answer) {
        return answer.header("Content-Type").orElse("").replaceFirst(";.*", "").strip();
    }

    private Optional<Operation> operation(String method, String target) {
        String[] segments = target.replaceFirst("[?#].*", "").split("/", -1);
        return document.path("paths").properties().stream()
                .filter(path -> matches(path.getKey().split("/", -1), segments))
                .filter(path ->
                        path.getValue().has(method.toLowerCase(java.util.Locale.ROOT)) && method.matches("[A-Z]+"))
                .map(path ->
                        new Operation(path.getKey(), path.getValue().path(method.toLowerCase(java.util.Locale.ROOT))))
                .findFirst();
    }

    private static boolean matches(String[] template, String[] segments) {
        boolean[] fit = new boolean[template.length];
        for (int i = 0; i < template.length; i++) {
            fit[i] = i < segments.length
                    && (template[i].startsWith("{") ? !segments[i].isEmpty() : template[i].equals(segments[i]));
        }
        return template.length == segments.length && !Arrays.toString(fit).contains("false");
    }

    private JsonNode resolve(JsonNode node) {
        return node.has("$ref") ? document.at(node.path("$ref").asString().substring(1)) : node;
    }

    // --- how much of it has been seen ---

    void forgetSeen() {
        seen.clear();
    }

    /** What is described and has not been answered since {@link #forgetSeen}, as {@code operation status code}. */
    Set<String> unseen() {
        Set<String> unseen = new TreeSet<>(described());
        unseen.removeAll(seen);
        return unseen;
    }

    Set<String> described() {
        Set<String> described = new TreeSet<>();
        document.path("paths")
                .forEach(path -> METHODS.forEach(method -> {
                    JsonNode operation = path.path(method);
                    operation
                            .path("responses")
                            .properties()
                            .forEach(response -> codes(resolve(response.getValue()))
                                    .forEach(code -> described.add(
                                            operation.path("operationId").asString() + " " + response.getKey() + " "
                                                    + code)));
                }));
        return Collections.unmodifiableSet(described);
    }

    /** The examples of a problem have the names of its codes. */
    private static List<String> codes(JsonNode response) {
        List<String> codes = new ArrayList<>(
                response.at("/content/application~1problem+json/examples").propertyNames());
        return codes.isEmpty() ? List.of("-") : codes;
    }

    /** What is wrong with the examples: each has to fit its schema, and one of a problem its name and its status. */
    List<String> wrongExamples() {
        List<String> wrong = new ArrayList<>();
        document.path("paths")
                .forEach(path -> METHODS.forEach(method -> {
                    JsonNode operation = path.path(method);
                    String id = operation.path("operationId").asString("");
                    examples(operation.path("requestBody"), id, "", wrong);
                    operation
                            .path("responses")
                            .properties()
                            .forEach(response -> examples(resolve(response.getValue()), id, response.getKey(), wrong));
                }));
        return wrong;
    }

    private void examples(JsonNode body, String id, String status, List<String> wrong) {
        body.path("content").properties().forEach(media -> {
            JsonNode examples = media.getValue().path("examples");
            if (examples.isEmpty()) {
                wrong.add(id + " " + status + " has no example");
            }
            examples.properties().forEach(example -> {
                JsonNode value = resolve(example.getValue()).path("value");
                String name = id + " " + status + " " + example.getKey();
                schemas.errors(media.getValue().path("schema"), id + " " + status, value)
                        .forEach(error -> wrong.add(name + ": " + error));
                if (media.getKey().equals("application/problem+json")
                        && !(value.path("code").asString("").equals(example.getKey())
                                && value.path("status").asString("").equals(status))) {
                    wrong.add(name + ": another code or status");
                }
            });
        });
    }

    /** The codes that the description lists. */
    List<String> codes() {
        List<String> codes = new ArrayList<>();
        document.at("/components/schemas/Problem/properties/code/x-extensible-enum")
                .forEach(code -> codes.add(code.asString()));
        return codes;
    }
}
