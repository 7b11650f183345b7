package dev.harp.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A relay as a process of its own, with everything that it writes. */
public final class RelayProcess implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("listening on \\S+:(\\d+),");

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
        reader = Thread.ofVirtual().start(this::read);
    }

    /** The classes of this test run, on a free port. */
    public static RelayProcess ofClasses(Map<String, String> environment, String... jvm) throws IOException {
        List<String> command = new ArrayList<>(List.of(jvm));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.harp.relay.Main"));
        return new RelayProcess(command, environment);
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

    /** Waits until it listens, and tells where; 0 if it has ended instead. */
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

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
