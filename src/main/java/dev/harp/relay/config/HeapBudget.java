package dev.harp.relay.config;

/**
 * How the Java heap is shared, in bytes, so that the relay lives with all of its bounds used up at once. Three tenths
 * are left to the collector, because a heap that is nearly full is collected all the time, and to what is noted of
 * fetched answers; {@link #BASE} is for the relay itself. Of the rest, an eighth is for what is being read and written,
 * and connections and records share what remains. Neither of the two takes more than three quarters of that, whatever
 * the operator asks for.
 *
 * @param buffers for bodies that are being read and answers that are being written
 * @param held for connections, calls that wait on them, and records
 * @param records whether records are in the heap; Redis keeps its own elsewhere
 */
record HeapBudget(long buffers, long held, boolean records) {
    private static final long KIBIBYTE = 1024;
    private static final long MEBIBYTE = 1024 * KIBIBYTE;

    /** Classes' data, the app's files, queues of the log and of outbound calls, batches of a store. */
    static final long BASE = 24 * MEBIBYTE;

    /**
     * A connection at its worst, and the call that waits on it. {@code bench/heap} measures 16 KiB idle, 24 KiB with a
     * call that waits, and adds up to 33 KiB with the largest unfinished head, which a quarter of the connections may
     * have; heads of more than 4 KiB that are complete count for the buffers.
     */
    static final long CONNECTION = 42 * KIBIBYTE;

    /** So many fetched answers are noted with any heap. */
    private static final int FEWEST_FETCHED = 20_000;

    /** A fetched answer that is noted: its key, the time, and its places in a set and in a queue. */
    private static final long FETCHED_ANSWER = 300;

    /** What the collectors of the JDK do not count as maximum heap: one of the young generation's survivor spaces. */
    private static final double SURVIVOR = 30 / 29.0;

    /**
     * The budget of a heap.
     *
     * @param heap its maximum size
     * @param records whether records are in it
     */
    static HeapBudget of(long heap, boolean records) {
        long usable = Math.max(0, heap / 10 * 7 - BASE);
        return new HeapBudget(usable / 8, usable - usable / 8, records);
    }

    /** Of how many answers a heap of that size notes that they were fetched: what a fiftieth of it has room for. */
    static int fetchedAnswers(long heap) {
        return Math.clamp(heap / 50 / FETCHED_ANSWER, FEWEST_FETCHED, Integer.MAX_VALUE);
    }

    /** How many connections fit beside that many bytes of records. */
    int connections(long bytes) {
        return (int) Math.min(Integer.MAX_VALUE, (held - bytes) / CONNECTION);
    }

    /** How many connections fit if the records take the least that they get. */
    int mostConnections() {
        return connections(records ? held / 4 : 0);
    }

    /** How many connections are usual: beside them, records get five fourteenths of what both have. */
    int usualConnections() {
        return connections(records ? held / 14 * 5 : 0);
    }

    /** How many bytes of records fit beside that many connections. */
    long records(int connections) {
        return held - connections * CONNECTION;
    }

    /** How many bytes of records fit if there are few connections. */
    long mostRecords() {
        return held / 4 * 3;
    }

    /** The smallest {@code -Xmx}, in MiB, with which so many connections fit beside that many bytes of records. */
    static long heapFor(int connections, long bytes, boolean records) {
        double held = records
                ? Math.max(connections * CONNECTION / 0.75, connections * CONNECTION + (double) bytes)
                : connections * CONNECTION;
        return (long) Math.ceil((held / 7 * 8 + BASE) / 7 * 10 * SURVIVOR / MEBIBYTE) + 1;
    }
}
