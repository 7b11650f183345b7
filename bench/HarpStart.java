import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToLongFunction;

/**
 * Starts {@code harp request} again and again and measures its start: HarpStart PORT RUNS LAUNCHER... Several launchers
 * take turns, so that all see the same machine. See bench/harp.
 */
class HarpStart {
    private static Path home;
    private static int relay;
    private static volatile CompletableFuture<Long> firstByte = new CompletableFuture<>();
    private static volatile CompletableFuture<Void> waits = new CompletableFuture<>();

    public static void main(String[] arguments) throws Exception {
        relay = Integer.parseInt(arguments[0]);
        int runs = Integer.parseInt(arguments[1]);
        List<String> launchers = List.of(arguments).subList(2, arguments.length);
        home = Files.createTempDirectory("harp-start");
        ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> accept(listener));
        pair(launchers.getFirst(), "http://127.0.0.1:" + listener.getLocalPort());
        Map<String, List<Start>> starts = new LinkedHashMap<>();
        for (String launcher : launchers) {
            starts.put(launcher, new ArrayList<>());
            measure(launcher);
        }
        for (int run = 1; run <= runs; run++) {
            for (String launcher : launchers) {
                Start start = measure(launcher);
                starts.get(launcher).add(start);
                System.out.printf(
                        "run %d, %s: first byte to the relay after %d ms, of output after %d ms, %d ms of processor"
                                + " time, %.1f MB resident%n",
                        run, launcher, start.sent, start.said, start.processor, start.kilobytes / 1e3);
            }
        }
        starts.forEach((launcher, of) -> {
            System.out.println(launcher);
            print("first byte to the relay, ms", of, Start::sent);
            print("first byte of output, ms", of, Start::said);
            print("processor time, ms", of, Start::processor);
            print("resident, kB", of, Start::kilobytes);
        });
        System.exit(0);
    }

    /** Milliseconds to the first bytes, those of processor time, and kilobytes of resident memory at most. */
    private record Start(long sent, long said, long processor, long kilobytes) {}

    private static void print(String what, List<Start> starts, ToLongFunction<Start> value) {
        long[] values = starts.stream().mapToLong(value).sorted().toArray();
        int half = values.length / 2;
        double median = values.length % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2.0;
        System.out.printf("  %-28s median %.0f, %d to %d%n", what, median, values[0], values[values.length - 1]);
    }

    private static ProcessBuilder harp(String launcher, String side, String... arguments) {
        List<String> command = new ArrayList<>(List.of(launcher));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("HARP_HOME", home.resolve(side).toString());
        return builder;
    }

    private static void pair(String launcher, String address) throws IOException, InterruptedException {
        Process pairing = harp(launcher, "agent", "pair", "--name", "bench", "--relay", address)
                .redirectError(Redirect.DISCARD)
                .start();
        BufferedReader links = pairing.inputReader(UTF_8);
        Process joining = harp(launcher, "person", "device", "join", links.readLine(), "--yes")
                .redirectError(Redirect.DISCARD)
                .start();
        pairing.outputWriter(UTF_8)
                .append(joining.inputReader(UTF_8).readLine())
                .append('\n')
                .flush();
        if (pairing.waitFor() != 0) {
            throw new IllegalStateException("not paired");
        }
    }

    /** The first output is that of standard error: "request ID ...", when the relay has accepted the request. */
    private static Start measure(String launcher) throws Exception {
        firstByte = new CompletableFuture<>();
        waits = new CompletableFuture<>();
        long begin = System.nanoTime();
        Process asking = harp(launcher, "agent", "request", "--name", "bench", "--action", "Deploy")
                .start();
        InputStream output = asking.getErrorStream();
        if (output.read() < 0) {
            throw new IllegalStateException(launcher + " says nothing");
        }
        long said = (System.nanoTime() - begin) / 1_000_000;
        Thread.ofVirtual().start(() -> discard(output));
        long sent = (firstByte.get() - begin) / 1_000_000;
        waits.get();
        long kilobytes = Files.readAllLines(Path.of("/proc/" + asking.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
        long processor = asking.info().totalCpuDuration().orElseThrow().toMillis();
        asking.toHandle().destroy(); // withdraws
        asking.waitFor();
        return new Start(sent, said, processor, kilobytes);
    }

    private static void discard(InputStream output) {
        try (output) {
            output.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // It has ended.
        }
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
}
