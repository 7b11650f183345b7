package dev.harp.relay.http;

import dev.harp.relay.model.ErrorCode;
import jakarta.json.JsonConfig;
import jakarta.json.JsonConfig.KeyStrategy;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonReaderFactory;
import jakarta.json.spi.JsonProvider;
import jakarta.json.stream.JsonGenerator;
import jakarta.json.stream.JsonGeneratorFactory;
import jakarta.json.stream.JsonParser;
import jakarta.json.stream.JsonParserFactory;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;

/**
 * JSON in and out (RFC 8259), stricter than the parser by itself: an object, in UTF-8, no key twice, nothing behind it.
 *
 * <p>The factories are kept, because looking the provider up costs ten times what reading a small body does.
 */
final class Json {
    private static final JsonProvider PROVIDER = JsonProvider.provider();
    private static final Map<String, Object> STRICT =
            Map.of(JsonConfig.KEY_STRATEGY, KeyStrategy.NONE, "org.eclipse.parsson.maxDepth", 64);
    private static final JsonParserFactory PARSERS = PROVIDER.createParserFactory(STRICT);
    private static final JsonReaderFactory READERS = PROVIDER.createReaderFactory(STRICT);
    private static final JsonGeneratorFactory WRITERS = PROVIDER.createGeneratorFactory(Map.of());

    private Json() {}

    /** The object that the bytes write; refused with {@code invalid_json}. */
    static JsonObject object(byte[] bytes) {
        String text = utf8(bytes);
        try (JsonReader reader = READERS.createReader(new StringReader(text))) {
            // Only the reader looks for keys that stand twice, and only the parser at what stands behind the end.
            JsonObject object = reader.readObject();
            readToEnd(text);
            return object;
        } catch (RuntimeException e) {
            // Parsson says with many kinds of exceptions that it has had enough: of depth, of digits, of an exponent.
            throw invalid(
                    "The body is not one well-formed JSON object with unique keys, nested at most 64 deep, and with"
                            + " numbers of a sane size.");
        }
    }

    private static void readToEnd(String text) {
        try (JsonParser parser = PARSERS.createParser(new StringReader(text))) {
            while (parser.hasNext()) {
                parser.next();
            }
        }
    }

    private static String utf8(byte[] bytes) {
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
