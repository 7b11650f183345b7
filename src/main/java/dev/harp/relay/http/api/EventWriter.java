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
 * Writes server-sent events (the HTML Standard, section 9.2), each in one write. Data is one line, because JSON escapes
 * line breaks; names and ids are the relay's own.
 */
final class EventWriter {
    private final OutputStream out;

    EventWriter(OutputStream out) {
        this.out = out;
    }

    /** The delay before a client reconnects, in milliseconds. */
    void retry(long millis) {
        write("retry: " + millis + "\n\n");
    }

    /** A comment, which clients ignore; it keeps the connection alive. */
    void comment(String text) {
        write(":" + text + "\n\n");
    }

    /**
     * An event.
     *
     * @param id what the client sends as {@code Last-Event-ID} to resume after this event
     */
    void event(String name, Optional<?> id, Consumer<JsonGenerator> data) {
        write("event: " + name + id.map(known -> "\nid: " + known).orElse("") + "\ndata: "
                + new String(Json.bytes(data), StandardCharsets.UTF_8) + "\n\n");
    }

    /** An event that consists of its name. */
    void event(String name, Optional<?> id) {
        event(name, id, json -> json.writeStartObject().writeEnd());
    }

    private void write(String text) {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
