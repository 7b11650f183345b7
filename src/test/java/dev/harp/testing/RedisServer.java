package dev.harp.testing;

import dev.harp.relay.store.redis.RedisAddress;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;
import redis.embedded.core.ExecutableProvider;

/**
 * A real Redis server, a process of its own on a free port of the loopback address: the 6.2 that the library for tests
 * brings, or the program that {@code -Dharp.test.redis} names.
 */
public final class RedisServer implements AutoCloseable {
    private static final AtomicInteger PREFIXES = new AtomicInteger();
    private static final Optional<String> OTHER = Optional.ofNullable(System.getProperty("harp.test.redis"));

    /** How far the port for other servers of a cluster is above that for clients. */
    private static final int BUS = 10_000;

    private final Path folder;
    private final File program;
    private final List<String> options;
    private int port;
    private Process process;

    /** The one server of all tests that do it no harm. */
    private static final class Shared {
        static final RedisServer SERVER = start("--save", "", "--appendonly", "no");

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(SERVER::close));
        }
    }

    private static final class Program {
        static final File FILE = find();

        private static File find() {
            try {
                return OTHER.map(File::new).orElseGet(() -> {
                    try {
                        return ExecutableProvider.newJarResourceProvider().get();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            } catch (UncheckedIOException e) {
                throw new IllegalStateException("no Redis to test with", e);
            }
        }
    }

    private RedisServer(Path folder, File program, int port, List<String> options, Process process) {
        this.folder = folder;
        this.program = program;
        this.port = port;
        this.options = options;
        this.process = process;
    }

    /** The one server of all tests that do it no harm. */
    public static RedisServer shared() {
        return Shared.SERVER;
    }

    /** Starts one of one's own. */
    public static RedisServer start(String... options) {
        return start(Program.FILE, options);
    }

    /** Starts one of one's own that writes each change to its append-only file before it answers. */
    public static RedisServer startDurable() {
        return start("--appendonly", "yes", "--appendfsync", "always", "--save", "");
    }

    /**
     * Starts one of one's own that also takes connections through TLS, by the certificate {@code fullchain.pem} and its
     * key {@code privkey.pem} in the folder. Empty if neither the library's Redis nor the machine's own can do that.
     */
    public static Optional<RedisServer> startWithTls(int tlsPort, Path certificate) {
        String[] options = {
            "--tls-port",
            "" + tlsPort,
            "--tls-cert-file",
            certificate.resolve("fullchain.pem").toString(),
            "--tls-key-file",
            certificate.resolve("privkey.pem").toString(),
            "--tls-auth-clients",
            "no",
            "--save",
            ""
        };
        for (File program : List.of(Program.FILE, new File("/usr/bin/redis-server"))) {
            if (program.canExecute()) {
                try {
                    return Optional.of(start(program, options));
                } catch (IllegalStateException withoutTls) {
                    // It says so at its start, and ends.
                }
            }
        }
        return Optional.empty();
    }

    /** Starts one of one's own that is the only server of a cluster without slots. */
    public static RedisServer startCluster() {
        int bus = Ports.free();
        while (!Ports.isFree(bus - BUS)) {
            bus = Ports.free();
        }
        return start(Program.FILE, bus - BUS, "--cluster-enabled", "yes", "--save", "");
    }

    private static RedisServer start(File program, String... options) {
        return start(program, Ports.free(), options);
    }

    private static RedisServer start(File program, int port, String... options) {
        try {
            Path folder = Files.createTempDirectory("harp-redis");
            List<String> all = List.of(options);
            RedisServer server = new RedisServer(folder, program, port, all, launch(program, folder, port, all));
            server.awaitAnswer();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts a Sentinel that watches the master under the name {@code main} and alone decides, a second after the
     * master has gone.
     */
    public static RedisServer startSentinel(RedisServer master) {
        try {
            Path folder = Files.createTempDirectory("harp-sentinel");
            int port = Ports.free();
            Path file = folder.resolve("sentinel.conf");
            Files.write(
                    file,
                    List.of(
                            "port " + port,
                            "bind 127.0.0.1",
                            "dir " + folder,
                            "sentinel monitor main 127.0.0.1 " + master.port() + " 1",
                            "sentinel down-after-milliseconds main 1000",
                            "sentinel failover-timeout main 5000"));
            Process process = new ProcessBuilder(Program.FILE.getAbsolutePath(), file.toString(), "--sentinel")
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
            RedisServer sentinel = new RedisServer(folder, Program.FILE, port, List.of(), process);
            sentinel.awaitAnswer();
            return sentinel;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Process launch(File program, Path folder, int port, List<String> options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                program.getAbsolutePath(),
                "--port",
                "" + port,
                "--bind",
                "127.0.0.1",
                "--dir",
                folder.toString(),
                "--loglevel",
                "warning"));
        command.addAll(options);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return process;
    }

    private void awaitAnswer() {
        while (true) {
            try (Jedis jedis = client()) {
                jedis.ping();
                return;
            } catch (JedisException e) {
                if (!process.isAlive()) {
                    throw new IllegalStateException("Redis does not start: " + log(), e);
                }
                LockSupport.parkNanos(2_000_000);
            }
        }
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    public int port() {
        return port;
    }

    /** A client of one's own. */
    public Jedis client() {
        return new Jedis("127.0.0.1", port);
    }

    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    public RedisAddress address() {
        return RedisAddress.parse(url()).orElseThrow();
    }

    /** A prefix that nobody else uses. */
    public static String freshPrefix() {
        return "test" + PREFIXES.incrementAndGet() + ":";
    }

    /** The process stops where it is, and keeps its connections. */
    public void pause() {
        signal("STOP");
    }

    /** It goes on. */
    public void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            int status = new ProcessBuilder("kill", "-" + name, "" + process.pid())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IllegalStateException("kill -" + name + " ended with " + status);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it at once, as a crash does. */
    public void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts it again on the same port, with what it has written to its disk. */
    public void restart() {
        try {
            process = launch(program, folder, port, options);
            awaitAnswer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
            try (var files = Files.walk(folder)) {
                files.sorted(java.util.Comparator.reverseOrder())
                        .map(Path::toFile)
                        .forEach(File::delete);
            }
        } catch (IOException | InterruptedException e) {
            // The temporary folder stays.
        }
    }
}
