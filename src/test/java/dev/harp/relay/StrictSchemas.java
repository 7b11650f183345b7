package dev.harp.relay;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The schemas of a description, without the room that it leaves for additions: no other members, no other values than
 * those of {@code x-extensible-enum}, and what {@code openapi-strict.yaml} says.
 */
final class StrictSchemas {
    /** Kept, since the log manager holds it weakly: the validator warns of the components that lie beside a schema. */
    private static final Logger VALIDATOR = Logger.getLogger("com.networknt.schema");

    private final JsonMapper json = new JsonMapper();
    private final SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private final Map<List<JsonNode>, Schema> compiled = new ConcurrentHashMap<>();
    private final JsonNode more = resource("/openapi-strict.yaml");
    private final ObjectNode components;

    StrictSchemas(JsonNode schemas) {
        VALIDATOR.setLevel(Level.SEVERE);
        components = (ObjectNode) closed(schemas);
        more.path("schemas").properties().forEach(schema -> {
            if (!(components.path(schema.getKey()) instanceof ObjectNode known) || known.has("allOf")) {
                throw new IllegalStateException("openapi-strict.yaml has " + schema.getKey());
            }
            known.putArray("allOf").add(schema.getValue());
        });
        components.setAll((ObjectNode) more.path("definitions"));
    }

    static JsonNode resource(String name) {
        try (InputStream in = StrictSchemas.class.getResourceAsStream(name)) {
            return new YAMLMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private JsonNode closed(JsonNode schema) {
        if (!(schema instanceof ObjectNode open)) {
            return schema;
        }
        ObjectNode closed = json.createObjectNode();
        open.properties().forEach(part -> closed.set(part.getKey(), closed(part.getValue())));
        if (closed.has("x-extensible-enum")) {
            closed.set("enum", closed.remove("x-extensible-enum"));
        }
        if (closed.path("type").asString("").equals("object") && closed.has("properties")) {
            closed.put("additionalProperties", false);
        }
        return closed;
    }

    /** What is wrong with the value of the schema with this name. */
    List<String> errors(String name, JsonNode value) {
        return errors(named(name), json.missingNode(), value);
    }

    /** A reference to a schema: only what is referred to has what {@code openapi-strict.yaml} says of its name. */
    JsonNode named(String name) {
        if (!components.has(name)) {
            throw new IllegalArgumentException("no schema has the name " + name);
        }
        return json.createObjectNode().put("$ref", "#/components/schemas/" + name);
    }

    /** What is wrong with the body or event of an answer, such as {@code submitRequest 201}. */
    List<String> errors(JsonNode schema, String answer, JsonNode value) {
        return errors(schema, more.path("answers").path(answer), value);
    }

    /** What is wrong with the value of a header. */
    List<String> headerErrors(JsonNode schema, String header, JsonNode value) {
        return errors(schema, more.path("headers").path(header), value);
    }

    private List<String> errors(JsonNode schema, JsonNode also, JsonNode value) {
        Schema both = compiled.computeIfAbsent(List.of(schema, also), _ -> compile(schema, also));
        return both.validate(value.toString(), InputFormat.JSON).stream()
                .map(Object::toString)
                .toList();
    }

    /** With all components beside it, where its references look for them. */
    private Schema compile(JsonNode schema, JsonNode also) {
        ObjectNode root = json.createObjectNode();
        root.putObject("components").set("schemas", components);
        var all = root.putArray("allOf").add(closed(schema));
        if (!also.isMissingNode()) {
            all.add(also);
        }
        return registry.getSchema(root);
    }
}
