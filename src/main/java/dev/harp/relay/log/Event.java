package dev.harp.relay.log;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An entry of the log: a stable name for machines, a sentence for people, and fields.
 *
 * <p>It is the only parameter of a log record, so that callers need nothing but {@link System.Logger}.
 */
public final class Event {
    private final String name;
    private final String message;
    private final Map<String, Object> fields = new LinkedHashMap<>();
    private Optional<String> error = Optional.empty();

    private Event(String name, String message) {
        this.name = name;
        this.message = message;
    }

    /**
     * An event without fields.
     *
     * @param name in {@code snake_case}; it does not change once released, because alerts match it
     * @param message a constant sentence
     */
    public static Event of(String name, String message) {
        return new Event(name, message);
    }

    /** Adds a field. Numbers and booleans stay what they are in JSON; all else is text. */
    public Event with(String field, Object value) {
        fields.put(field, value);
        return this;
    }

    /** Adds a field, if there is a value. */
    public Event with(String field, Optional<?> value) {
        value.ifPresent(present -> fields.put(field, present));
        return this;
    }

    /** Adds a description of several lines, such as a stack trace. */
    public Event error(String text) {
        error = Optional.of(text);
        return this;
    }

    /** Logs the event. */
    public void to(System.Logger logger, System.Logger.Level level) {
        logger.log(level, "{0}", this);
    }

    /** The name for machines. */
    public String name() {
        return name;
    }

    String message() {
        return message;
    }

    Map<String, Object> fields() {
        return fields;
    }

    Optional<String> error() {
        return error;
    }

    /** For handlers that do not know events. */
    @Override
    public String toString() {
        return message + " " + name + fields + error.map(text -> "\n" + text).orElse("");
    }
}
