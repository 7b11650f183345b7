package dev.harp.relay.net;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * File descriptors: each connection takes one, and a process that has run out of them can accept no more, which
 * Helidon's listener does not survive.
 *
 * <p>On Linux both numbers come from {@code /proc}: the JVM's management knows them as well, and takes a tenth of the start
 * and a megabyte to say so. It is asked where there is no {@code /proc}.
 */
public final class FileDescriptors {
    private static final long LEAST_RESERVE = 256;
    private static final long RESERVE_PART = 25;
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final File OPEN = new File("/proc/self/fd");
    private static final Pattern SOFT_LIMIT = Pattern.compile("Max open files +(\\d+)");

    /** Read once, while there are descriptors to read it with. */
    private static final Optional<Long> PROC_LIMIT = procLimit();

    private FileDescriptors() {}

    /** What {@code ulimit -n} allows this process; more than anyone needs where it cannot be told. */
    public static long limit() {
        return PROC_LIMIT.orElseGet(
                () -> ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                                && unix.getMaxFileDescriptorCount() > 0
                        ? unix.getMaxFileDescriptorCount()
                        : Long.MAX_VALUE);
    }

    /**
     * How many connections a limit has room for, beside files, the listener, and what is being refused. May be negative.
     */
    public static long room(long limit) {
        return limit - reserve(limit);
    }

    /**
     * How many calls of one kind to others a limit has room for at once: a quarter of what is reserved, since there are two kinds, webhooks and web
     * pushes. At least 1.
     */
    public static int calls(long limit) {
        return (int) Math.min(Integer.MAX_VALUE, reserve(limit) / 4);
    }

    /** Whether less than a quarter of the reserve is left. Lists {@code /proc/self/fd}: some milliseconds. */
    public static boolean scarce() {
        if (PROC_LIMIT.isPresent()) {
            String[] open = OPEN.list();
            // To list them takes a descriptor, too: if that fails, there is none.
            return open == null || tight(limit(), open.length);
        }
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                && tight(unix.getMaxFileDescriptorCount(), unix.getOpenFileDescriptorCount());
    }

    private static boolean tight(long limit, long open) {
        return limit - open < reserve(limit) / 4;
    }

    private static long reserve(long limit) {
        return Math.max(LEAST_RESERVE, limit / RESERVE_PART);
    }

    private static Optional<Long> procLimit() {
        try {
            return SOFT_LIMIT
                    .matcher(Files.readString(LIMITS))
                    .results()
                    .map((MatchResult found) -> Long.valueOf(found.group(1)))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
