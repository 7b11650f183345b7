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

/** Packages of npm that tests use: a folder of {@code src/test}, copied to {@code target} and installed there. */
public final class NpmPackages {
    private static final int MINUTES = 10;

    private final String name;
    private final Path folder;

    private NpmPackages(String name) {
        this.name = name;
        folder = Path.of("target", name);
    }

    /**
     * The folder with the installed packages and the scripts, installed once for each lock file. Without Node or npm's
     * registry the calling test is skipped with the reason; where the environment has {@code CI=true}, it fails.
     *
     * @param name that of the folder in {@code src/test}
     */
    public static synchronized Path installed(String name) throws IOException, InterruptedException {
        return new NpmPackages(name).installed();
    }

    private Path installed() throws IOException, InterruptedException {
        Files.createDirectories(folder);
        // Tests run in several JVMs.
        try (FileChannel channel =
                        FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            copy();
            Path lock = folder.resolve("package-lock.json");
            Path done = folder.resolve("installed.json");
            if (!Files.exists(done) || Files.mismatch(lock, done) >= 0) {
                install();
                Files.copy(lock, done, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return folder.toAbsolutePath();
    }

    private void copy() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/test", name))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private void install() throws IOException, InterruptedException {
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        Path log = folder.resolve("npm.log");
        ProcessBuilder npm = new ProcessBuilder(
                        List.of(windows ? "npm.cmd" : "npm", "ci", "--ignore-scripts", "--prefer-offline"))
                .directory(folder.toFile())
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

    private void missing(String why) {
        String line = "the packages of src/test/" + name + " are not installed: " + why;
        if ("true".equals(System.getenv("CI"))) {
            fail(line);
        }
        Assumptions.abort(line);
    }
}
