package dev.harp.relay.ops;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * File descriptors: each connection takes one, and a process that has run out of them can accept no more, which
 * Helidon's listener does not survive.
 */
public final class Descriptors {
    private static final long LEAST_RESERVE = 256;
    private static final long RESERVE_PART = 25;

    private Descriptors() {}

    /** What {@code ulimit -n} allows this process; more than anyone needs where it cannot be told. */
    public static long limit() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                        && unix.getMaxFileDescriptorCount() > 0
                ? unix.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
    }

    /**
     * How many connections a limit has room for, beside files, the listener, and what is being refused. May be negative.
     */
    public static long room(long limit) {
        return limit - reserve(limit);
    }

    /** Whether less than a quarter of the reserve is left. Reads {@code /proc/self/fd}: some milliseconds. */
    public static boolean scarce() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                && unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount()
                        < reserve(unix.getMaxFileDescriptorCount()) / 4;
    }

    private static long reserve(long limit) {
        return Math.max(LEAST_RESERVE, limit / RESERVE_PART);
    }
}
