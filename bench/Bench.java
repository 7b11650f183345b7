import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import load.Calls;
import load.Os;

/**
 * A small load driver without dependencies. {@code bench/run} starts a relay and calls it; by hand:
 *
 * <pre>
 *   java bench/Bench.java http://127.0.0.1:8787 wake 2000 [http://127.0.0.1:8789]    the device at the second relay
 *   java bench/Bench.java http://127.0.0.1:8787 park 10000 PID
 *   java bench/Bench.java http://127.0.0.1:8787 held 5000 PID poll|stream        memory of so many held connections
 *   java bench/Bench.java http://127.0.0.1:8787 drain 1000 PID
 *   java bench/Bench.java http://127.0.0.1:8787 gone 3000 ADMIN_PORT             with MAX_WAITERS=3000
 *   java bench/Bench.java http://127.0.0.1:8787 throughput 64 10 PID
 * </pre>
 *
 * <p>The relay has to run with RATE_LIMIT_CLIENT=0, RATE_LIMIT_PAIR=0 and NETWORK_SHARE=100. Every connection is one
 * plain socket on one virtual thread; the times include the driver's own, on the same cores.
 */
public final class Bench {
    private static final String ENVELOPE = "A".repeat(2048);
    private static final String LENGTH = "content-length:";
    private static final String NONCE = "A".repeat(32);

    private static final long OWN_PID = ProcessHandle.current().pid();

    private static InetSocketAddress relay;

    /** The relay of the devices in {@code wake}: another relay on the same store, or the same one. */
    private static InetSocketAddress deviceRelay;

    record Answer(int status, String body) {
        String field(String name) {
            Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(body);
            if (!found.find()) {
                throw new IllegalStateException("no " + name + " in " + status + " " + body);
            }
            return found.group(1);
        }
    }

    /** One kept-alive connection. */
    static final class Connection implements AutoCloseable {
        private final Socket socket = new Socket();
        private final InputStream in;
        private byte[] buffer = new byte[1024];
        private int begin;
        private int end;

        Connection() throws IOException {
            this(relay);
        }

        Connection(InetSocketAddress to) throws IOException {
            socket.connect(to);
            socket.setTcpNoDelay(true);
            in = socket.getInputStream();
        }

        /** Reads until this much of a stream has arrived. */
        void until(String text) throws IOException {
            StringBuilder got = new StringBuilder();
            while (got.indexOf(text) < 0) {
                int next = in.read();
                if (next == -1) {
                    throw new EOFException("closed after " + got);
                }
                got.append((char) next);
            }
        }

        void send(String method, String path, String token, String body) throws IOException {
            String head = method + " " + path + " HTTP/1.1\r\nHost: relay\r\n"
                    + (token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n")
                    + (body.isEmpty()
                            ? ""
                            : "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n")
                    + "\r\n";
            socket.getOutputStream().write((head + body).getBytes(StandardCharsets.ISO_8859_1));
        }

        Answer receive() throws IOException {
            int status = Integer.parseInt(line(), 9, 12, 10);
            int length = 0;
            boolean chunked = false;
            for (String line = line(); !line.isEmpty(); line = line()) {
                if (line.regionMatches(true, 0, LENGTH, 0, LENGTH.length())) {
                    length = Integer.parseInt(line.substring(LENGTH.length()).strip());
                }
                chunked |= line.equalsIgnoreCase("transfer-encoding: chunked");
            }
            if (!chunked) {
                return new Answer(status, text(length));
            }
            StringBuilder body = new StringBuilder();
            for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
                body.append(text(size));
                line();
            }
            line();
            return new Answer(status, body.toString());
        }

        Answer call(String method, String path, String token, String body) throws IOException {
            send(method, path, token, body);
            return receive();
        }

        /** The next line, without its end. */
        private String line() throws IOException {
            for (int i = begin; ; i++) {
                if (i == end) {
                    int seen = i - begin;
                    fill();
                    i = begin + seen;
                }
                if (buffer[i] == '\n') {
                    String line = new String(buffer, begin, i - 1 - begin, StandardCharsets.ISO_8859_1);
                    begin = i + 1;
                    return line;
                }
            }
        }

