package dev.harp.relay.ops;

import java.util.List;
import java.util.Map;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * The log: one line an event, on standard error. The relay's own loggers follow the operator's level; those of the libraries
 * stay at warnings, because what they say of a call at finer levels may quote it.
 */
public final class Logs {
    private static final Map<System.Logger.Level, Level> LEVELS = Map.of(
            System.Logger.Level.ERROR, Level.SEVERE,
            System.Logger.Level.WARNING, Level.WARNING,
            System.Logger.Level.INFO, Level.INFO,
            System.Logger.Level.DEBUG, Level.FINE);

    /** Kept, since the log manager only holds loggers weakly. */
    private static final List<Logger> LOGGERS = List.of(Logger.getLogger(""), Logger.getLogger("dev.harp"));

    private Logs() {}

    /** Sets the log up for this process. */
    public static void configure(System.Logger.Level level) {
        Logger root = LOGGERS.getFirst();
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        ConsoleHandler console = new ConsoleHandler();
        console.setLevel(Level.ALL);
        console.setFormatter(new Line());
        root.addHandler(console);
        root.setLevel(Level.WARNING);
        LOGGERS.getLast().setLevel(LEVELS.getOrDefault(level, Level.INFO));
    }

    private static final class Line extends Formatter {
        @Override
        public String format(LogRecord entry) {
            String logger = String.valueOf(entry.getLoggerName());
            StringBuilder line = new StringBuilder(128)
                    .append(entry.getInstant())
                    .append(' ')
                    .append(entry.getLevel())
                    .append(' ')
                    .append(logger.substring(logger.lastIndexOf('.') + 1))
                    .append(": ")
                    .append(formatMessage(entry))
                    .append('\n');
            for (Throwable cause = entry.getThrown(); cause != null; cause = cause.getCause()) {
                // Without the message, which may quote a call.
                line.append("    ").append(cause.getClass().getName()).append('\n');
                for (StackTraceElement frame : cause.getStackTrace()) {
                    line.append("        at ").append(frame).append('\n');
                }
            }
            return line.toString();
        }
    }
}
