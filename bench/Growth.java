import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import load.Calls;
import load.Os;

/**
 * What an approval and a wake cost while a relay fills with pairings and open requests, beside a relay that stays
 * empty. {@code bench/growth} starts both and calls it:
 *
 * <pre>
 *   java bench/Growth.java FOLDER PAIRINGS REQUESTS TURNS SECONDS PARKED SMALL_PORT SMALL_PID GROWN_PORT GROWN_PID
 * </pre>
 *
 * <p>The two are measured in turns, because the speed of a machine changes within a minute by more than they differ.
 */
public final class Growth {
    private static final int APPROVING = 64;
    private static final int WAKES_A_SECOND = 500;
    private static final int FILLERS = 64;

    private static final String CPU = "CPU of the relay for an approval, us";
    private static final String RATE = "approvals a second, 64 pairs";
    private static final String P50 = "wake, p50, ms";
    private static final String P99 = "wake, p99, ms";
    private static final String P999 = "wake, p99.9, ms";

    private final Path folder;
    private final int pairings;
    private final int requests;
    private final int turns;
    private final double seconds;
    private final int parked;
    private final Map<String, List<Panels.Point>> ratios = new LinkedHashMap<>();
    private final Map<String, List<List<Panels.Point>>> figures = new LinkedHashMap<>();
    private final StringBuilder table = new StringBuilder();

    private record Relay(InetSocketAddress address, long pid, Load load) {}

    private Growth(String[] arguments) {
        folder = Path.of(arguments[0]);
        pairings = Integer.parseInt(arguments[1]);
        requests = Integer.parseInt(arguments[2]);
        turns = Integer.parseInt(arguments[3]);
        seconds = Double.parseDouble(arguments[4]);
        parked = Integer.parseInt(arguments[5]);
    }