        private String text(int length) throws IOException {
            while (end - begin < length) {
                fill();
            }
            begin += length;
            return new String(buffer, begin - length, length, StandardCharsets.ISO_8859_1);
        }

        /** Appends further input to the buffer. */
        private void fill() throws IOException {
            byte[] from = buffer;
            if (end == buffer.length) {
                buffer = begin > 0 ? buffer : new byte[2 * buffer.length];
                System.arraycopy(from, begin, buffer, 0, end - begin);
                end -= begin;
                begin = 0;
            }
            int read = in.read(buffer, end, buffer.length - end);
            if (read < 0) {
                throw new EOFException();
            }
            end += read;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** A pairing with its two tokens. */
    record Pair(String id, String platform, String device, String phone) {

        static Pair open(Connection connection) throws IOException {
            byte[] secret = new byte[32];
            ThreadLocalRandom.current().nextBytes(secret);
            String hash = "{\"secret_hash\":\"" + HexFormat.of().formatHex(secret) + "\"}";
            Answer phone = expect(201, connection.call("POST", "/v1/devices", "", "{}"));
            Answer pair = expect(201, connection.call("POST", "/v1/pairs", "", hash));
            String id = pair.field("pair_id");
            expect(200, connection.call("PUT", "/v1/pairs/" + id + "/device", phone.field("device_token"), hash));
            return new Pair(id, pair.field("platform_token"), phone.field("device_id"), phone.field("device_token"));
        }

        String submission(String request) {
            return "{\"request_id\":\"" + request + "\",\"pair_id\":\"" + id + "\",\"nonce\":\"" + NONCE
                    + "\",\"ciphertext\":\"" + ENVELOPE + "\"}";
        }
    }

    static Answer expect(int status, Answer answer) {
        if (answer.status() != status) {
            throw new IllegalStateException("expected " + status + ", got " + answer);
        }
        return answer;
    }

    static String response() {
        return "{\"nonce\":\"" + NONCE + "\",\"ciphertext\":\"" + ENVELOPE + "\"}";
    }

    /** One approval after another: measures the time from the cause to the answer of the long poll. */
    private static void wake(int rounds) throws Exception {
        long[] toDevice = new long[rounds];
        long[] toPlatform = new long[rounds];
        try (Connection platform = new Connection();
                Connection poll = new Connection();
                Connection device = new Connection(deviceRelay);
                Connection inbox = new Connection(deviceRelay)) {
            Pair pair = Pair.open(platform);
            for (int i = -rounds / 4; i < rounds; i++) {
                String request = Calls.uuid7();
                inbox.send("GET", "/v1/devices/" + pair.device() + "/requests?wait=60", pair.phone(), "");
                pauseUntilParked();
                long begin = System.nanoTime();
                platform.send("POST", "/v1/requests", pair.platform(), pair.submission(request));
                expect(200, inbox.receive());
                long delivered = System.nanoTime();
                expect(201, platform.receive());
                poll.send("GET", "/v1/requests/" + request + "?wait=60", pair.platform(), "");
                pauseUntilParked();
                long answered = System.nanoTime();
                device.send("PUT", "/v1/requests/" + request + "/response", pair.phone(), response());
                expect(200, poll.receive());
                long known = System.nanoTime();
                expect(200, device.receive());
                if (i >= 0) {
                    toDevice[i] = delivered - begin;
                    toPlatform[i] = known - answered;
                }
            }
        }
        print("submission sent -> device's long poll answered", toDevice);
        print("response sent -> platform's long poll answered", toPlatform);
    }

    /**
     * A poll needs a moment to be parked. A poll that is not parked yet improves the figure instead of worsening it.
     */
    private static void pauseUntilParked() throws InterruptedException {
        Thread.sleep(2);
    }

    /** Parks polls and measures other calls meanwhile. */
    private static void park(int polls, String pid) throws Exception {
        System.out.println("RSS before: " + rss(pid));
        List<Connection> parked = parked(polls);
        System.out.println("RSS with " + polls + " parked long polls: " + rss(pid));
        long[] health = new long[2000];
        try (Connection connection = new Connection()) {
            for (int i = 0; i < health.length; i++) {
                long begin = System.nanoTime();
                expect(200, connection.call("GET", "/health", "", ""));
                health[i] = System.nanoTime() - begin;
            }
        }
        print("GET /health with " + polls + " parked", health);
        wake(1000);
        System.out.println("RSS after: " + rss(pid));
        for (Connection connection : parked) {
            connection.close();
        }
    }

    /** Parks as many polls as the relay has places, has their clients go, and measures until the places are free. */
    private static void gone(int polls, int adminPort) throws Exception {
        for (boolean reset : new boolean[] {false, true}) {
            List<Connection> parked = parked(polls);
            System.out.println("waiting: " + waiting(adminPort));
            long begin = System.nanoTime();
            for (Connection connection : parked) {
                if (reset) {
                    connection.socket.setSoLinger(true, 0);
                }
                connection.close();
            }
            long closed = System.nanoTime();
            while (waiting(adminPort) > 0) {
                Thread.sleep(1);
            }
            System.out.printf(
                    Locale.ROOT,
                    "%d clients gone by %s within %d ms: no place is taken %d ms after the last%n",
                    polls,
                    reset ? "RST" : "FIN",
                    (closed - begin) / 1_000_000,
                    (System.nanoTime() - closed) / 1_000_000);
        }
    }

    private static int waiting(int adminPort) throws IOException {
        try (InputStream metrics =
                URI.create("http://127.0.0.1:" + adminPort + "/metrics").toURL().openStream()) {
            Matcher found = Pattern.compile("(?m)^harp_relay_waiters (\\d+)")
                    .matcher(new String(metrics.readAllBytes(), StandardCharsets.UTF_8));
            return found.find() ? Integer.parseInt(found.group(1)) : -1;
        }
    }

    private static List<Connection> parked(int polls) throws Exception {
        List<Connection> parked = new ArrayList<>();
        for (int i = 0; i < polls; i++) {
            Connection connection = new Connection();
            Answer phone = expect(201, connection.call("POST", "/v1/devices", "", "{}"));
            connection.send(
                    "GET",
                    "/v1/devices/" + phone.field("device_id") + "/requests?wait=540",
                    phone.field("device_token"),
                    "");
            parked.add(connection);
        }
        Thread.sleep(1000);
        return parked;
    }

    /**
     * The memory of a connection that waits for a device, as a poll or as a stream: RSS, and the heap after a
     * collection.
     */
    private static void held(int count, String pid, boolean streams) throws Exception {
        List<Connection> warm = held(Math.min(count, 200), streams);
        for (Connection connection : warm) {
            connection.close();
        }
        Thread.sleep(1000);
        long heapBefore = Os.liveHeap(Long.parseLong(pid));
        long rssBefore = Os.rssKib(Long.parseLong(pid));
        List<Connection> held = held(count, streams);
        long rss = Os.rssKib(Long.parseLong(pid)) - rssBefore;
        long heap = Os.liveHeap(Long.parseLong(pid)) - heapBefore;
        System.out.printf(
                Locale.ROOT,
                "%d %s: heap %.1f KiB each after a collection, RSS %.1f KiB each before it%n",
                count,
                streams ? "streams" : "polls",
                heap / 1024.0 / count,
                (double) rss / count);
        for (Connection connection : held) {
            connection.close();
        }
    }

    private static List<Connection> held(int count, boolean streams) throws Exception {
        if (!streams) {
            return parked(count);
        }
        List<Connection> held = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Connection connection = new Connection();
            Answer phone = expect(201, connection.call("POST", "/v1/devices", "", "{}"));
            connection.send(
                    "GET", "/v1/devices/" + phone.field("device_id") + "/events", phone.field("device_token"), "");
            connection.until("event: current");
            held.add(connection);
        }
        return held;
    }

