package dev.harp.relay.push;

import jakarta.json.JsonConfig;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonReaderFactory;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.spi.JsonProvider;
import jakarta.json.stream.JsonGenerator;
import jakarta.json.stream.JsonGeneratorFactory;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** JSON (RFC 8259) to and from strangers: objects without a key twice, of a sane depth. */
final class PushJson {
    private static final JsonProvider PROVIDER = JsonProvider.provider();
    private static final JsonReaderFactory READERS = PROVIDER.createReaderFactory(
            Map.of("org.eclipse.parsson.maxDepth", 32, JsonConfig.KEY_STRATEGY, JsonConfig.KeyStrategy.NONE));
    private static final JsonGeneratorFactory WRITERS = PROVIDER.createGeneratorFactory(Map.of());

    private PushJson() {}

    /** The object that the text writes, and nothing behind it; empty if it writes none. */
    static Optional<JsonObject> object(String text) {
        try (JsonReader reader = READERS.createReader(new StringReader(text))) {
            return Optional.of(reader.readObject());
        } catch (RuntimeException _) {
            // Parsson says with many kinds of exceptions that it does not like a text.
            return Optional.empty();
        }
    }

    static Optional<JsonObject> object(byte[] utf8) {
        return object(new String(utf8, StandardCharsets.UTF_8));
    }

    static Optional<JsonObject> object(JsonObject in, String name) {
        return in.get(name) instanceof JsonObject object ? Optional.of(object) : Optional.empty();
    }

    static Optional<String> text(JsonObject in, String name) {
        return text(in.get(name));
    }

    static Optional<String> text(@Nullable JsonValue value) {
        return value instanceof JsonString string ? Optional.of(string.getString()) : Optional.empty();
    }

    static byte[] bytes(Consumer<JsonGenerator> document) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator json = WRITERS.createGenerator(bytes)) {
            document.accept(json);
        }
        return bytes.toByteArray();
    }
}
