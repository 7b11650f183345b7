package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The packaged program {@code harp} as a process, with what it writes to either stream, line by line. */
final class HarpProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Marks the end of a stream. */
    private static final String END = "\0";

    private final Process process;
    private final BlockingQueue<String> out = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> err = new LinkedBlockingQueue<>();

    private HarpProcess(Process process) {
        this.process = process;
        Thread.ofVirtual().start(() -> read(process.inputReader(UTF_8), out));
        Thread.ofVirtual().start(() -> read(process.errorReader(UTF_8), err));
    }

    static HarpProcess start(Path home, Map<String, String> environment, String... arguments) throws IOException {
        Path folder = Path.of(System.getProperty("harp.product", ""));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                folder.resolve("*") + ":" + folder.resolve("lib").resolve("*"),
                "dev.harp.cli.Harp"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("HARP_HOME", home.toString());
        builder.environment().putAll(environment);
        return new HarpProcess(builder.start());
    }

    private static void read(BufferedReader lines, BlockingQueue<String> into) {
        try (lines) {
            lines.lines().forEach(into::add);
        } catch (IOException | UncheckedIOException e) {
            // The process has been killed.
        } finally {
            into.add(END);
        }
    }

    /** Types a line. */
    HarpProcess type(String line) throws IOException {
        process.outputWriter(UTF_8).write(line + "\n");
        process.outputWriter(UTF_8).flush();
        return this;
    }

    /** The end of the input. */
    void typeEnd() throws IOException {
        process.outputWriter(UTF_8).close();
    }

    /** The next line of the answer. */
    String answer() throws InterruptedException {
        String line = next(out);
        if (line.equals(END)) {
            throw new AssertionError("no answer; it said " + err);
        }
        return line;
    }

    /** The rest of the answer, once the program has ended. */
    List<String> answers() throws InterruptedException {
        List<String> lines = new ArrayList<>();
        for (String line = next(out); !line.equals(END); line = next(out)) {
            lines.add(line);
        }
        return lines;
    }

    /** Reads what is said until a line has this text in it. */
    String said(String text) throws InterruptedException {
        List<String> before = new ArrayList<>();
        for (String line = next(err); ; line = next(err)) {
            if (line.equals(END)) {
                throw new AssertionError("not said: " + text + " in " + before);
            }
            if (line.contains(text)) {
                return line;
            }
            before.add(line);
        }
    }

    private static String next(BlockingQueue<String> lines) throws InterruptedException {
        String line = lines.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError("no further line");
        }
        return line;
    }

    /** Waits for the end: the exit code. */
    int exit() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("it does not end; it said " + err);
        }
        return process.exitValue();
    }

    /** SIGTERM. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
