package dev.harp.relay.log;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Something that happened, as the log tells it: a stable name for machines, a sentence for people, and fields.
 *
 * <p>It travels as the one parameter of a log record, so that whoever logs needs no more than {@link System.Logger}.
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
     * @param name in {@code snake_case}, never changed once released: alerts match it
     * @param message a constant sentence
     */
    public static Event of(String name, String message) {
        return new Event(name, message);
    }

    /** Adds a field. */
    public Event with(String field, String value) {
        fields.put(field, value);
        return this;
    }

    /** Adds a field. */
    public Event with(String field, long value) {
        fields.put(field, value);
        return this;
    }

    /** Adds a field. */
    public Event with(String field, boolean value) {
        fields.put(field, value);
        return this;
    }

    /** Adds a field, if there is a value. */
    public Event with(String field, Optional<?> value) {
        value.ifPresent(present -> fields.put(field, present.toString()));
        return this;
    }

    /** Adds a description of several lines, such as a stack. */
    public Event error(String text) {
        error = Optional.of(text);
        return this;
    }

    /** Writes it. */
    public void to(System.Logger logger, System.Logger.Level level) {
        logger.log(level, "{0}", this);
    }

    String name() {
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

    /** For handlers that know no events. */
    @Override
    public String toString() {
        return message + " " + name + fields + error.map(text -> "\n" + text).orElse("");
    }
}
