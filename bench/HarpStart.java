import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;

/** Starts {@code harp request} again and again and measures its start: HarpStart LAUNCHER PORT RUNS. See bench/harp. */
class HarpStart {
    private static String launcher;
    private static Path home;
    private static int relay;
    private static volatile CompletableFuture<Long> firstByte = new CompletableFuture<>();
    private static volatile CompletableFuture<Void> waits = new CompletableFuture<>();

    public static void main(String[] arguments) throws Exception {
        launcher = arguments[0];
        relay = Integer.parseInt(arguments[1]);
        int runs = Integer.parseInt(arguments[2]);
        home = Files.createTempDirectory("harp-start");
        ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> accept(listener));
        pair("http://127.0.0.1:" + listener.getLocalPort());
        long[] millis = new long[runs];
        long[] processor = new long[runs];
        long[] kilobytes = new long[runs];
        measure();
        for (int run = 0; run < runs; run++) {
            long[] result = measure();
            millis[run] = result[0];
            processor[run] = result[1];
            kilobytes[run] = result[2];
            System.out.printf(
                    "run %d: first byte after %d ms, %d ms of processor time, %.1f MB resident%n",
                    run + 1, result[0], result[1], result[2] / 1e3);
        }
        System.out.printf("first byte: median %.0f ms, %d to %d ms%n", median(millis), min(millis), max(millis));
        System.out.printf(
                "processor:  median %.0f ms, %d to %d ms%n", median(processor), min(processor), max(processor));
        System.out.printf(
                "resident:   median %.1f MB, %.1f to %.1f MB%n",
                median(kilobytes) / 1e3, min(kilobytes) / 1e3, max(kilobytes) / 1e3);
        System.exit(0);
    }

    private static Process start(String side, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("HARP_HOME", home.resolve(side).toString());
        return builder.start();
    }

    private static void pair(String address) throws IOException, InterruptedException {
        Process pairing = start("agent", "pair", "--name", "bench", "--relay", address);
        BufferedReader links = pairing.inputReader(UTF_8);
        Process joining = start("person", "device", "join", links.readLine(), "--yes");
        pairing.outputWriter(UTF_8)
                .append(joining.inputReader(UTF_8).readLine())
                .append('\n')
                .flush();
        if (pairing.waitFor() != 0) {
            throw new IllegalStateException("not paired");
        }
    }

    /** Milliseconds to the first byte, those of processor time, and kilobytes of resident memory at most. */
    private static long[] measure() throws Exception {
        firstByte = new CompletableFuture<>();
        waits = new CompletableFuture<>();
        long begin = System.nanoTime();
        Process asking = start("agent", "request", "--name", "bench", "--action", "Deploy");
        long millis = (firstByte.get() - begin) / 1_000_000;
        waits.get();
        long kilobytes = Files.readAllLines(Path.of("/proc/" + asking.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
        long processor = asking.info().totalCpuDuration().orElseThrow().toMillis();
        asking.toHandle().destroy(); // withdraws
        asking.waitFor();
        return new long[] {millis, processor, kilobytes};
    }

    private static void accept(ServerSocket listener) {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), relay);
                Thread.ofVirtual().start(() -> copy(client, server, true));
                Thread.ofVirtual().start(() -> copy(server, client, false));
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void copy(Socket from, Socket to, boolean measured) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[65_536];
            for (int length = in.read(buffer); length > 0; length = in.read(buffer)) {
                if (measured) {
                    firstByte.complete(System.nanoTime());
                    if (new String(buffer, 0, length, UTF_8).startsWith("GET /v1/requests/")) {
                        waits.complete(null);
                    }
                }
                out.write(buffer, 0, length);
            }
        } catch (IOException e) {
            // One side has gone.
        }
    }

    private static double median(long[] values) {
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2.0;
    }

    private static long min(long[] values) {
        return LongStream.of(values).min().orElseThrow();
    }

    private static long max(long[] values) {
        return LongStream.of(values).max().orElseThrow();
    }
}
