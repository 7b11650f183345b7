package dev.harp.relay.log;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.stream.Stream;

/**
 * Formats an event as one line of printable ASCII, whatever its text contains.
 *
 * <p>All other characters are escaped as in JSON. So no line feed, no terminal escape sequence and no change of writing
 * direction reaches the log; half of a surrogate pair becomes U+FFFD. Text is truncated at a limit, so that a line has
 * a maximum length.
 *
 * <p>Of an exception, the class and the stack frames are logged. Its message is logged only if one of the relay's own
 * loggers reports it: exceptions of libraries may quote a request.
 */
final class Line extends Formatter {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final String OWN = "dev.harp.";
    private static final int MESSAGE = 4096;
    private static final int VALUE = 1024;
    private static final int ERROR = 16_384;
    private static final int CAUSES = 5;
    private static final int FRAMES = 30;

    private final boolean json;

    private Line(boolean json) {
        this.json = json;
    }

    /** A JSON object (RFC 8259) per line. */
    static Line json() {
        return new Line(true);
    }

    /** Text for people. Only here an exception takes further lines, each of them indented. */
    static Line text() {
        return new Line(false);
    }

    @Override
    public String format(LogRecord entry) {
        Optional<Event> event = event(entry);
        String message = event.map(Event::message).orElseGet(() -> formatMessage(entry));
        Optional<String> error = event.flatMap(Event::error).or(() -> error(entry));
        StringBuilder line = new StringBuilder(256);
        if (json) {
            asJson(line, entry, event, message, error);
        } else {
            asText(line, entry, event, message, error);
        }
        return line.append('\n').toString();
    }

    private static Optional<Event> event(LogRecord entry) {
        Object[] parameters = entry.getParameters();
        return parameters != null && parameters.length == 1 && parameters[0] instanceof Event event
                ? Optional.of(event)
                : Optional.empty();
    }

    private static void asJson(
            StringBuilder line, LogRecord entry, Optional<Event> event, String message, Optional<String> error) {
        line.append("{\"time\":\"")
                .append(time(entry))
                .append("\",\"level\":\"")
                .append(level(entry));
        member(line.append('"'), "logger", logger(entry), VALUE);
        event.ifPresent(named -> member(line, "event", named.name(), VALUE));
        member(line, "message", message, MESSAGE);
        for (Map.Entry<String, Object> field : fields(event).entrySet()) {
            if (field.getValue() instanceof Number || field.getValue() instanceof Boolean) {
                line.append(",\"").append(field.getKey()).append("\":").append(field.getValue());
            } else {
                member(line, field.getKey(), field.getValue().toString(), VALUE);
            }
        }
        error.ifPresent(text -> member(line, "error", text, ERROR));
        line.append('}');
    }

    private static void member(StringBuilder line, String name, String value, int most) {
        line.append(",\"").append(name).append("\":\"");
        escape(line, value, most);
        line.append('"');
    }

    private static void asText(
            StringBuilder line, LogRecord entry, Optional<Event> event, String message, Optional<String> error) {
        String logger = logger(entry);
        line.append(time(entry)).append(' ').append(level(entry)).append(' ');
        escape(line, logger.substring(logger.lastIndexOf('.') + 1), VALUE);
        escape(line.append(": "), message, MESSAGE);
        event.filter(named -> !named.fields().isEmpty())
                .ifPresent(named -> line.append(" [").append(named.name()).append(']'));
        fields(event).forEach((name, value) -> {
            line.append(' ').append(name).append('=');
            escape(line, value.toString(), VALUE);
        });
        error.ifPresent(text -> text.lines().limit((long) CAUSES * (FRAMES + 1)).forEach(each -> {
            line.append("\n    ");
            escape(line, each.strip(), VALUE);
        }));
    }

    private static Map<String, Object> fields(Optional<Event> event) {
        return event.map(Event::fields).orElse(Map.of());
    }

    private static String time(LogRecord entry) {
        return TIME.format(Instant.ofEpochMilli(entry.getMillis()));
    }

    private static String logger(LogRecord entry) {
        return String.valueOf(entry.getLoggerName());
    }

    private static String level(LogRecord entry) {
        int level = entry.getLevel().intValue();
        if (level >= Level.SEVERE.intValue()) {
            return "error";
        }
        if (level >= Level.WARNING.intValue()) {
            return "warning";
        }
        return level >= Level.CONFIG.intValue() ? "info" : "debug";
    }

    /** The stack traces of an error; below that level, the classes of the exceptions. */
    private static Optional<String> error(LogRecord entry) {
        if (entry.getThrown() == null) {
            return Optional.empty();
        }
        boolean severe = entry.getLevel().intValue() >= Level.SEVERE.intValue();
        return Optional.of(
                trace(entry.getThrown(), severe, severe && logger(entry).startsWith(OWN)));
    }

    /** The classes of an exception and its causes. */
    static String trace(Throwable outermost, boolean withFrames, boolean withMessages) {
        StringBuilder text = new StringBuilder();
        Throwable thrown = outermost;
        for (int i = 0; i < CAUSES && thrown != null; i++) {
            text.append(i == 0 ? "" : "\ncaused by ").append(thrown.getClass().getName());
            if (withMessages && thrown.getMessage() != null) {
                escape(text.append(": "), thrown.getMessage(), VALUE);
            }
            Stream.of(thrown.getStackTrace())
                    .limit(withFrames ? FRAMES : 0)
                    .forEach(frame -> text.append("\nat ").append(frame));
            thrown = thrown.getCause();
        }
        return text.toString();
    }

    private static void escape(StringBuilder to, String text, int most) {
        int end = Math.min(text.length(), most);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> to.append('\\').append(c);
                case '\n' -> to.append("\\n");
                case '\r' -> to.append("\\r");
                case '\t' -> to.append("\\t");
                default -> {
                    if (c >= ' ' && c < 0x7f) {
                        to.append(c);
                    } else {
                        to.append("\\u").append(HexFormat.of().toHexDigits(whole(text, i, end) ? c : '\ufffd'));
                    }
                }
            }
        }
        if (end < text.length()) {
            to.append("... (").append(text.length()).append(" characters)");
        }
    }

    /** Whether the character is not a surrogate, or has the other half of its pair beside it. */
    private static boolean whole(String text, int i, int end) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 < end && Character.isLowSurrogate(text.charAt(i + 1));
        }
        return !Character.isLowSurrogate(c) || (i > 0 && Character.isHighSurrogate(text.charAt(i - 1)));
    }
}
