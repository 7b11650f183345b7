package dev.harp.relay.http;

import dev.harp.relay.model.ErrorCode;
import jakarta.json.JsonBuilderFactory;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
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
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * JSON in and out (RFC 8259), stricter than the parser by itself: an object, in UTF-8, no key twice, nothing behind it.
 *
 * <p>The factories are kept, because looking the provider up costs ten times what reading a small body does.
 */
final class Json {
    private static final JsonProvider PROVIDER = JsonProvider.provider();
    private static final JsonParserFactory PARSERS =
            PROVIDER.createParserFactory(Map.of("org.eclipse.parsson.maxDepth", 64));
    private static final JsonBuilderFactory BUILDERS = PROVIDER.createBuilderFactory(Map.of());
    private static final JsonGeneratorFactory WRITERS = PROVIDER.createGeneratorFactory(Map.of());

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private Json() {}

    /** The object that the bytes write, its nested values checked and left empty; refused with {@code invalid_json}. */
    static JsonObject object(byte[] bytes) {
        String text = utf8(bytes);
        if (text.isBlank()) {
            throw invalid("The body is empty; it has to be one JSON object, if only {}.");
        }
        if (text.charAt(0) == BYTE_ORDER_MARK) {
            throw invalid("The body begins with a byte order mark; it has to begin with the JSON object.");
        }
        try (JsonParser parser = PARSERS.createParser(new StringReader(text))) {
            return object(parser);
        } catch (Refused e) {
            throw e;
        } catch (JsonParsingException e) {
            // Where, and not what: its message quotes what is there.
            throw invalid("The body is not one well-formed JSON object and nothing else: look at line "
                    + e.getLocation().getLineNumber() + ", column "
                    + e.getLocation().getColumnNumber() + ".");
        } catch (RuntimeException e) {
            // Parsson says with many kinds of exceptions that it has had enough: of depth, of digits, of an exponent.
            throw invalid(
                    "The body is not one well-formed JSON object with unique keys, nested at most 64 deep, and with"
                            + " numbers of a sane size.");
        }
    }

    /** One pass to the end of the text. No member of the protocol has a value inside its value, so none is kept. */
    private static JsonObject object(JsonParser parser) {
        if (parser.next() != JsonParser.Event.START_OBJECT) {
            throw invalid("The body is JSON, but not an object: it has to begin with { and to end with }.");
        }
        JsonObjectBuilder members = BUILDERS.createObjectBuilder();
        Deque<Set<String>> open =
                new ArrayDeque<>(); // the keys of each object that is not closed yet, of an array none
        open.push(new HashSet<>());
        String key = "";
        while (parser.hasNext()) {
            boolean member = open.size() == 1;
            switch (parser.next()) {
                case KEY_NAME -> {
                    key = parser.getString();
                    if (!open.element().add(key)) {
                        throw invalid("The body is not one JSON object in UTF-8: a name stands twice in one object.");
                    }
                }
                case END_OBJECT, END_ARRAY -> open.pop();
                case START_OBJECT -> {
                    open.push(new HashSet<>());
                    add(members, member, key, JsonValue.EMPTY_JSON_OBJECT);
                }
                case START_ARRAY -> {
                    open.push(Set.of());
                    add(members, member, key, JsonValue.EMPTY_JSON_ARRAY);
                }
                default -> add(members, member, key, parser.getValue());
            }
        }
        return members.build();
    }

    private static void add(JsonObjectBuilder members, boolean member, String key, JsonValue value) {
        if (member) {
            members.add(key, value);
        }
    }

    private static String utf8(byte[] bytes) {
        // The quick way writes U+FFFD for what is malformed. A text with none is as it came; the strict way judges the
        // others.
        String quick = new String(bytes, StandardCharsets.UTF_8);
        if (quick.indexOf('\uFFFD') < 0) {
            return quick;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw invalid("The body is not UTF-8.");
        }
    }

    private static Refused invalid(String detail) {
        return new Refused(ErrorCode.INVALID_JSON, detail);
    }

    /** The document as bytes. */
    static byte[] bytes(Consumer<JsonGenerator> document) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        write(document, bytes);
        return bytes.toByteArray();
    }

    /** Writes the document, and closes the stream. */
    static void write(Consumer<JsonGenerator> document, OutputStream out) {
        try (JsonGenerator json = WRITERS.createGenerator(out)) {
            document.accept(json);
        }
    }
}
