package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** The packaged program {@code harp} as a process. */
final class HarpProcess extends Conversation {
    private final Process process;

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
                "-XX:+AutoCreateSharedArchive", // a third less of a start, of which these tests have a hundred
                "-XX:SharedArchiveFile=" + folder.resolveSibling("harp-tests.jsa"),
                "-Xlog:disable",
                "-Xlog:all=error:stderr",
                "-cp",
                folder.resolve("*") + ":" + folder.resolve("lib").resolve("*"),
                "dev.harp.cli.Harp"));
        command.addAll(List.of(arguments));
        return start(home, environment, command);
    }

    /** Another way to start it. */
    static HarpProcess start(Path home, Map<String, String> environment, List<String> command) throws IOException {
        List<String> all = new ArrayList<>();
        if (System.getProperty("os.name").equals("Linux")) {
            // A build in the background ignores SIGINT, and so would every JVM that it starts.
            all.addAll(List.of("env", "--default-signal=INT"));
        }
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all);
        builder.environment().put("HARP_HOME", home.toString());
        builder.environment().putAll(environment);
        return new HarpProcess(builder.start());
    }

    /**
     * The launcher in a checkout in which nothing is built. It is as it is, but for the places where it looks for Java:
     * it finds that of {@code JAVA_HOME} only, because a machine of a developer has one in another of them.
     */
    static Path unbuilt(Path folder) throws IOException {
        Path build = Files.createDirectories(folder.resolve("src/build"));
        String launch = Files.readString(Path.of("src/build/launch.sh"));
        String search = launch.substring(launch.indexOf("for jdk in"), launch.indexOf("; do\n        ! suits"));
        Files.writeString(build.resolve("launch.sh"), launch.replace(search, "for jdk in \"${JAVA_HOME:-}\""));
        return Files.copy(Path.of("harp"), folder.resolve("harp"));
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

    @Override
    OutputStream input() {
        return process.getOutputStream();
    }

    @Override
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

    /** SIGINT, as Ctrl-C sends it. */
    void interrupt() throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-INT", "" + process.pid()).start();
        if (kill.waitFor() != 0) {
            throw new AssertionError("it cannot be interrupted");
        }
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Kills it, and waits until it writes no file any more: its folder may be deleted next. */
    @Override
    public void close() {
        kill();
    }
}
