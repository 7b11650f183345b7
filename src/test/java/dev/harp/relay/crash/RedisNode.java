package dev.harp.relay.crash;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.harp.testing.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import redis.embedded.core.ExecutableProvider;

/** A real Redis that writes each change to its append-only file before it answers, and comes back on the same port. */
final class RedisNode implements AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int POLL_MILLIS = 10;

    private final Path folder;
    private final int port = Ports.free();
    private Optional<Process> process = Optional.empty();

    /** @param folder an empty folder of its own, for its data */
    RedisNode(Path folder) {
        this.folder = folder;
    }

    /** The value of {@code STORE} for relays. */
    String store() {
        return "redis://127.0.0.1:" + port;
    }

    RedisNode start() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        Program.PATH.toString(),
                        "--port",
                        Integer.toString(port),
                        "--bind",
                        "127.0.0.1",
                        "--dir",
                        folder.toString(),
                        "--appendonly",
                        "yes",
                        "--appendfsync",
                        "always",
                        "--save",
                        "")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("redis.log").toFile()));
        Process started = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
        process = Optional.of(started);
        long begin = System.nanoTime();
        while (!answers()) {
            if (started.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS) || System.nanoTime() - begin > PATIENCE_NANOS) {
                throw new IOException("Redis does not start: " + Files.readString(folder.resolve("redis.log")));
            }
        }
        return this;
    }

    /** Not while it still reads its file. */
    private boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.getOutputStream().write("PING\r\n".getBytes(US_ASCII));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readNBytes(5), US_ASCII).equals("+PONG");
        } catch (IOException _) {
            return false;
        }
    }

    /** SIGKILL. */
    void kill() {
        process.orElseThrow().destroyForcibly().onExit().join();
    }

    /** SIGSTOP: it holds all its connections, and answers none. */
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** SIGCONT. */
    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder(
                        "kill", "-" + name, Long.toString(process.orElseThrow().pid()))
                .inheritIO()
                .start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill -" + name);
        }
    }

    @Override
    public void close() {
        process.ifPresent(running -> running.destroyForcibly().onExit().join());
    }

    /** Unpacked once. */
    private static final class Program {
        static final Path PATH = unpack();

        private static Path unpack() {
            try {
                return ExecutableProvider.newJarResourceProvider().get().toPath();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
