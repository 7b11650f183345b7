package dev.harp.relay.http.api;

import dev.harp.json.Json;
import jakarta.json.stream.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Writes server-sent events (the HTML Standard, section 9.2), each in one piece. Data is one line, because JSON escapes line breaks; names and ids are
 * the relay's own.
 */
final class EventWriter {
    /** For an event whose name says it all. */
    static final Consumer<JsonGenerator> NO_DATA =
            json -> json.writeStartObject().writeEnd();

    private final OutputStream out;

    EventWriter(OutputStream out) {
        this.out = out;
    }

    /** After how long a client whose connection has ended comes back, in milliseconds. */
    void retry(long millis) {
        write("retry: " + millis + "\n\n");
    }

    /** What clients ignore, and connections are kept alive by. */
    void comment(String text) {
        write(":" + text + "\n\n");
    }

    /**
     * An event.
     *
     * @param id what the client sends as {@code Last-Event-ID} if this is the last that has reached it
     */
    void event(String name, Optional<String> id, Consumer<JsonGenerator> data) {
        write("event: " + name + id.map(known -> "\nid: " + known).orElse("") + "\ndata: "
                + new String(Json.bytes(data), StandardCharsets.UTF_8) + "\n\n");
    }

    private void write(String text) {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All that was written goes to the client now. */
    void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
