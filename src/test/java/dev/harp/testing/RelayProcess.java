package dev.harp.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A relay as a process of its own, and everything that it prints. It ends with the test JVM at the latest. */
public final class RelayProcess implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("listening on \\S+:(\\d+),");

    /** For tests of something else than the JVM: a small heap, and a start without the optimizing compiler. */
    public static final List<String> SMALL = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m");

    /** {@link #SMALL} for the packaged product, with the class cache that the build has trained for it. */
    public static final List<String> SMALL_PRODUCT = Stream.concat(
                    SMALL.stream(),
                    Stream.ofNullable(System.getProperty("harp.relay.cache"))
                            .map(Path::of)
                            .filter(Files::exists)
                            .map(cache -> "-XX:AOTCache=" + cache))
            .toList();

    private final Process process;
    private final List<String> output = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch started = new CountDownLatch(1);
    private final Thread reader;
    private volatile int port;

    /**
     * @param command what follows {@code java}
     * @param environment options of the relay
     */
    public RelayProcess(List<String> command, Map<String, String> environment) throws IOException {
        List<String> all = new ArrayList<>();
        all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all).redirectErrorStream(true);
        builder.environment().put("ADMIN_PORT", "0");
        builder.environment().putAll(environment);
        process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        reader = Thread.ofVirtual().start(this::read);
    }

    /** The classes of this test run, on a free port. */
    public static RelayProcess ofClasses(Map<String, String> environment, String... jvm) throws IOException {
        List<String> command = new ArrayList<>(List.of(jvm));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.harp.relay.Main"));
        return new RelayProcess(command, environment);
    }

    /** The packaged product, on a free port unless the options name one. */
    public static RelayProcess ofProduct(Map<String, String> environment, List<String> jvm, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(jvm);
        String product = Optional.ofNullable(System.getProperty("harp.relay.product"))
                .orElseThrow(() -> new IllegalStateException("no -Dharp.relay.product"));
        command.addAll(List.of("-jar", product));
        command.addAll(List.of(arguments));
        Map<String, String> all = new HashMap<>(Map.of("HOST", "127.0.0.1", "PORT", "0"));
        all.putAll(environment);
        return new RelayProcess(command, all);
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
                Matcher listening = LISTENING.matcher(line);
                if (listening.find()) {
                    port = Integer.parseInt(listening.group(1));
                    started.countDown();
                }
            }
        } catch (IOException e) {
            output.add("killed: " + e.getMessage());
        } finally {
            started.countDown();
        }
    }

    /** Waits until it listens; its port, or 0 if it has ended instead. */
    public int port() throws InterruptedException {
        started.await();
        return port;
    }

    public long pid() {
        return process.pid();
    }

    /** SIGTERM. By its handle, since {@link Process#destroy} would also stop listening to what it still says. */
    public void terminate() {
        if (!process.toHandle().destroy()) {
            throw new IllegalStateException("it cannot be told to end");
        }
    }

    /** SIGKILL: nothing that it holds is written any more. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Whether it runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Whether it ends within this time. */
    public boolean endsWithin(Duration time) throws InterruptedException {
        return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Connections to it on which it has read all that was sent. Linux only.
     *
     * <p>In {@code /proc/net/tcp}, a line is: number, local address, remote address, state (01 is established), queues
     * (tx:rx), and more. Java's IPv4 sockets are among those of IPv6.
     */
    public long settledConnections() throws IOException {
        String local = ":" + String.format("%04X", port);
        long settled = 0;
        for (Path table : List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"))) {
            List<String> lines = Files.exists(table) ? Files.readAllLines(table) : List.of();
            settled += lines.stream()
                    .map(line -> line.strip().split(" +", -1))
                    .filter(field -> field[1].endsWith(local))
                    .filter(field -> field[3].equals("01") && field[4].endsWith(":00000000"))
                    .count();
        }
        return settled;
    }

    /** Waits for its end: the exit code. */
    public int exit() throws InterruptedException {
        int code = process.waitFor();
        reader.join();
        return code;
    }

    /** All lines so far, on standard output and standard error. */
    public List<String> output() {
        return List.copyOf(output);
    }

    /** Kills it, and waits until it writes no file any more: its folder may be deleted next. */
    @Override
    public void close() {
        kill();
    }
}
