package measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import load.Calls;
import load.Load;
import load.Load.Ran;
import load.Server;
import peers.Contestant;
import report.Figures;

/** The cases: each measures all servers in turns, each turn another one first. */
public final class Cases {
    private static final int PAIRS = 64;
    private static final int CLIENTS = 64;

    /** The stores of the relay. */
    private static final String MEMORY = "memory";

    private static final String FILE = "file";
    private static final String REDIS = "Redis";
    private static final String BOTH = "two relays";

    /** All that is measured, in the order of the tables. */
    public static final List<String> SERVERS = Stream.concat(
                    Stream.of(Contestant.values()).map(one -> one.title), Stream.of(MEMORY, FILE, REDIS, BOTH))
            .toList();

    private final Plan plan;
    private final Path work;
    private final Figures figures;
    private final List<Contestant> contestants;
    private final List<String> jvmFlags;

    /**
     * How much is done.
     *
     * @param turns of all servers in each case
     * @param warm seconds of approvals before a server on the JVM is measured at them; others have a fifth
     * @param seconds of a measurement
     * @param parked polls
     * @param streams of events
     */
    public record Plan(int turns, double warm, double seconds, int parked, int streams) {}

    /** A server that runs, and its load. */
    private record Entrant(String kase, String name, boolean jvm, Server server, Load load, Optional<Server> redis) {}

    /**
     * The cases of a run.
     *
     * @param work a folder for what servers write
     * @param figures gets what is measured
     * @param contestants which can run
     * @param jvmFlags the flags that the relay ships with
     */
    public Cases(Plan plan, Path work, Figures figures, List<Contestant> contestants, List<String> jvmFlags) {
        this.plan = plan;
        this.work = work;
        this.figures = figures;
        this.contestants = List.copyOf(contestants);
        this.jvmFlags = List.copyOf(jvmFlags);
    }

    /** The same, with another one first in each turn. */
    private static <T> List<T> rotated(List<T> all, int turn) {
        List<T> rotated = new ArrayList<>(all);
        Collections.rotate(rotated, -turn);
        return rotated;
    }

    private static void say(String text) {
        System.out.println(text);
    }

    /** {@code start}. */
    public void starts() throws IOException, InterruptedException {
        for (int turn = 0; turn < plan.turns + 1; turn++) {
            for (Contestant one : rotated(contestants, turn)) {
                try (Server server = one.start(work, jvmFlags)) {
                    if (turn > 0) { // the first fills the kernel's file cache
                        figures.add("start", one.title, "until the first 200", server.startMillis());
                    }
                }
            }
        }
        say("start: done");
    }

    /**
     * {@code approvals} and {@code stores}: all servers run at the same time, and are measured in turns; twice, as two
     * starts of one program differ. Each start is over in less than five minutes: then the relay begins to remove what
     * was approved while it warmed up (RETENTION), beside whatever is measured.
     */
    public void approvals() throws Exception {
        for (int start = 0; start < Math.min(2, plan.turns); start++) {
            List<Entrant> entrants = new ArrayList<>();
            try {
                for (Contestant one : contestants) {
                    Server server = one.start(work, jvmFlags);
                    Load load = new Load(one.calls, server.address(), server.address());
                    entrants.add(new Entrant("approvals", one.title, one.jvm(), server, load, Optional.empty()));
                }
                Path file = Files.createTempDirectory(work, "file");
                stored(entrants, FILE, "file:" + file, Optional.empty());
                if (Contestant.program("redis-server").isPresent()) {
                    Server redis = redis();
                    stored(entrants, REDIS, url(redis), Optional.of(redis));
                } else {
                    say("Left out: the store in Redis. Missing: redis-server (Debian: redis-server)");
                }
                for (Entrant entrant : rotated(entrants, start)) {
                    Ran warm = entrant.load.approvals(PAIRS, entrant.jvm ? plan.warm : plan.warm / 5);
                    say("approvals: warming up " + entrant.name + ": " + Math.round(warm.rate()) + " a second");
                }
                for (int turn = 0; turn < plan.turns; turn++) {
                    for (Entrant entrant : rotated(entrants, turn)) {
                        approvals(entrant);
                    }
                }
            } finally {
                for (Entrant entrant : entrants) {
                    entrant.load.close();
                    entrant.server.close();
                    if (entrant.redis.isPresent()) {
                        entrant.redis.get().close();
                    }
                }
            }
        }
    }

