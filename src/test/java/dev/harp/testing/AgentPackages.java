package dev.harp.testing;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * What agents publish on npm, for tests of what harp is to them: {@code src/test/agents}, copied to
 * {@code target/agents} and installed there, once for each lock file.
 */
public final class AgentPackages {
    private static final Path SOURCES = Path.of("src/test/agents");
    private static final Path FOLDER = Path.of("target/agents");
    private static final int MINUTES = 10;

    private AgentPackages() {}

    /**
     * The folder with the installed packages and the scripts. Without Node or npm's registry the calling test is
     * skipped with the reason; where the environment has {@code CI=true}, it fails.
     */
    public static synchronized Path installed() throws IOException, InterruptedException {
        Files.createDirectories(FOLDER);
        // Tests run in two JVMs.
        try (FileChannel channel =
                        FileChannel.open(FOLDER.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            copy();
            Path lock = FOLDER.resolve("package-lock.json");
            Path done = FOLDER.resolve("installed.json");
            if (!Files.exists(done) || Files.mismatch(lock, done) >= 0) {
                install();
                Files.copy(lock, done, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return FOLDER.toAbsolutePath();
    }

    private static void copy() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, FOLDER.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static void install() throws IOException, InterruptedException {
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        Path log = FOLDER.resolve("npm.log");
        ProcessBuilder npm = new ProcessBuilder(
                        List.of(windows ? "npm.cmd" : "npm", "ci", "--ignore-scripts", "--prefer-offline"))
                .directory(FOLDER.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        npm.environment().put("npm_config_update_notifier", "false");
        Process running;
        try {
            running = npm.start();
        } catch (IOException e) {
            missing("there is no npm");
            return;
        }
        if (!running.waitFor(MINUTES, TimeUnit.MINUTES)) {
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.destroyForcibly();
            missing("'npm ci' has not ended within " + MINUTES + " minutes, see " + log);
        } else if (running.exitValue() != 0) {
            missing("'npm ci' has failed with " + running.exitValue() + ", see " + log);
        }
    }

    private static void missing(String why) {
        String line = "agents' packages are not installed: " + why;
        if ("true".equals(System.getenv("CI"))) {
            fail(line);
        }
        Assumptions.abort(line);
    }
}
