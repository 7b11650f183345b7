package dev.harp.relay.log;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An entry of the log: a stable name for machines, a sentence for people, and fields.
 *
 * <p>It is the only parameter of a log record, so that callers need nothing but {@link System.Logger}.
 *
 * @param name for machines
 * @param message for people
 * @param fields in the order in which they were added
 * @param error a description of several lines, such as a stack trace
 */
public record Event(String name, String message, Map<String, Object> fields, Optional<String> error) {

    /**
     * An event without fields.
     *
     * @param name in {@code snake_case}; it does not change once released, because alerts match it
     * @param message a constant sentence
     */
    public static Event of(String name, String message) {
        return new Event(name, message, new LinkedHashMap<>(), Optional.empty());
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
        return new Event(name, message, fields, Optional.of(text));
    }

    /** Adds the classes and the stack frames of an exception, without its messages. */
    public Event error(Throwable thrown) {
        return error(Line.trace(thrown, true, false));
    }

    /** Logs the event. */
    public void to(System.Logger logger, System.Logger.Level level) {
        logger.log(level, "{0}", this);
    }

    /** For handlers that do not know events. */
    @Override
    public String toString() {
        return message + " " + name + fields + error.map(text -> "\n" + text).orElse("");
    }
}