    private void stored(List<Entrant> entrants, String name, String store, Optional<Server> redis) throws Exception {
        Server server = Contestant.relay(work, store);
        Load load = new Load(new Calls.Relay(), server.address(), server.address());
        entrants.add(new Entrant("stores", name, true, server, load, redis));
    }

    private Server redis() throws IOException, InterruptedException {
        int port = Server.freePort();
        Path dir = Files.createTempDirectory(work, "redis");
        List<String> command =
                new ArrayList<>(List.of(Contestant.program("redis-server").orElseThrow()));
        command.addAll(List.of("--port", "" + port, "--bind", "127.0.0.1", "--dir", dir.toString()));
        command.addAll(List.of("--save", "", "--appendonly", "yes", "--appendfsync", "everysec"));
        return Server.start(work.resolve("redis.log"), port, false, Map.of(), command);
    }

    private static String url(Server redis) {
        return "redis://127.0.0.1:" + redis.address().getPort();
    }

    private void approvals(Entrant entrant) throws IOException {
        long cpu = entrant.server.cpuMillis();
        long ofRedis = entrant.redis.map(Server::cpuMillis).orElse(0L);
        Ran ran = entrant.load.approvals(PAIRS, plan.seconds);
        double each = each(entrant.server, cpu, ran);
        Map<String, Double> measured = new LinkedHashMap<>();
        measured.put("approvals a second", ran.rate());
        measured.put("CPU for one", each);
        entrant.redis.ifPresent(redis -> measured.put("CPU of Redis for one", each(redis, ofRedis, ran)));
        measured.forEach((what, value) -> figures.add(entrant.kase, entrant.name, what, value));
        if (entrant.name.equals(Contestant.RELAY.title)) { // the store in memory, which the others are compared with
            measured.forEach((what, value) -> figures.add("stores", MEMORY, what, value));
        }
        say(String.format("approvals: %s: %.0f a second, %.0f us of CPU each", entrant.name, ran.rate(), each));
    }

    /** Microseconds of processor time for each. */
    private static double each(Server server, long cpuMillisBefore, Ran ran) {
        return (server.cpuMillis() - cpuMillisBefore) * 1000.0 / ran.count();
    }

    /** {@code wake}, {@code release}, {@code health}: one server at a time, from its start to its end. */
    public void parked() throws Exception {
        for (int turn = 0; turn < plan.turns; turn++) {
            List<Contestant> measured =
                    contestants.stream().filter(one -> one != Contestant.NODE).toList();
            for (Contestant one : rotated(measured, turn)) {
                say("parked: turn " + (turn + 1) + ", " + one.title);
                try (Server server = one.start(work, jvmFlags);
                        Load load = new Load(one.calls, server.address(), server.address())) {
                    parked(one, server, load);
                }
            }
        }
    }

    private void parked(Contestant one, Server server, Load load) throws Exception {
        load.approvals(PAIRS, one.jvm() ? plan.warm / 3 : plan.warm / 10);
        load.health(CLIENTS, plan.seconds / 2);
        health("health", one, server, load);
        List<Calls.Pair> pairs = load.pairs(plan.parked);
        load.park(pairs);
        health("health-parked", one, server, load);
        load.wakes(500, plan.seconds);
        wakes("wake-10000", one, server, load);
        for (int i = 0; i < 2; i++) {
            long cpu = server.cpuMillis();
            double seconds = load.release(CLIENTS);
            figures.add("release", one.title, "until all are answered", seconds * 1000);
            figures.add("release", one.title, "CPU for one", (server.cpuMillis() - cpu) * 1000.0 / plan.parked);
            say(String.format("  released: %.0f ms", seconds * 1000));
        }
        load.leave(plan.parked / 10);
        wakes("wake-1000", one, server, load);
    }

