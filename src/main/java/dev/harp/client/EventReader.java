package dev.harp.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Reads server-sent events (the HTML Standard, 9.2), as far as the relay uses them: one line of data an event. */
final class EventReader {
    /** The largest event: one full item of the device's list. */
    private static final int MAX_LINE = 2 * 1024 * 1024;

    private final InputStream in;
    private volatile long lines;

    /** An event; a comment is an event without a name. */
    record Event(String name, String data, Optional<String> id) {}

    EventReader(InputStream in) {
        this.in = new BufferedInputStream(in, 16 * 1024);
    }

    /** The next event or comment; empty at the end of the stream. */
    Optional<Event> next() throws IOException {
        String name = "";
        String data = "";
        Optional<String> id = Optional.empty();
        boolean begun = false;
        while (true) {
            Optional<String> line = line();
            if (line.isEmpty()) {
                return Optional.empty();
            }
            String text = line.get();
            if (text.isEmpty()) {
                if (begun) {
                    return Optional.of(new Event(name, data, id));
                }
                continue;
            }
            begun = true;
            int colon = text.indexOf(':');
            String field = colon < 0 ? text : text.substring(0, colon);
            String value = colon < 0 ? "" : text.substring(colon + 1).replaceFirst("^ ", "");
            switch (field) {
                case "event" -> name = value;
                case "data" -> data = value;
                // It goes back in a header field, so nothing else than the relay's own form is taken for one.
                case "id" -> id = Optional.of(value).filter(given -> given.matches("[!-~]{1,256}"));
                default -> {}
            }
        }
    }

    /** How many lines have come: as long as it grows, the other end is alive. */
    long lines() {
        return lines;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread reads events
    private Optional<String> line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == '\n') {
                lines++;
                return Optional.of(line.toString(UTF_8).replaceFirst("\r$", ""));
            }
            if (line.size() >= MAX_LINE) {
                throw new IOException("an event is too long");
            }
            line.write(next);
        }
        return Optional.empty();
    }
}
