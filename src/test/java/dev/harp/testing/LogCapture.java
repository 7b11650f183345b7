package dev.harp.testing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Every record of the relay's own loggers while this is open, at any level, its parameters and exceptions included; and others' as they are set. */
public final class LogCapture extends Handler implements AutoCloseable {
    private static final Logger ROOT = Logger.getLogger("");
    private static final Logger OWN = Logger.getLogger("dev.harp");

    private final List<String> records = Collections.synchronizedList(new ArrayList<>());

    public LogCapture() {
        ROOT.addHandler(this);
        OWN.addHandler(this);
        OWN.setUseParentHandlers(false); // too much for the output of tests
        OWN.setLevel(Level.ALL);
    }

    @Override
    public void publish(LogRecord entry) {
        StringBuilder text = new StringBuilder(entry.getLoggerName() + " " + entry.getMessage());
        Object[] parameters = entry.getParameters();
        for (Object parameter : parameters == null ? new Object[0] : parameters) {
            text.append(' ').append(parameter);
        }
        for (Throwable thrown = entry.getThrown(); thrown != null; thrown = thrown.getCause()) {
            text.append(' ').append(thrown);
        }
        records.add(text.toString());
    }

    /** All of them so far. */
    public String text() {
        synchronized (records) {
            return String.join("\n", records);
        }
    }

    public int size() {
        return records.size();
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        OWN.setLevel(null);
        OWN.setUseParentHandlers(true);
        OWN.removeHandler(this);
        ROOT.removeHandler(this);
    }
}