    private void health(String kase, Contestant one, Server server, Load load) throws IOException {
        long cpu = server.cpuMillis();
        Ran ran = load.health(CLIENTS, plan.seconds);
        figures.add(kase, one.title, "calls a second", ran.rate());
        figures.add(kase, one.title, "CPU for one", each(server, cpu, ran));
        figures.add(kase, one.title, "p50", ran.times().micros(0.5));
        figures.add(kase, one.title, "p99", ran.times().micros(0.99));
        say(String.format("  %s: %.0f a second", kase, ran.rate()));
    }

    private void wakes(String kase, Contestant one, Server server, Load load) throws IOException {
        long cpu = server.cpuMillis();
        Ran ran = load.wakes(500, 3 * plan.seconds);
        figures.add(kase, one.title, "p50", ran.times().micros(0.5));
        figures.add(kase, one.title, "p99", ran.times().micros(0.99));
        figures.add(kase, one.title, "p99.9", ran.times().micros(0.999));
        figures.add(kase, one.title, "CPU for one", each(server, cpu, ran));
        say(String.format(
                "  %s: p50 %.0f, p99 %.0f, p99.9 %.0f us",
                kase,
                ran.times().micros(0.5),
                ran.times().micros(0.99),
                ran.times().micros(0.999)));
    }

    /** {@code memory}: each kind of connection in a process of its own; twice, as the heap hardly differs. */
    public void memory() throws Exception {
        List<Contestant> measured =
                contestants.stream().filter(one -> one != Contestant.NODE).toList();
        for (int turn = 0; turn < Math.min(2, plan.turns); turn++) {
            for (Contestant one : rotated(measured, turn)) {
                memory(one, "poll", plan.parked, Load::park);
                if (one.streams()) {
                    memory(one, "stream", plan.streams, Load::streams);
                }
            }
        }
    }

    /** Opens connections that wait. */
    private interface Opening {
        void run(Load load, List<Calls.Pair> pairs) throws IOException;
    }

    private void memory(Contestant one, String what, int count, Opening opening) throws Exception {
        try (Server server = one.start(work, jvmFlags);
                Load load = new Load(one.calls, server.address(), server.address())) {
            long start = server.rssKib();
            opening.run(load, load.pairs(count / 50)); // what is loaded with the first
            List<Calls.Pair> pairs = load.pairs(count);
            double heap = one.jvm() ? server.liveHeap() : 0;
            opening.run(load, pairs);
            long rss = server.rssKib();
            if (what.equals("poll")) {
                figures.add("memory", one.title, "RSS at the start", start / 1024.0);
            }
            figures.add("memory", one.title, "RSS of a " + what, (rss - start) / (double) count);
            if (one.jvm()) {
                figures.add("memory", one.title, "heap of a " + what, (server.liveHeap() - heap) / 1024 / count);
            }
            say(String.format("memory: %s, %ss: RSS %d MiB", one.title, what, rss / 1024));
        }
    }

    /** {@code relays}. */
    public void relays() throws Exception {
        if (Contestant.program("redis-server").isEmpty()) {
            say("Left out: two relays. Missing: redis-server (Debian: redis-server)");
            return;
        }
        try (Server redis = redis();
                Server first = Contestant.relay(work, url(redis));
                Server second = Contestant.relay(work, url(redis));
                Load load = new Load(new Calls.Relay(), first.address(), second.address())) {
            load.approvals(PAIRS, plan.warm * 2 / 3);
            load.park(load.pairs(PAIRS));
            load.wakes(100, plan.seconds);
            for (int turn = 0; turn < plan.turns; turn++) {
                Ran ran = load.wakes(100, 3 * plan.seconds);
                figures.add("relays", BOTH, "p50", ran.times().micros(0.5));
                figures.add("relays", BOTH, "p99", ran.times().micros(0.99));
            }
        }
        say("relays: done");
    }
}
