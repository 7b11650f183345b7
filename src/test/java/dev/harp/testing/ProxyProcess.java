package dev.harp.testing;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A proxy of this machine, in the foreground as a child of this process. It is ended by its process id. */
public final class ProxyProcess implements AutoCloseable {
    private static final PrintStream ERR = System.err;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final String LOG = "stderr.log";

    private final Process process;
    private final Path log;

    private ProxyProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** The program, if this machine has one. Debian keeps some where only root's path leads. */
    public static Optional<Path> program(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.concat(Stream.of(path.split(":", -1)), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Whether a test of the program is to run. Without the program it is skipped, and a line says so; on CI, which has
     * to have it, the test runs, and fails.
     */
    public static boolean canRun(String name, String missing) {
        boolean can = program(name).isPresent() || "true".equals(System.getenv("CI"));
        if (!can) {
            ERR.println("a test is skipped: " + missing);
        }
        return can;
    }

    /** The program. Fails with this text without one. */
    public static Path mustHave(String name, String missing) {
        return program(name).orElseGet(() -> fail(missing));
    }

    /**
     * Starts it and waits until it listens.
     *
     * @param folder where it runs and where its log is kept
     * @param port where on this machine it is going to listen
     */
    public static ProxyProcess start(Path folder, List<String> command, int port)
            throws IOException, InterruptedException {
        Path log = folder.resolve(LOG);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        for (String home : List.of("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")) {
            builder.environment().put(home, folder.toString());
        }
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        ProxyProcess started = new ProxyProcess(process, log);
        started.awaitListening(port);
        return started;
    }

    /** All that it has printed. */
    public String output() throws IOException {
        return Files.readString(log);
    }

    /** Ends it and its workers. */
    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }

    private void awaitListening(int port) throws IOException, InterruptedException {
        SocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(address);
                return;
            } catch (IOException e) {
                if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() - end > 0) {
                    close();
                    throw new IOException("the proxy does not start: " + output(), e);
                }
            }
        }
    }
}
