package load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/** A server that this program has started, on a port of loopback, with all processes that it has. */
public final class Server implements AutoCloseable {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);
    private static final byte[] HEALTH =
            "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Process process;
    private final InetSocketAddress address;
    private final double startMillis;

    private Server(Process process, InetSocketAddress address, double startMillis) {
        this.process = process;
        this.address = address;
        this.startMillis = startMillis;
    }

    /** A port that is free now. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /**
     * Starts a process, and waits for the first 200 of {@code /health}, or with {@code http} false until it listens.
     *
     * @param log gets what it prints
     * @throws IOException if it ends, or is not there after a minute
     */
    public static Server start(Path log, int port, boolean http, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        long begin = System.nanoTime();
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        while (!answers(address, http)) {
            if (!process.isAlive() || System.nanoTime() - begin > PATIENCE) {
                process.destroy();
                throw new IOException(command + " has not started:\n" + Files.readString(log));
            }
            Thread.sleep(1);
        }
        return new Server(process, address, (System.nanoTime() - begin) / 1e6);
    }

    private static boolean answers(InetSocketAddress address, boolean http) {
        try (Socket socket = new Socket()) {
            socket.connect(address);
            if (http) {
                socket.getOutputStream().write(HEALTH);
                byte[] status = socket.getInputStream().readNBytes("HTTP/1.1 200".length());
                return new String(status, StandardCharsets.US_ASCII).equals("HTTP/1.1 200");
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    public InetSocketAddress address() {
        return address;
    }

    /** Milliseconds from the start of its process to its first answer. */
    public double startMillis() {
        return startMillis;
    }

    /** Milliseconds of processor time that its processes have used. */
    public long cpuMillis() {
        return pids().map(Os::cpuMillis).sum();
    }

    /** The resident memory of its processes in KiB. */
    public long rssKib() throws IOException {
        long sum = 0;
        for (long pid : pids().toArray()) {
            sum += Os.rssKib(pid);
        }
        return sum;
    }

    /** Bytes of its live objects, if it is a JVM. */
    public long liveHeap() throws IOException, InterruptedException {
        Os.liveHeap(process.pid()); // the first collection finds what is released by references
        return Os.liveHeap(process.pid());
    }

    /** The arguments of its process. */
    public List<String> arguments() {
        return List.of(process.info().arguments().orElse(new String[0]));
    }

    private LongStream pids() {
        return LongStream.concat(
                LongStream.of(process.pid()), process.descendants().mapToLong(ProcessHandle::pid));
    }

    /** Ends it. */
    @Override
    public void close() {
        process.destroy();
        process.onExit().completeOnTimeout(process, 20, TimeUnit.SECONDS).join();
        process.destroyForcibly().onExit().join();
    }
}
