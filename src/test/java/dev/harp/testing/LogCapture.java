package dev.harp.testing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * The log records of one logger and those below it while this is open; they go nowhere else meanwhile. Loggers are
 * global: classes that capture cannot run at once in one JVM.
 */
public final class LogCapture extends Handler implements AutoCloseable {
    private static final Logger ROOT = Logger.getLogger("");

    private final Logger logger;
    private final List<LogRecord> records = Collections.synchronizedList(new ArrayList<>());

    private LogCapture(String name, Level level) {
        logger = Logger.getLogger(name);
        logger.addHandler(this);
        logger.setUseParentHandlers(false);
        logger.setLevel(level);
    }

    /** Captures events of these loggers as an operator sees them, from INFO up. */
    public static LogCapture of(String logger) {
        return new LogCapture(logger, Level.INFO);
    }

    /** Captures every record of the relay's own loggers at any level, and what libraries log at their level. */
    public static LogCapture ofEverything() {
        LogCapture capture = new LogCapture("dev.harp", Level.ALL);
        ROOT.addHandler(capture);
        return capture;
    }

    /** Captures records from this level up from now on. */
    public void capture(Level level) {
        logger.setLevel(level);
    }

    @Override
    public void publish(LogRecord entry) {
        records.add(entry);
    }

    public int size() {
        return records.size();
    }

    /** Level and event of each record, or its message if it is no event. */
    public List<String> lines() {
        return copy().stream()
                .map(entry -> entry.getLevel() + " "
                        + (parameters(entry).isEmpty()
                                ? entry.getMessage()
                                : parameters(entry).getFirst()))
                .toList();
    }

    /** The lines of the events with this name. */
    public List<String> events(String name) {
        return lines().stream().filter(line -> line.contains(" " + name + "{")).toList();
    }

    /** Everything that a formatter could print: loggers, messages, parameters, exceptions and their causes. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (LogRecord entry : copy()) {
            text.append(entry.getLoggerName()).append(' ').append(entry.getMessage());
            parameters(entry).forEach(parameter -> text.append(' ').append(parameter));
            for (Throwable thrown = entry.getThrown(); thrown != null; thrown = thrown.getCause()) {
                text.append(' ').append(thrown);
            }
            text.append('\n');
        }
        return text.toString();
    }

    private List<LogRecord> copy() {
        synchronized (records) {
            return List.copyOf(records);
        }
    }

    private static List<Object> parameters(LogRecord entry) {
        Object[] parameters = entry.getParameters();
        return parameters == null ? List.of() : List.of(parameters);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
        logger.setLevel(null);
        ROOT.removeHandler(this);
    }
}
