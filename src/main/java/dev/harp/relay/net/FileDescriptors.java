package dev.harp.relay.net;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * File descriptors. Each connection takes one, and a process without free ones can accept no more, which Helidon's
 * listener does not survive.
 */
public final class FileDescriptors {
    private static final long LEAST_RESERVE = 256;
    private static final long RESERVE_PART = 25;

    private FileDescriptors() {}

    /** What {@code ulimit -n} allows this process; {@code Long.MAX_VALUE} where that is unknown. */
    public static long limit() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                        && unix.getMaxFileDescriptorCount() > 0
                ? unix.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
    }

    /**
     * How many connections a limit has room for, beside files, the listener, and connections that are being refused.
     * May be negative.
     */
    public static long room(long limit) {
        return limit - reserve(limit);
    }

    /**
     * How many outgoing calls of one kind a limit has room for at once: a quarter of the reserve, since there are two
     * kinds, webhooks and web pushes. At least 1.
     */
    public static int calls(long limit) {
        return (int) Math.min(Integer.MAX_VALUE, reserve(limit) / 4);
    }

    /**
     * Whether less than a quarter of the reserve is left. Counts the open descriptors, which takes some milliseconds.
     */
    public static boolean scarce() {
        try {
            return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                    && limit() - unix.getOpenFileDescriptorCount() < reserve(limit()) / 4;
        } catch (InternalError e) {
            return true; // the JDK counts them with a descriptor of its own, so there is none left
        }
    }

    private static long reserve(long limit) {
        return Math.max(LEAST_RESERVE, limit / RESERVE_PART);
    }
}
