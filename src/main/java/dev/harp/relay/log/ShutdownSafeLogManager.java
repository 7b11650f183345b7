package dev.harp.relay.log;

import java.util.logging.LogManager;

/**
 * Keeps the log until the process ends. The JDK's own takes all handlers away as soon as a shutdown begins, beside the hook that
 * drains, so that what is said of the last answers would be lost. To be named in {@code java.util.logging.manager} before anything logs.
 */
public final class ShutdownSafeLogManager extends LogManager {

    /** For the JDK, by name. */
    public ShutdownSafeLogManager() {}

    /** Nothing: only a shutdown, and a change of configuration that nobody makes, would call it. */
    @Override
    public void reset() {}
}
