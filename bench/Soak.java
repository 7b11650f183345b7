import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoublePredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import load.Os;

/**
 * A load that stays the same for minutes, and what the relay takes meanwhile. {@code bench/soak} starts the relay and
 * calls it:
 *
 * <pre>
 *   java bench/Soak.java FOLDER MINUTES A_SECOND WAITING WARM_UP PORT PID
 * </pre>
 */
public final class Soak {
    private static final int APPROVING = 64;
    private static final int SAMPLE_SECONDS = 5;
    private static final int HEAP_EVERY = 4;

    private static final String HEAP = "heap after a full collection, MiB";
    private static final String RSS = "resident memory (RSS), MiB";
    private static final String THREADS = "platform threads, number";
    private static final String FILES = "open descriptors, number";
    private static final String RATE = "approvals, a second";
    private static final String CPU = "CPU of the relay, percent of a core";

    /** By how much the last third may be above the first and still count as flat, in percent and in the unit. */
    private enum Tolerance {
        MEMORY(5, 4),
        COUNT(5, 4),
        LOAD(10, 0);

        final double percent;
        final double absolute;

        Tolerance(double percent, double absolute) {
            this.percent = percent;
            this.absolute = absolute;
        }
    }

    private static final Map<String, Tolerance> SERIES = new LinkedHashMap<>();

    static {
        SERIES.put(HEAP, Tolerance.MEMORY);
        SERIES.put(RSS, Tolerance.MEMORY);
        SERIES.put(THREADS, Tolerance.COUNT);
        SERIES.put(FILES, Tolerance.COUNT);
        SERIES.put(RATE, Tolerance.LOAD);
        SERIES.put(CPU, Tolerance.LOAD);
    }

    private final Path folder;
    private final double minutes;
    private final int aSecond;
    private final int waiting;
    private final double warmUp;
    private final InetSocketAddress relay;
    private final long pid;
    private final Map<String, List<Panels.Point>> samples = new LinkedHashMap<>();
    private volatile boolean ended;
    private volatile String failure = "";