    public static void main(String[] arguments) throws Exception {
        Growth growth = new Growth(arguments);
        try {
            growth.run(growth.relay(arguments[6], arguments[7]), growth.relay(arguments[8], arguments[9]));
        } catch (IllegalStateException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
        System.exit(0);
    }

    private Relay relay(String port, String pid) throws IOException {
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", Integer.parseInt(port));
        return new Relay(address, Long.parseLong(pid), new Load(address, APPROVING, parked));
    }

    private void run(Relay small, Relay grown) throws Exception {
        say("Warming up both relays.");
        for (Relay relay : List.of(small, grown)) {
            relay.load().approve(8 * seconds, 0);
            relay.load().wake(parked, WAKES_A_SECOND);
        }
        table.append("| pairings, open requests | figure | small: median (min to max) | grown: median (min to max)"
                        + " | ratio |\n")
                .append("| --- | --- | --- | --- | --- |\n");
        int filled = 0;
        for (int percent : new int[] {0, 25, 50, 100}) {
            long begin = System.nanoTime();
            int upTo = (int) (pairings * (long) percent / 100);
            fill(grown, filled, upTo);
            if (upTo > filled) {
                say(
                        "Filled to %,d pairings and %,d open requests in %.0f s; RSS %,d MiB.",
                        upTo, requestsUpTo(upTo), (System.nanoTime() - begin) / 1e9, Os.rssKib(grown.pid()) >> 10);
            }
            filled = upTo;
            stage(percent, small, grown);
        }
        write();
    }

    /** So many open requests has the relay with so many pairings. */
    private long requestsUpTo(int pairing) {
        return (long) requests * pairing / pairings;
    }

    /** Opens pairings, each with a device and its share of the requests. No id and no token is kept. */
    private void fill(Relay relay, int from, int to) throws Exception {
        AtomicInteger next = new AtomicInteger(from);
        List<Thread> threads = new ArrayList<>();
        List<Exception> failures = new ArrayList<>();
        for (int i = 0; i < FILLERS; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                try (Bench.Connection connection = new Bench.Connection(relay.address())) {
                    for (int pairing = next.getAndIncrement(); pairing < to; pairing = next.getAndIncrement()) {
                        Bench.Pair pair = Bench.Pair.open(connection);
                        long open = requestsUpTo(pairing + 1) - requestsUpTo(pairing);
                        for (long request = 0; request < open; request++) {
                            String body = pair.submission(Calls.uuid7()).replace("{", "{\"ttl\":86400,");
                            Bench.expect(201, connection.call("POST", "/v1/requests", pair.platform(), body));
                        }
                    }
                } catch (IOException | RuntimeException e) {
                    next.set(to);
                    synchronized (failures) {
                        failures.add(e);
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw new IllegalStateException("the relay could not be filled: " + failures.getFirst());
        }
    }

    private void stage(int percent, Relay small, Relay grown) throws Exception {
        Map<String, List<double[]>> measured = new LinkedHashMap<>();
        for (String name : List.of(CPU, RATE, P50, P99, P999)) {
            measured.put(name, List.of(new double[turns], new double[turns]));
        }
        for (int turn = 0; turn < turns; turn++) {
            turn(measured, 0, turn, small);
            turn(measured, 1, turn, grown);
        }
        measured.forEach((name, both) -> {
            double x = pairings * (double) percent / 100;
            Panels.Point before = Panels.Point.of(x, both.get(0));
            Panels.Point after = Panels.Point.of(x, both.get(1));
            figures.computeIfAbsent(name, _ -> List.of(new ArrayList<>(), new ArrayList<>()));
            figures.get(name).get(0).add(before);
            figures.get(name).get(1).add(after);
            ratios.computeIfAbsent(name, _ -> new ArrayList<>()).add(new Panels.Point(x, after.y() / before.y()));
            String row = String.format(
                    Locale.ROOT,
                    "| %,d, %,d | %s | %s | %s | %.2f |%n",
                    (int) x,
                    requestsUpTo((int) x),
                    name,
                    spread(before),
                    spread(after),
                    after.y() / before.y());
            System.out.print(row);
            table.append(row);
        });
    }

    private static String spread(Panels.Point point) {
        return Panels.number(point.y()) + " (" + Panels.number(point.low()) + " to " + Panels.number(point.high())
                + ")";
    }

    private void turn(Map<String, List<double[]>> measured, int which, int turn, Relay relay) throws Exception {
        long cpu = Os.cpuMillis(relay.pid());
        long begin = System.nanoTime();
        long approvals = relay.load().approve(seconds, 0);
        double took = (System.nanoTime() - begin) / 1e9;
        measured.get(CPU).get(which)[turn] = (Os.cpuMillis(relay.pid()) - cpu) * 1000.0 / approvals;
        measured.get(RATE).get(which)[turn] = approvals / took;
        Load.LatencyList wakes = relay.load().wake((int) (seconds * WAKES_A_SECOND), WAKES_A_SECOND);
        measured.get(P50).get(which)[turn] = wakes.at(0.5);
        measured.get(P99).get(which)[turn] = wakes.at(0.99);
        measured.get(P999).get(which)[turn] = wakes.at(0.999);
    }

    private void write() {
        String title = String.format(
                Locale.ROOT,
                "Growth to %,d pairings and %,d open requests: %d turns of %s s at each size, %,d polls parked",
                pairings,
                requests,
                turns,
                Panels.number(seconds),
                parked);
        List<Panels.Panel> panels = new ArrayList<>();
        figures.forEach((name, both) -> panels.add(new Panels.Panel(
                name.substring(0, name.lastIndexOf(", ")),
                name.substring(name.lastIndexOf(", ") + 2),
                List.of(new Panels.Line("small", both.get(0)), new Panels.Line("grown", both.get(1))))));
        panels.add(new Panels.Panel(
                "grown to small",
                "ratio",
                List.of(new Panels.Line("CPU", ratios.get(CPU)), new Panels.Line("wake p99", ratios.get(P99)))));
        String goals = goal("CPU for an approval", ratios.get(CPU).getLast().y(), 1.2)
                + goal("wake p99", ratios.get(P99).getLast().y(), 3);
        System.out.print(goals);
        try {
            Files.createDirectories(folder);
            Files.writeString(
                    folder.resolve("growth.svg"),
                    Panels.svg(
                            title,
                            "Medians; the thin line of a point leads from the least to the greatest of its turns.",
                            "pairings of the grown relay",
                            0,
                            panels));
            Files.writeString(
                    folder.resolve("growth.md"),
                    "# " + title + "\n\n" + Panels.machine() + "\n\n" + table + "\n" + goals + "\n![](growth.svg)\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String goal(String what, double ratio, double goal) {
        return String.format(
                Locale.ROOT,
                "- %s, grown to small: %.2f; the goal of at most %s is %s.%n",
                what,
                ratio,
                Panels.number(goal),
                ratio <= goal ? "met" : "not met");
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
