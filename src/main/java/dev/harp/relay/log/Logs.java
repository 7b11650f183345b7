package dev.harp.relay.log;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The log: one line an event, on standard output. The relay's own loggers follow the operator's level; those of the libraries
 * stay at warnings, because what they say of a call at finer levels may quote it.
 */
public final class Logs {
    private static final int MOST_BYTES_WAITING = 4 << 20;
    private static final Map<System.Logger.Level, Level> LEVELS = Map.of(
            System.Logger.Level.ERROR, Level.SEVERE,
            System.Logger.Level.WARNING, Level.WARNING,
            System.Logger.Level.INFO, Level.INFO,
            System.Logger.Level.DEBUG, Level.FINE);

    /** Kept, since the log manager only holds loggers weakly. */
    private static final List<Logger> LOGGERS = List.of(Logger.getLogger(""), Logger.getLogger("dev.harp"));

    /** How an event is written. */
    public enum Format {
        /** For people when standard output is a terminal, for machines otherwise. */
        AUTO,
        /** A JSON object a line. */
        JSON,
        /** A line for people. */
        TEXT
    }

    private Logs() {}

    /** Sets the log up for this process. */
    public static void configure(System.Logger.Level level, Format format) {
        Logger root = LOGGERS.getFirst();
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        root.addHandler(new LineWriter(
                new FileOutputStream(FileDescriptor.out),
                asText(format) ? Line.text() : Line.json(),
                MOST_BYTES_WAITING));
        level(level);
    }

    /**
     * From now on, until the process ends.
     *
     * @param level error, warning, info or debug
     */
    public static void level(System.Logger.Level level) {
        Level own = LEVELS.getOrDefault(level, Level.INFO);
        LOGGERS.getFirst().setLevel(own.equals(Level.SEVERE) ? Level.SEVERE : Level.WARNING);
        LOGGERS.getLast().setLevel(own);
    }

    /** From which level on events are written: error, warning, info or debug. */
    public static System.Logger.Level level() {
        Level own = LOGGERS.getLast().getLevel();
        return LEVELS.entrySet().stream()
                .filter(level -> level.getValue().equals(own))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(System.Logger.Level.INFO);
    }

    /** Waits until everything is written, but no longer than that. */
    public static void flush(Duration atMost) {
        for (Handler handler : LOGGERS.getFirst().getHandlers()) {
            if (handler instanceof LineWriter writer) {
                writer.flush(atMost);
            }
        }
    }

    private static boolean asText(Format format) {
        return switch (format) {
            case TEXT -> true;
            case JSON -> false;
            case AUTO ->
                Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
        };
    }
}
