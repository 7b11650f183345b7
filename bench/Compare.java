import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import load.Server;
import measure.Cases;
import measure.Cases.Plan;
import peers.Contestant;
import report.Figures;
import report.Report;

/** Measures the relay beside its peers. {@code bench/compare} builds all that it needs, calls it, and says how. */
public final class Compare {
    private static final Set<String> GROUPS = Set.of("approvals", "memory", "parked", "relays", "start");

    private final Plan plan;
    private final Path work;
    private final List<Contestant> contestants = new ArrayList<>();
    private List<String> jvmFlags = List.of();

    private Compare(Plan plan, Path work) {
        this.plan = plan;
        this.work = work;
    }

    public static void main(String[] arguments) throws Exception {
        boolean quick = false;
        int turns = 3;
        Optional<Path> out = Optional.empty();
        Set<String> groups = new TreeSet<>();
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--quick" -> quick = true;
                case "--turns" -> turns = Integer.parseInt(arguments[++i]);
                case "--out" -> out = Optional.of(Path.of(arguments[++i]));
                default -> groups.add(arguments[i]);
            }
        }
        if (!GROUPS.containsAll(groups)) {
            System.err.println("bench/compare: unknown case; there are " + new TreeSet<>(GROUPS));
            System.exit(2);
        }
        boolean all = groups.isEmpty();
        Plan plan = quick ? new Plan(1, 3, 1, 1000, 200) : new Plan(turns, 40, 3, 10_000, 5000);
        Path work = Files.createTempDirectory(Path.of("target"), "compare").toAbsolutePath();
        Compare compare = new Compare(plan, work);
        try {
            List<String> machine = compare.machine();
            Figures figures = new Figures(Cases.SERVERS);
            Cases cases = new Cases(plan, work, figures, compare.contestants, compare.jvmFlags);
            Path trial = Path.of("target", "compare");
            Path results = out.orElse(all && !quick ? Path.of("bench", "results") : trial);
            try {
                run(cases, all ? GROUPS : groups);
            } catch (Exception e) {
                machine.add("**The run has failed**, and is not complete");
                results = trial;
                throw e;
            } finally {
                machine.add("Flags of the JVM: `" + String.join(" ", compare.jvmFlags) + "`");
                machine.add("Load of the machine at the end: " + load());
                new Report(figures, compare.peers()).write(results, machine);
                System.out.println(Files.readString(results.resolve("compare.md")));
                System.out.println("Written to " + results);
            }
        } finally {
            delete(work);
        }
    }

    private static void run(Cases cases, Set<String> groups) throws Exception {
        if (groups.contains("start")) {
            cases.starts();
        }
        if (groups.contains("approvals")) {
            cases.approvals();
        }
        if (groups.contains("memory")) {
            cases.memory();
        }
        if (groups.contains("parked")) {
            cases.parked();
        }
        if (groups.contains("relays")) {
            cases.relays();
        }
    }

    /** What the run depends on; names those peers that cannot run here. */
    private List<String> machine() throws IOException, InterruptedException {
        for (Contestant one : Contestant.values()) {
            Optional<String> missing = one.missing();
            if (missing.isEmpty()) {
                contestants.add(one);
            } else {
                System.out.println("Left out: " + one.title + ". Missing: " + missing.get());
            }
        }
        try (Server relay = Contestant.relay(work, "memory")) {
            // Not the cache: it belongs to the relay's class path.
            jvmFlags = relay.arguments().stream()
                    .filter(flag -> flag.startsWith("-X") && !flag.startsWith("-XX:AOTCache"))
                    .toList();
        }
        List<String> lines = new ArrayList<>();
        Matcher memory = Pattern.compile("MemTotal:\\s+(\\d+)").matcher(Files.readString(Path.of("/proc/meminfo")));
        String gib = memory.find() ? Math.round(Long.parseLong(memory.group(1)) / 1048576.0) + " GiB" : "?";
        lines.add(LocalDate.now(ZoneOffset.UTC) + ", commit " + output("git", "describe", "--always", "--dirty"));
        lines.add(Runtime.getRuntime().availableProcessors() + " cores, " + gib + ", Linux "
                + System.getProperty("os.version") + ", " + System.getProperty("os.arch"));
        lines.add("Java " + Runtime.version() + ", Node " + output("node", "--version") + ", "
                + Contestant.program("nginx")
                        .map(nginx -> output(nginx, "-v").replaceAll(".*/", "nginx "))
                        .orElse("no nginx")
                + ", "
                + Contestant.program("redis-server")
                        .map(redis -> output(redis, "--version").replaceAll(".*v=(\\S+).*", "Redis $1"))
                        .orElse("no Redis"));
        lines.add(plan.turns() + " turns; load of the machine before: " + load());
        if (plan.parked() != 10_000) {
            lines.add(
                    "**A trial run**, with " + plan.parked() + " polls for 10,000, and short: its figures mean little");
        }
        return lines;
    }

    private static String load() throws IOException {
        return Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[0];
    }

    /** The first line that a program prints. */
    private static String output(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("?");
        } catch (IOException e) {
            return "?";
        }
    }

    /** What each peer leaves out. */
    private Map<String, String> peers() {
        Map<String, String> peers = new LinkedHashMap<>();
        for (Contestant one : Contestant.values()) {
            if (one != Contestant.RELAY) {
                String absent = contestants.contains(one) ? "." : ". Not measured: it was not installed.";
                peers.put(one.title, one.leavesOut + absent);
            }
        }
        return peers;
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Collections.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
