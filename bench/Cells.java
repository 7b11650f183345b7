import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import load.Calls;
import load.Os;

/**
 * Two cells, each a proxy, two relays and a Redis: load on one and on both, what they share, and the drain of one.
 * {@code bench/cells} starts them and calls it:
 *
 * <pre>
 *   java bench/Cells.java SECONDS CELL CELL
 * </pre>
 *
 * <p>A CELL is {@code PROXY_PORT,REDIS_PORT,ADMIN_PORT,PROXY_PID,RELAY_PID,RELAY_PID,REDIS_PID}.
 */
public final class Cells {
    private static final int PAIRS = 64;
    private static final int REQUESTS = 200;
    private static final int TTL = 15;

    private final double seconds;
    private final Cell a;
    private final Cell b;

    /** A cell, as a platform knows it by its address, and an operator by its processes. */
    private record Cell(
            String name, InetSocketAddress proxy, String redis, String admin, Map<String, Long> pids, Load load) {

        static Cell of(String name, String text) throws IOException {
            String[] parts = text.split(",");
            Map<String, Long> pids = new LinkedHashMap<>();
            String[] names = {"nginx", "relay 1", "relay 2", "Redis"};
            for (int i = 0; i < names.length; i++) {
                pids.put(names[i], Long.parseLong(parts[3 + i]));
            }
            InetSocketAddress proxy = new InetSocketAddress("127.0.0.1", Integer.parseInt(parts[0]));
            return new Cell(name, proxy, parts[1], parts[2], pids, new Load(proxy, PAIRS, 0));
        }

        /** A pairing with the platform's connection. */
        Member pair() throws IOException {
            Bench.Connection platform = new Bench.Connection(proxy);
            return new Member(platform, Bench.Pair.open(platform));
        }

        long openRequests() throws IOException {
            try (InputStream in =
                    URI.create("http://127.0.0.1:" + admin + "/metrics").toURL().openStream()) {
                return Pattern.compile("(?m)^harp_relay_open_requests\\{.*} (\\d+)")
                        .matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .results()
                        .mapToLong(found -> Long.parseLong(found.group(1)))
                        .sum();
            }
        }

        /** What redis-cli prints. */
        String redis(String... command) throws IOException {
            List<String> line = new ArrayList<>(List.of("redis-cli", "-p", redis));
            line.addAll(List.of(command));
            try (InputStream in = new ProcessBuilder(line).start().getInputStream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        }

        long commands() throws IOException {
            Matcher found = Pattern.compile("total_commands_processed:(\\d+)").matcher(redis("info", "stats"));
            if (!found.find()) {
                throw new IllegalStateException("Redis of cell " + name + " says nothing");
            }
            return Long.parseLong(found.group(1));
        }
    }

    private record Member(Bench.Connection platform, Bench.Pair pair) {}

    private Cells(String[] arguments) throws IOException {
        seconds = Double.parseDouble(arguments[0]);
        a = Cell.of("A", arguments[1]);
        b = Cell.of("B", arguments[2]);
    }

    public static void main(String[] arguments) throws Exception {
        try {
            new Cells(arguments).run();
        } catch (IllegalStateException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
        System.exit(0);
    }

    private void run() throws Exception {
        for (Cell cell : List.of(a, b)) {
            cell.load().approve(4 * seconds, 0);
        }
        long before = b.commands();
        measure("cell A alone", List.of(a));
        System.out.printf(
                "Meanwhile the Redis of cell B had %d commands, from its own relays.%n", b.commands() - before);
        measure("cell B alone", List.of(b));
        measure("both cells at once", List.of(a, b));
        isolated();
        drain();
    }

    private void measure(String what, List<Cell> loaded) throws InterruptedException {
        Map<String, Long> before = cpu();
        Map<Cell, Long> approvals = new ConcurrentHashMap<>();
        List<Thread> threads = new ArrayList<>();
        long begin = System.nanoTime();
        for (Cell cell : loaded) {
            threads.add(Thread.startVirtualThread(() -> {
                try {
                    approvals.put(cell, cell.load().approve(seconds, 0));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double took = (System.nanoTime() - begin) / 1e9;
        long sum = 0;
        StringBuilder rates = new StringBuilder();
        for (Cell cell : loaded) {
            long made = approvals.getOrDefault(cell, 0L);
            check(made > 0, "cell " + cell.name() + " made no approval");
            sum += made;
            rates.append(String.format(Locale.ROOT, " %s %.0f", cell.name(), made / took));
        }
        System.out.printf(Locale.ROOT, "-- %s: %.0f approvals a second (%s )%n", what, sum / took, rates);
        Map<String, Long> after = cpu();
        long all = sum;
        after.forEach((process, millis) -> System.out.printf(
                Locale.ROOT,
                "   %-16s %5.1f %% of a core, %4.0f us for an approval%n",
                process,
                (millis - before.get(process)) / took / 10,
                (millis - before.get(process)) * 1000.0 / all));
    }

    private Map<String, Long> cpu() {
        Map<String, Long> millis = new LinkedHashMap<>();
        for (Cell cell : List.of(a, b)) {
            cell.pids().forEach((name, pid) -> {
                ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
                millis.put(
                        cell.name() + ", " + name,
                        Stream.concat(Stream.of(process), process.children())
                                .mapToLong(each -> Os.cpuMillis(each.pid()))
                                .sum());
            });
        }
        millis.put("the load driver", Os.cpuMillis(ProcessHandle.current().pid()));
        return millis;
    }

    /** No token of a cell is valid in the other one, and no key in a Redis names a pairing of the other cell. */
    private void isolated() throws IOException {
        for (Cell cell : List.of(a, b)) {
            Cell other = cell == a ? b : a;
            List<String> pairings = cell.load().pairings();
            long own = pairings.stream().filter(keys(cell)::contains).count();
            long foreign = pairings.stream().filter(keys(other)::contains).count();
            check(own == PAIRS && foreign == 0, "pairings of " + cell.name() + ": " + own + " of its own, " + foreign);
            Member member = cell.pair();
            try (Bench.Connection connection = new Bench.Connection(other.proxy())) {
                String path = "/v1/pairs/" + member.pair().id();
                Bench.expect(401, connection.call("GET", path, member.pair().platform(), ""));
                Bench.expect(
                        200, member.platform().call("GET", path, member.pair().platform(), ""));
            }
            member.platform().close();
        }
        System.out.printf(
                "The %d pairings of each cell are keys of its own Redis, and none of the other's; a token is 401"
                        + " there.%n",
                PAIRS);
    }

    private static String keys(Cell cell) throws IOException {
        return cell.redis("--scan");
    }

    /** Cell A is drained: it gets no new pairing, what it has ends, and its processes are stopped. */
    private void drain() throws Exception {
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            members.add(a.pair());
        }
        Map<String, LongAdder> outcomes = new ConcurrentHashMap<>();
        List<Thread> waiting = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            Bench.Pair pair = members.get(i % members.size()).pair();
            String request = Calls.uuid7();
            String body = pair.submission(request).replace("{", "{\"ttl\":" + TTL + ",");
            Bench.expect(201, members.getFirst().platform().call("POST", "/v1/requests", pair.platform(), body));
            boolean answered = i % 2 == 0;
            waiting.add(Thread.startVirtualThread(
                    () -> outcomes.computeIfAbsent(outcome(pair, request, answered), _ -> new LongAdder())
                            .increment()));
        }
        System.out.printf("-- cell A drains, with %d open requests%n", a.openRequests());
        List<Member> moved = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            moved.add(b.pair()); // what a platform does for a new pairing: it takes the address of a cell that is open
        }
        String about = Bench.expect(200, moved.getFirst().platform().call("GET", "/v1/about", "", ""))
                .field("public_url");
        System.out.printf("   %d new pairings are at cell B; the link of each names %s%n", moved.size(), about);
        for (Thread thread : waiting) {
            thread.join();
        }
        System.out.printf("   outcomes of the requests at A: %s%n", new TreeMap<>(outcomes));
        check(outcomes.keySet().equals(Set.of("responded", "expired")), "an approval was lost");
        check(a.openRequests() == 0, "cell A has open requests");
        for (Member member : members) {
            Bench.Pair pair = member.pair();
            Bench.expect(204, member.platform().call("DELETE", "/v1/pairs/" + pair.id(), pair.platform(), ""));
        }
        System.out.printf(
                "   %d pairings at A are revoked, each after its new one; A has no open request%n", members.size());
        Thread stopping = Thread.startVirtualThread(() -> a.pids().forEach((name, pid) -> {
            ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
            process.destroy();
            process.onExit().join();
        }));
        long made = b.load().approve(seconds, 0);
        stopping.join();
        System.out.printf("   cell A is stopped; cell B has made %d approvals meanwhile, and lost none%n", made);
    }

    /** The outcome as the platform is told it; the device answers after a while, or never. */
    private String outcome(Bench.Pair pair, String request, boolean answered) {
        try (Bench.Connection platform = new Bench.Connection(a.proxy());
                Bench.Connection device = new Bench.Connection(a.proxy())) {
            platform.send("GET", "/v1/requests/" + request + "?wait=60", pair.platform(), "");
            if (answered) {
                Thread.sleep(ThreadLocalRandom.current().nextLong(TTL * 500));
                String path = "/v1/requests/" + request + "/response";
                Bench.expect(200, device.call("PUT", path, pair.phone(), Bench.response()));
            }
            String state = Bench.expect(200, platform.receive()).field("state");
            return answered == state.equals("responded") ? state : "wrongly " + state;
        } catch (IOException | RuntimeException e) {
            return e.toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
