package dev.harp.relay.log;

import java.util.logging.LogManager;

/**
 * Keeps the handlers of the log until the process ends. The JDK's own log manager removes all of them when a shutdown
 * begins, in a shutdown hook of its own beside the one that drains the relay, so the last events would be lost.
 * {@code java.util.logging.manager} must name this class before anything is logged.
 */
public final class ShutdownSafeLogManager extends LogManager {

    /** Called by the JDK, which has the name from the property. */
    public ShutdownSafeLogManager() {}

    /**
     * Does nothing: only a shutdown calls it, and a change of the configuration of logging, which the relay never
     * makes.
     */
    @Override
    public void reset() {}
}