    /** Parks polls, stops the relay, and counts their answers. */
    private static void drain(int polls, String pid) throws Exception {
        List<Connection> parked = parked(polls);
        ConcurrentHashMap<String, LongAdder> answers = new ConcurrentHashMap<>();
        CountDownLatch done = new CountDownLatch(polls);
        for (Connection connection : parked) {
            Thread.ofVirtual().start(() -> {
                String got;
                try {
                    Answer answer = connection.receive();
                    got = answer.status() + " " + answer.field("code");
                } catch (IOException | RuntimeException e) {
                    got = "cut: " + e;
                }
                answers.computeIfAbsent(got, _ -> new LongAdder()).increment();
                done.countDown();
            });
        }
        ProcessHandle process = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
        long begin = System.nanoTime();
        process.destroy();
        done.await();
        long answered = System.nanoTime() - begin;
        process.onExit().join();
        System.out.printf(
                Locale.ROOT,
                "SIGTERM with %d parked: answers %s, all after %d ms, process gone after %d ms%n",
                polls,
                answers,
                answered / 1_000_000,
                (System.nanoTime() - begin) / 1_000_000);
    }

    /** Whole approvals by several pairs at a time; the processor time of both sides shows which one is the limit. */
    private static void throughput(int pairs, int seconds, String pid) throws Exception {
        LongAdder approvals = new LongAdder();
        List<Thread> threads = new ArrayList<>();
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        long cpu = Os.cpuMillis(Long.parseLong(pid));
        long own = Os.cpuMillis(OWN_PID);
        long begin = System.nanoTime();
        for (int i = 0; i < pairs; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                try (Connection platform = new Connection();
                        Connection device = new Connection()) {
                    Pair pair = Pair.open(platform);
                    while (System.nanoTime() < end) {
                        String request = Calls.uuid7();
                        device.send("GET", "/v1/devices/" + pair.device() + "/requests?wait=60", pair.phone(), "");
                        expect(201, platform.call("POST", "/v1/requests", pair.platform(), pair.submission(request)));
                        platform.send("GET", "/v1/requests/" + request + "?wait=60", pair.platform(), "");
                        expect(200, device.receive());
                        expect(
                                200,
                                device.call("PUT", "/v1/requests/" + request + "/response", pair.phone(), response()));
                        expect(200, platform.receive());
                        approvals.increment();
                    }
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double took = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "%d pairs: %.0f approvals a second, %.0f us of the relay's CPU each, %.0f us of the driver's%n",
                pairs,
                approvals.sum() / took,
                (Os.cpuMillis(Long.parseLong(pid)) - cpu) * 1000.0 / approvals.sum(),
                (Os.cpuMillis(OWN_PID) - own) * 1000.0 / approvals.sum());
    }

    private static String rss(String pid) throws IOException {
        return Os.rssKib(Long.parseLong(pid)) / 1024 + " MiB";
    }

    private static void print(String what, long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        System.out.printf(
                Locale.ROOT,
                "%s: p50 %d us, p99 %d us, max %d us (%d times)%n",
                what,
                sorted[sorted.length / 2] / 1000,
                sorted[(int) (sorted.length * 0.99)] / 1000,
                sorted[sorted.length - 1] / 1000,
                sorted.length);
    }

    public static void main(String[] arguments) throws Exception {
        URI uri = URI.create(arguments[0]);
        relay = new InetSocketAddress(uri.getHost(), uri.getPort());
        deviceRelay = relay;
        int count = Integer.parseInt(arguments[2]);
        switch (arguments[1]) {
            case "wake" -> {
                if (arguments.length > 3) {
                    URI second = URI.create(arguments[3]);
                    deviceRelay = new InetSocketAddress(second.getHost(), second.getPort());
                }
                wake(count);
            }
            case "park" -> park(count, arguments[3]);
            case "held" -> held(count, arguments[3], arguments[4].equals("stream"));
            case "drain" -> drain(count, arguments[3]);
            case "gone" -> gone(count, Integer.parseInt(arguments[3]));
            case "throughput" -> throughput(count, Integer.parseInt(arguments[3]), arguments[4]);
            default -> throw new IllegalArgumentException(arguments[1]);
        }
    }
}
