package dev.harp.relay.config;

import dev.harp.relay.net.FileDescriptors;
import java.util.List;

/**
 * What the heap has room for: {@code MAX_CONNECTIONS}, {@code MAX_WAITERS} and {@code MAX_STORED_BYTES}.
 *
 * @param connections the most open connections
 * @param waiters the most calls that wait
 * @param records bytes of records
 * @param buffers bytes of what is being read and written
 * @param fetchedAnswers the most answers of which it is noted that their platforms have fetched them
 */
record MemoryOptions(int connections, int waiters, long records, long buffers, int fetchedAnswers) {
    private static final int ANY_NUMBER = ConfigReader.ANY_NUMBER;
    private static final long MEBIBYTE = ConfigReader.MEBIBYTE;
    private static final int CONNECTIONS = 20_000;

    /** With fewer than this for want of files there is a warning, even if nobody has asked for more. */
    private static final int FEW_CONNECTIONS = CONNECTIONS / 2;

    private static final int FEWEST_CONNECTIONS = 16;

    /**
     * Reads the three options and shares the heap. Records that the operator asks for come first, then connections,
     * then the usual records.
     *
     * @param recordsInHeap false for a store that keeps its records elsewhere
     * @param warnings gets a line for each value that had to be lowered
     */
    static MemoryOptions read(
            Options options, ConfigReader.Environment environment, boolean recordsInHeap, List<String> warnings) {
        HeapBudget budget = HeapBudget.of(environment.maxHeap(), recordsInHeap);
        long askedBytes = askedBytes(options, environment, budget);
        int fit = askedBytes > 0 && recordsInHeap ? budget.connections(askedBytes) : budget.mostConnections();
        int connections = maxConnections(options, environment, budget, fit, askedBytes, warnings);
        long usual = environment.maxHeap() / 2;
        long bytes = askedBytes > 0 ? askedBytes : recordsInHeap ? Math.min(usual, budget.records(connections)) : usual;
        options.effective(Option.MAX_STORED_BYTES, "" + bytes);
        return new MemoryOptions(
                connections,
                waiters(options, connections, warnings),
                bytes,
                budget.buffers(),
                HeapBudget.fetchedAnswers(environment.maxHeap()));
    }

    /** Bytes of records that the operator asks for; 0 for the default, and after an error. */
    private static long askedBytes(Options options, ConfigReader.Environment environment, HeapBudget budget) {
        long asked = options.number(Option.MAX_STORED_BYTES, "a whole number", 0, Long.MAX_VALUE / 1024);
        long most = budget.records() ? budget.mostRecords() : Long.MAX_VALUE / 1024;
        if (asked != 0 && (asked < MEBIBYTE || asked > most)) {
            options.wrong(
                    Option.MAX_STORED_BYTES,
                    "" + asked,
                    "0 for what the Java heap has room for, or " + MEBIBYTE + " to " + most + " with this heap of "
                            + environment.maxHeap() / MEBIBYTE + " MiB");
            return 0;
        }
        return asked;
    }

    /** @param fit how many the heap has room for */
    private static int maxConnections(
            Options options,
            ConfigReader.Environment environment,
            HeapBudget budget,
            int fit,
            long askedBytes,
            List<String> warnings) {
        int asked = options.integer(Option.MAX_CONNECTIONS, 0, ANY_NUMBER);
        int files = (int) Math.min(ANY_NUMBER, FileDescriptors.room(environment.openFiles()));
        int usual = Math.min(CONNECTIONS, askedBytes > 0 ? fit : budget.usualConnections());
        int wanted = asked == 0 ? CONNECTIONS : asked;
        int most = Math.min(asked == 0 ? usual : Math.min(asked, fit), files);
        if (Math.min(wanted, files) < FEWEST_CONNECTIONS) {
            options.wrong(
                    Option.MAX_CONNECTIONS,
                    asked + " with a limit of " + environment.openFiles() + " open files",
                    "0 or at least " + FEWEST_CONNECTIONS + ", and a limit (ulimit -n) of 1024 or more");
        } else if (most < FEWEST_CONNECTIONS) {
            options.wrong(
                    Option.MAX_CONNECTIONS,
                    asked + " with a Java heap of " + environment.maxHeap() / MEBIBYTE + " MiB",
                    "0 or at least " + FEWEST_CONNECTIONS + ", and a heap (-Xmx) of "
                            + HeapBudget.heapFor(FEWEST_CONNECTIONS, askedBytes, budget.records()) + " MiB or more");
        } else if (files == most && most < (asked == 0 ? FEW_CONNECTIONS : asked)) {
            warnings.add("MAX_CONNECTIONS: lowered from " + wanted + " to " + most + ", because "
                    + environment.openFiles() + " open files are allowed (ulimit -n)");
        } else if (most < asked) {
            warnings.add("MAX_CONNECTIONS: lowered from " + asked + " to " + most + ", because more do not fit into a"
                    + " Java heap of " + environment.maxHeap() / MEBIBYTE + " MiB; " + asked + " need -Xmx"
                    + HeapBudget.heapFor(asked, askedBytes, budget.records()) + "m"
                    + (askedBytes > 0 && budget.records() ? ", or a smaller MAX_STORED_BYTES" : ""));
        }
        options.effective(Option.MAX_CONNECTIONS, "" + most);
        return most;
    }

    /** By default some connections stay free for calls that do not wait. Each waiter takes one. */
    private static int waiters(Options options, int connections, List<String> warnings) {
        int asked = options.integer(Option.MAX_WAITERS, 0, ANY_NUMBER);
        int usual = connections - Math.min(256, connections / 10 + 1);
        int waiters = asked == 0 ? usual : Math.min(asked, connections);
        if (waiters < asked) {
            warnings.add("MAX_WAITERS: lowered from " + asked + " to " + waiters + ", because each takes one of the "
                    + connections + " connections (MAX_CONNECTIONS)");
        }
        options.effective(Option.MAX_WAITERS, "" + waiters);
        return waiters;
    }
}
