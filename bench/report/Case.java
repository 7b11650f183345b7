package report;

import java.util.List;

/**
 * What a table and its plot show.
 *
 * @param id its name in {@link Figures}, and of its plot
 * @param about what is done and measured
 * @param columns the figures
 */
public record Case(String id, String title, String about, List<Column> columns) {
    /**
     * A figure.
     *
     * @param what its name in {@link Figures}
     * @param digits behind the point
     * @param latency whether the plot shows it with the other percentiles of its case, on one logarithmic axis
     */
    public record Column(String what, String unit, int digits, boolean latency) {
        static Column of(String what, String unit, int digits) {
            return new Column(what, unit, digits, false);
        }

        static Column latency(String what) {
            return new Column(what, "us", 0, true);
        }

        String heading() {
            return unit.isEmpty() ? what : what + " (" + unit + ")";
        }
    }

    private static final Column CPU = Column.of("CPU for one", "us", 0);
    private static final List<Column> WAKE =
            List.of(Column.latency("p50"), Column.latency("p99"), Column.latency("p99.9"), CPU);
    private static final List<Column> HEALTH =
            List.of(Column.of("calls a second", "", 0), CPU, Column.latency("p50"), Column.latency("p99"));

    /** All cases, in the order of the report. */
    public static final List<Case> ALL = List.of(
            new Case(
                    "approvals",
                    "Whole approvals",
                    "64 pairs, each with one approval after another: the device's poll waits, the platform submits an"
                            + " envelope of 2 KiB and polls for the response, the device gets it and responds.",
                    List.of(Column.of("approvals a second", "", 0), CPU)),
            new Case(
                    "stores",
                    "Whole approvals, by store",
                    "The same, in turns with the above. `FSYNC=always`; Redis on the same machine, with"
                            + " `appendfsync everysec`.",
                    List.of(Column.of("approvals a second", "", 0), CPU, Column.of("CPU of Redis for one", "us", 0))),
            new Case(
                    "wake-1000",
                    "Wake one of 1,000",
                    "1,000 polls are parked, each on a connection of its own; 500 submissions a second wake one each,"
                            + " in turns, and it parks again. From the submission to the poll's answer.",
                    WAKE),
            new Case("wake-10000", "Wake one of 10,000", "The same with 10,000.", WAKE),
            new Case(
                    "release",
                    "10,000 released at once",
                    "64 connections submit for each of 10,000 parked polls, as fast as they can: the time until the"
                            + " last poll is answered.",
                    List.of(Column.of("until all are answered", "ms", 0), CPU)),
            new Case(
                    "memory",
                    "Memory of what waits",
                    "The difference for each of 10,000 parked polls, and of 5,000 streams of events, each in a process"
                            + " of its own, the connection included. The heap is what is reachable after a collection,"
                            + " without the pairings; RSS is with them, and with what a collector has not collected.",
                    List.of(
                            Column.of("RSS at the start", "MiB", 0),
                            Column.of("heap of a poll", "KiB", 1),
                            Column.of("RSS of a poll", "KiB", 1),
                            Column.of("heap of a stream", "KiB", 1),
                            Column.of("RSS of a stream", "KiB", 1))),
            new Case("health", "`/health`", "64 connections, each with one call after another; nothing else.", HEALTH),
            new Case("health-parked", "`/health` with 10,000 parked polls", "The same beside 10,000 polls.", HEALTH),
            new Case(
                    "start",
                    "Start",
                    "From the start of the process to the first 200 of `/health`. The relay by its launcher on an"
                            + " installed JDK; `bench/cold-start` measures the image.",
                    List.of(Column.of("until the first 200", "ms", 0))),
            new Case(
                    "relays",
                    "Wake across two relays",
                    "Two relays on one Redis on the same machine: 64 devices poll at one, and 100 submissions a second"
                            + " come to the other.",
                    List.of(Column.latency("p50"), Column.latency("p99"))));
}
