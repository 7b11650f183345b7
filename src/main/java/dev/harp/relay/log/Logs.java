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
 * The log: one line per event, on standard output. The operator's level applies to the relay's own loggers. Those of
 * the libraries stay at warnings, because at finer levels they may quote a request.
 */
public final class Logs {
    private static final int MAX_QUEUED_BYTES = 4 << 20;
    private static final Map<System.Logger.Level, Level> LEVELS = Map.of(
            System.Logger.Level.ERROR, Level.SEVERE,
            System.Logger.Level.WARNING, Level.WARNING,
            System.Logger.Level.INFO, Level.INFO,
            System.Logger.Level.DEBUG, Level.FINE);

    /** A strong reference: the log manager holds loggers weakly. */
    private static final List<Logger> LOGGERS = List.of(Logger.getLogger(""), Logger.getLogger("dev.harp"));

    private static volatile System.Logger.Level level = System.Logger.Level.INFO;

    /** The format of a line. */
    public enum Format {
        /** Text if standard input and output are a terminal, JSON otherwise. */
        AUTO,
        /** A JSON object per line. */
        JSON,
        /** Text for people. */
        TEXT
    }

    private Logs() {}

    /** Replaces the handlers of the JDK by the relay's own. */
    public static void configure(System.Logger.Level level, Format format) {
        Logger root = LOGGERS.getFirst();
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        root.addHandler(new LineWriter(
                new FileOutputStream(FileDescriptor.out),
                asText(format) ? Line.text() : Line.json(),
                MAX_QUEUED_BYTES));
        level(level);
    }

    /**
     * Sets the level until the process ends.
     *
     * @param level error, warning, info or debug
     */
    public static void level(System.Logger.Level level) {
        Level own = LEVELS.getOrDefault(level, Level.INFO);
        LOGGERS.getFirst().setLevel(own.equals(Level.SEVERE) ? Level.SEVERE : Level.WARNING);
        LOGGERS.getLast().setLevel(own);
        Logs.level = level;
    }

    /** The level: error, warning, info or debug. */
    public static System.Logger.Level level() {
        return level;
    }

    /** Waits until every line is written, at most for the given time. */
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
