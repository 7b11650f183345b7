package peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import load.Calls;
import load.Server;

/** A server that {@code bench/compare} measures: the relay, or a peer. */
public enum Contestant {
    RELAY("harp-relay", "", new Calls.Relay()),
    HELIDON(
            "bare Helidon",
            "no tokens, hashed secrets, rules of the protocol, rate limits, expiry, deadlines or bounds of connections,"
                    + " event streams, logs or metrics; passes bodies on without reading their JSON; a message is"
                    + " delivered once, and lost with its poll",
            new Calls.Relay()),
    NODE(
            "bare Node",
            "no tokens, hashed secrets, rules of the protocol, rate limits, expiry, bounds of connections, event"
                    + " streams, logs or metrics; reads and writes JSON, and checks nothing of it; a message is"
                    + " delivered once, and lost with its poll; one core at most",
            new Calls.Relay()),
    HONO("Hono on Node", "the same as bare Node", new Calls.Relay()),
    NCHAN(
            "nginx with nchan",
            "no pairings, requests, tokens, rules of the protocol or JSON: two channels for each pair, their last two"
                    + " messages kept for a minute; whoever knows a channel's name may read and write; one worker",
            new Calls.Nchan());

    private static final Path PEERS = Path.of("target", "peers");
    private static final String PEER_LIBRARIES = "target/peers:target/relay/lib/*";
    private static final List<Path> NCHAN_MODULES = List.of(
            Path.of("/usr/lib/nginx/modules/ngx_nchan_module.so"),
            Path.of("/usr/share/nginx/modules/ngx_nchan_module.so"));

    /** Its name in the tables. */
    public final String title;

    /** What it does not do, unlike the relay. */
    public final String leavesOut;

    /** How it is called. */
    public final Calls calls;

    Contestant(String title, String leavesOut, Calls calls) {
        this.title = title;
        this.leavesOut = leavesOut;
        this.calls = calls;
    }

    /** Whether it runs on the JVM, which is slow until it has compiled what is used. */
    public boolean jvm() {
        return this == RELAY || this == HELIDON;
    }

    /** Whether it has streams of events. */
    public boolean streams() {
        return this == RELAY || this == NCHAN;
    }

    /** What is missing on this machine to run it. */
    public Optional<String> missing() {
        return switch (this) {
            case RELAY, HELIDON -> Optional.empty();
            case NODE -> program("node").isPresent() ? Optional.empty() : Optional.of("node (Debian: nodejs)");
            case HONO ->
                program("node").isPresent() && Files.isDirectory(PEERS.resolve("node_modules/hono"))
                        ? Optional.empty()
                        : Optional.of("node with npm and its registry (Debian: nodejs, npm)");
            case NCHAN ->
                program("nginx").isPresent() && NCHAN_MODULES.stream().anyMatch(Files::exists)
                        ? Optional.empty()
                        : Optional.of("nginx with nchan (Debian: nginx, libnginx-mod-nchan)");
        };
    }

    /** A program on the path, or where administrators have theirs. */
    public static Optional<String> program(String name) {
        List<String> folders =
                new ArrayList<>(List.of(System.getenv().getOrDefault("PATH", "").split(":", -1)));
        folders.addAll(List.of("/usr/sbin", "/usr/local/sbin"));
        return folders.stream()
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    /**
     * Starts it, with what it keeps in memory.
     *
     * @param work a folder for its files
     * @param jvmFlags the flags that the relay ships with, for a peer on the JVM
     */
    public Server start(Path work, List<String> jvmFlags) throws IOException, InterruptedException {
        int port = Server.freePort();
        Path log = work.resolve(name().toLowerCase() + ".log");
        Map<String, String> node = Map.of("PORT", "" + port);
        return switch (this) {
            case RELAY -> relay(work, "memory");
            case HELIDON -> {
                List<String> command = new ArrayList<>();
                command.add(System.getProperty("java.home") + "/bin/java");
                command.addAll(jvmFlags);
                command.addAll(List.of("-cp", PEER_LIBRARIES, "peers.BareHelidon", "" + port));
                yield Server.start(log, port, true, Map.of(), command);
            }
            case NODE -> Server.start(log, port, true, node, List.of("node", PEERS + "/node.mjs"));
            case HONO -> Server.start(log, port, true, node, List.of("node", PEERS + "/hono.mjs"));
            case NCHAN -> {
                String dir = Files.createTempDirectory(work, "nginx")
                        .toAbsolutePath()
                        .toString();
                Path file = Path.of(dir, "nginx.conf");
                Path module =
                        NCHAN_MODULES.stream().filter(Files::exists).findFirst().orElseThrow();
                String text = Files.readString(Path.of("bench", "peers", "nginx.conf"))
                        .replaceFirst("(?m)^#.*\n", "")
                        .replace("PORT", "" + port)
                        .replace("MODULE", module.toString())
                        .replace("DIR", dir);
                Files.writeString(file, text);
                yield Server.start(
                        log, port, true, Map.of(), List.of(program("nginx").orElseThrow(), "-c", file.toString()));
            }
        };
    }

    /** Starts a relay on that store as its launcher does, with everything in force but the rate limits. */
    public static Server relay(Path work, String store) throws IOException, InterruptedException {
        int port = Server.freePort();
        Map<String, String> options = Map.of(
                "JAVA_HOME", System.getProperty("java.home"),
                "HOST", "127.0.0.1",
                "PORT", "" + port,
                "ADMIN_PORT", "0",
                "STORE", store,
                "RATE_LIMIT_CLIENT", "0",
                "RATE_LIMIT_PAIR", "0",
                "NETWORK_SHARE", "100",
                "LOG_LEVEL", "warning");
        return Server.start(work.resolve("relay.log"), port, true, options, List.of("./harp-relay"));
    }
}
