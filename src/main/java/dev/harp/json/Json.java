package dev.harp.json;

import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonBuilderFactory;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.spi.JsonProvider;
import jakarta.json.stream.JsonGenerator;
import jakarta.json.stream.JsonGeneratorFactory;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParserFactory;
import jakarta.json.stream.JsonParsingException;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes JSON (RFC 8259). Reading is stricter than the parser by itself: one object, in UTF-8, no name twice
 * in an object, nothing after it, nested at most {@value #MAX_DEPTH} deep.
 *
 * <p>The factories are kept: looking the provider up costs ten times what reading a small document does.
 */
public final class Json {
    /** How deep objects and arrays may be nested. */
    public static final int MAX_DEPTH = 64;

    private static final JsonProvider PROVIDER = JsonProvider.provider();
    private static final JsonParserFactory PARSERS =
            PROVIDER.createParserFactory(Map.of("org.eclipse.parsson.maxDepth", MAX_DEPTH));
    private static final JsonBuilderFactory BUILDERS = PROVIDER.createBuilderFactory(Map.of());
    private static final JsonGeneratorFactory GENERATORS = PROVIDER.createGeneratorFactory(Map.of());

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private Json() {}

    /**
     * Reads one object.
     *
     * @throws MalformedJson if the bytes are anything else
     */
    public static JsonObject readObject(byte[] utf8) throws MalformedJson {
        return read(utf8, MAX_DEPTH);
    }

    /** Reads one object from bytes whose faults do not matter; empty if they are anything else. */
    public static Optional<JsonObject> tryObject(byte[] utf8) {
        try {
            return Optional.of(readObject(utf8));
        } catch (MalformedJson _) {
            return Optional.empty();
        }
    }

    /**
     * Reads the members of one object. Objects and arrays in it are checked and returned empty, so that a document
     * takes no more memory than its own members.
     *
     * @throws MalformedJson if the bytes are anything else
     */
    public static JsonObject readMembers(byte[] utf8) throws MalformedJson {
        return read(utf8, 1);
    }

    private static JsonObject read(byte[] bytes, int levels) throws MalformedJson {
        String text = utf8(bytes);
        if (text.isBlank()) {
            throw new MalformedJson("is empty; it has to be one JSON object, if only {}");
        }
        if (text.charAt(0) == BYTE_ORDER_MARK) {
            throw new MalformedJson("begins with a byte order mark; it has to begin with the JSON object");
        }
        try (JsonParser parser = PARSERS.createParser(new StringReader(text))) {
            if (parser.next() != JsonParser.Event.START_OBJECT) {
                throw new MalformedJson("is JSON, but not an object: it has to begin with { and to end with }");
            }
            JsonObject object = object(parser, levels);
            var _ = parser.hasNext(); // fails if something follows
            return object;
        } catch (JsonParsingException e) {
            // Where, and not what: the exception's message quotes the document.
            throw new MalformedJson("is not one well-formed JSON object and nothing else: look at line "
                    + e.getLocation().getLineNumber() + ", column "
                    + e.getLocation().getColumnNumber());
        } catch (RuntimeException e) {
            // Parsson refuses depth, digits and exponents with several kinds of exceptions.
            throw new MalformedJson("is not one well-formed JSON object with unique names, nested at most " + MAX_DEPTH
                    + " deep, and with numbers of a usual size");
        }
    }

    private static JsonObject object(JsonParser parser, int levels) throws MalformedJson {
        JsonObjectBuilder members = BUILDERS.createObjectBuilder();
        Set<String> names = new HashSet<>();
        while (parser.next() == JsonParser.Event.KEY_NAME) {
            String name = parser.getString();
            if (!names.add(name)) {
                throw new MalformedJson("is not one JSON object: a name stands twice in one object");
            }
            JsonValue value = value(parser, parser.next(), levels - 1);
            if (levels > 0) {
                members.add(name, value);
            }
        }
        return members.build();
    }

    private static JsonValue array(JsonParser parser, int levels) throws MalformedJson {
        JsonArrayBuilder elements = BUILDERS.createArrayBuilder();
        for (JsonParser.Event next = parser.next(); next != JsonParser.Event.END_ARRAY; next = parser.next()) {
            JsonValue value = value(parser, next, levels - 1);
            if (levels > 0) {
                elements.add(value);
            }
        }
        return elements.build();
    }

    private static JsonValue value(JsonParser parser, JsonParser.Event event, int levels) throws MalformedJson {
        return switch (event) {
            case START_OBJECT -> object(parser, levels);
            case START_ARRAY -> array(parser, levels);
            default -> parser.getValue();
        };
    }

    private static String utf8(byte[] bytes) throws MalformedJson {
        // The fast decoder writes U+FFFD for malformed bytes; only a text with one needs the strict decoder.
        String fast = new String(bytes, StandardCharsets.UTF_8);
        if (fast.indexOf('\uFFFD') < 0) {
            return fast;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedJson("is not UTF-8");
        }
    }

    /** The member of this name if it is an object. */
    public static Optional<JsonObject> object(JsonObject in, String name) {
        return in.get(name) instanceof JsonObject object ? Optional.of(object) : Optional.empty();
    }

    /** The member of this name if it is an array. */
    public static Optional<JsonArray> array(JsonObject in, String name) {
        return in.get(name) instanceof JsonArray array ? Optional.of(array) : Optional.empty();
    }

    /** The member of this name if it is a string. */
    public static Optional<String> string(JsonObject in, String name) {
        return string(in.get(name));
    }

    /** The value if it is a string. */
    public static Optional<String> string(@Nullable JsonValue value) {
        return value instanceof JsonString string ? Optional.of(string.getString()) : Optional.empty();
    }

    /** The document as bytes. */
    public static byte[] bytes(Consumer<JsonGenerator> document) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        write(document, bytes);
        return bytes.toByteArray();
    }

    /** Writes the document, and closes the stream. */
    public static void write(Consumer<JsonGenerator> document, OutputStream out) {
        try (JsonGenerator json = GENERATORS.createGenerator(out)) {
            document.accept(json);
        }
    }
}