    private Soak(String[] arguments) {
        folder = Path.of(arguments[0]);
        minutes = Double.parseDouble(arguments[1]);
        aSecond = Integer.parseInt(arguments[2]);
        waiting = Integer.parseInt(arguments[3]);
        warmUp = Math.min(Double.parseDouble(arguments[4]), minutes * 20);
        relay = new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[5]));
        pid = Long.parseLong(arguments[6]);
        SERIES.keySet().forEach(name -> samples.put(name, new ArrayList<>()));
    }

    public static void main(String[] arguments) throws Exception {
        new Soak(arguments).run();
        System.exit(0);
    }

    private void run() throws Exception {
        double end = minutes * 60;
        try (Load load = new Load(relay, APPROVING, 0)) {
            for (int i = 0; i < waiting; i++) {
                try (Bench.Connection connection = new Bench.Connection(relay)) {
                    Bench.Pair pair = Bench.Pair.open(connection);
                    boolean stream = i % 2 == 0;
                    Thread.ofVirtual().start(() -> comeAndGo(pair, stream));
                }
            }
            Thread approving = Thread.ofVirtual().start(() -> {
                try {
                    load.approve(end, aSecond);
                } catch (InterruptedException | RuntimeException e) {
                    failure = e.toString();
                }
            });
            sample(load, end);
            ended = true;
            approving.join();
        }
        if (!failure.isEmpty()) {
            System.err.println(failure);
            System.exit(1);
        }
        write();
    }

    private void sample(Load load, double end) throws Exception {
        long begin = System.nanoTime();
        long time = begin;
        long cpu = Os.cpuMillis(pid);
        long approvals = load.approvals();
        for (int i = 1; (time - begin) / 1e9 < end - SAMPLE_SECONDS && failure.isEmpty(); i++) {
            Thread.sleep(Math.max(0, (begin - System.nanoTime()) / 1_000_000 + i * SAMPLE_SECONDS * 1000L));
            long now = System.nanoTime();
            double seconds = (now - begin) / 1e9;
            long cpuNow = Os.cpuMillis(pid);
            long approvalsNow = load.approvals();
            add(RATE, seconds, (approvalsNow - approvals) * 1e9 / (now - time));
            add(CPU, seconds, (cpuNow - cpu) * 1e8 / (now - time));
            add(RSS, seconds, Os.rssKib(pid) / 1024.0);
            add(THREADS, seconds, threads());
            add(FILES, seconds, descriptors());
            if (i % HEAP_EVERY == 0) {
                add(HEAP, seconds, Os.liveHeap(pid) / 1048576.0);
            }
            if (i % 12 == 0) {
                System.out.printf(
                        Locale.ROOT,
                        "%4.0f s: %s%n",
                        seconds,
                        SERIES.keySet().stream()
                                .filter(name -> !samples.get(name).isEmpty())
                                .map(name -> name + " "
                                        + Panels.number(
                                                samples.get(name).getLast().y()))
                                .collect(Collectors.joining("; ")));
            }
            time = now;
            cpu = cpuNow;
            approvals = approvalsNow;
        }
    }

    private void add(String series, double seconds, double value) {
        samples.get(series).add(new Panels.Point(seconds, value));
    }

    private long threads() throws IOException {
        Matcher found =
                Pattern.compile("Threads:\\s+(\\d+)").matcher(Files.readString(Path.of("/proc", "" + pid, "status")));
        if (!found.find()) {
            throw new IllegalStateException("no number of threads of " + pid);
        }
        return Long.parseLong(found.group(1));
    }

    private long descriptors() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc", "" + pid, "fd"))) {
            return files.count();
        }
    }

    /**
     * Waits for a device for up to 20 s, as a poll or a stream, and then goes and comes again; half of them
     * unannounced.
     */
    private void comeAndGo(Bench.Pair pair, boolean stream) {
        String path = "/v1/devices/" + pair.device() + (stream ? "/events" : "/requests?wait=10");
        try {
            while (!ended) {
                try (Bench.Connection connection = new Bench.Connection(relay)) {
                    connection.send("GET", path, pair.phone(), "");
                    if (stream) {
                        connection.until("event: current");
                    } else if (ThreadLocalRandom.current().nextBoolean()) {
                        Bench.expect(200, connection.receive());
                        continue;
                    }
                    Thread.sleep(ThreadLocalRandom.current().nextLong(1000, 20_000));
                }
            }
        } catch (IOException | RuntimeException e) {
            failure = ended ? failure : "a call that waits has failed: " + e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() throws IOException {
        String title = String.format(
                Locale.ROOT,
                "Soak: %s minutes, %,d approvals a second by %d pairs, %,d polls and streams that come and go",
                Panels.number(minutes),
                aSecond,
                APPROVING,
                waiting);
        StringBuilder table = new StringBuilder(
                "| series | first third, mean | last third, mean | change | |\n" + "| --- | --- | --- | --- | --- |\n");
        List<Panels.Panel> panels = new ArrayList<>();
        for (String name : SERIES.keySet()) {
            String unit = name.substring(name.lastIndexOf(", ") + 2);
            String what = name.substring(0, name.lastIndexOf(", "));
            panels.add(new Panels.Panel(what, unit, List.of(new Panels.Line("", samples.get(name)))));
            double length = (samples.get(name).getLast().x() - warmUp) / 3;
            double first = mean(name, x -> x > warmUp && x <= warmUp + length);
            double last = mean(name, x -> x > warmUp + 2 * length);
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %+.1f %% | %s |%n",
                    name,
                    Panels.number(first),
                    Panels.number(last),
                    (last / first - 1) * 100,
                    verdict(SERIES.get(name), first, last)));
        }
        String explained = String.format(
                Locale.ROOT,
                "The first %.0f s, grey in the plots, are left out: until then the store fills with requests that have"
                    + " ended (RETENTION and REPLAY_WINDOW are 30 s), and the JVM compiles. Flat is at most %.0f %%"
                    + " and %.0f MiB more memory, %.0f %% and %.0f more threads or descriptors, and a load within %.0f"
                    + " %%.",
                warmUp,
                Tolerance.MEMORY.percent,
                Tolerance.MEMORY.absolute,
                Tolerance.COUNT.percent,
                Tolerance.COUNT.absolute,
                Tolerance.LOAD.percent);
        System.out.print(table);
        Files.createDirectories(folder);
        Files.writeString(
                folder.resolve("soak.svg"),
                Panels.svg(title, "Grey: warming up, not in the table of soak.md.", "seconds", warmUp, panels));
        Files.writeString(
                folder.resolve("soak.md"),
                "# " + title + "\n\n" + Panels.machine() + "\n\n" + table + "\n" + explained + "\n\n![](soak.svg)\n");
    }

    private double mean(String series, DoublePredicate when) {
        return samples.get(series).stream()
                .filter(point -> when.test(point.x()))
                .mapToDouble(Panels.Point::y)
                .average()
                .orElse(Double.NaN);
    }

    private static String verdict(Tolerance tolerance, double first, double last) {
        double bound = first * tolerance.percent / 100 + tolerance.absolute;
        if (Double.isNaN(last - first)) {
            return "too short";
        }
        if (last - first > bound) {
            return "grows by " + Panels.number(last - first);
        }
        return tolerance == Tolerance.LOAD && first - last > bound ? "falls by " + Panels.number(first - last) : "flat";
    }
}
