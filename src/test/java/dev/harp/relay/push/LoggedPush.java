package dev.harp.relay.push;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the package logs while this is open. */
final class LoggedPush extends Handler {
    private static final Logger OWN = Logger.getLogger("dev.harp.relay.push");

    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    LoggedPush() {
        OWN.addHandler(this);
        OWN.setUseParentHandlers(false);
        OWN.setLevel(Level.INFO);
    }

    @Override
    public void publish(LogRecord entry) {
        Object[] parameters = entry.getParameters();
        lines.add(entry.getLevel() + " "
                + (parameters == null || parameters.length == 0 ? entry.getMessage() : parameters[0]));
    }

    List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    List<String> of(String event) {
        return lines().stream().filter(line -> line.contains(" " + event + "{")).toList();
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        OWN.removeHandler(this);
        OWN.setUseParentHandlers(true);
        OWN.setLevel(null);
    }
}
