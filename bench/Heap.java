import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import load.Calls;
import load.Os;

/**
 * What one connection takes of the relay's heap, in each state that a client can put it into. {@code bench/heap} starts
 * a relay and calls it; by hand:
 *
 * <pre>
 *   java bench/Heap.java PORT PID      a relay with long timeouts and without rate limits
 * </pre>
 *
 * <p>A figure is what is reachable after a full collection, with the connections minus without, divided by their
 * number.
 */
public final class Heap {
    private static final int HEAD = 15_000;
    private static final String GET = "GET /health HTTP/1.1\r\nHost: a\r\n";
    private static final String TEXT = "A".repeat(65_536);

    private static int port;
    private static long pid;
    private static final List<Socket> SOCKETS = new ArrayList<>();
    private static final Set<Socket> ENDED = new HashSet<>();

    /** Puts connection number {@code i} into its state. */
    private interface State {
        void enter(int i) throws IOException;
    }

    private record Pair(String id, String platform, String device, String phone) {}

    private Heap() {}

    public static void main(String[] args) throws Exception {
        port = Integer.parseInt(args[0]);
        pid = Long.parseLong(args[1]);
        for (int i = 0; i < 200; i++) { // loads the classes
            call(pair().platform(), "GET", "/v1/nothing", "");
        }
        System.out.printf("%-52s %10.1f MiB%n", "nothing connected", live() / 1048576.0);
        measure("accepted, nothing sent", 1000, _ -> connect());
        measure("kept alive after a call", 1000, _ -> health(""));
        measure("kept alive after a call with a head of 15 KB", 1000, _ -> health(field(HEAD)));
        pieces("unfinished head of 15 KB, in one piece", HEAD, HEAD);
        pieces("unfinished head of 15 KB, in pieces of 1,000 bytes", HEAD, 1000);
        pieces("unfinished head of 15 KB, in pieces of 100 bytes", HEAD, 100);
        pieces("unfinished head of 15 KB, in pieces of 1 byte", HEAD, 1);
        waiting("parked poll", 1000, "", "");
        waiting("parked poll with a head of 15 KB", 1000, "", field(HEAD));
        waiting("parked stream", 1000, "/events", "");
        waiting("parked stream with a head of 15 KB", 1000, "/events", field(HEAD));
        measure("body of 128 KB, all but one byte", 100, _ -> send(connect(), post() + "\r\n" + "A".repeat(131_071)));
        slowBody("the same, in pieces of 100 bytes");
        stalled("list of 1 MiB, not read", "");
        stalled("stream of 1 MiB, not read", "/events");
        System.exit(0);
    }

    private static String post() {
        return "POST /v1/devices HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 131072\r\n";
    }

    private static void pieces(String what, int bytes, int piece) throws Exception {
        int count = piece == 1 ? 50 : 500;
        String text = GET + field(bytes).stripTrailing();
        measure(what, count, i -> {
            connect();
            if (i == count - 1) {
                for (int at = 0; at < text.length(); at += piece) {
                    for (Socket socket : SOCKETS) {
                        sendIfOpen(socket, text.substring(at, Math.min(at + piece, text.length())));
                    }
                }
            }
        });
    }

    private static void slowBody(String what) throws Exception {
        int count = 50;
        measure(what, count, i -> {
            send(connect(), post() + "\r\n");
            for (int at = 0; i == count - 1 && at < 131_000; at += 100) {
                for (Socket socket : SOCKETS) {
                    sendIfOpen(socket, "A".repeat(100));
                }
            }
        });
    }

    private static void waiting(String what, int count, String suffix, String field) throws Exception {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pairs.add(pair());
        }
        measure(
                what,
                count,
                i -> send(
                        connect(),
                        "GET /v1/devices/" + pairs.get(i).device()
                                + (suffix.isEmpty() ? "/requests?wait=300" : suffix)
                                + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                                + pairs.get(i).phone() + "\r\n" + field + "\r\n"));
    }

    private static void stalled(String what, String suffix) throws Exception {
        Pair pair = pair();
        for (int i = 0; i < 15; i++) {
            String id = Calls.uuid7();
            call(
                    pair.platform(),
                    "POST",
                    "/v1/requests",
                    "{\"request_id\":\"" + id + "\",\"pair_id\":\"" + pair.id()
                            + "\",\"nonce\":\"AAAA\",\"ciphertext\":\"" + TEXT + "\"}");
        }
        measure(
                what,
                50,
                _ -> send(
                        connect(),
                        "GET /v1/devices/" + pair.device()
                                + (suffix.isEmpty() ? "/requests" : suffix)
                                + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                                + pair.phone() + "\r\n\r\n"));
    }

    private static void measure(String what, int count, State state) throws Exception {
        long before = live();
        for (int i = 0; i < count; i++) {
            state.enter(i);
        }
        Thread.sleep(2500);
        long after = live();
        String ended = ENDED.isEmpty() ? "" : ", " + ENDED.size() + " of " + count + " ended by the relay";
        System.out.printf("%-52s %10.1f KiB%s%n", what, (after - before) / 1024.0 / count, ended);
        ENDED.clear();
        for (Socket socket : SOCKETS) {
            socket.setSoLinger(true, 0);
            socket.close();
        }
        SOCKETS.clear();
        Thread.sleep(500);
    }

    private static void health(String field) throws IOException {
        Socket socket = connect();
        send(socket, GET + field + "\r\n");
        socket.getInputStream().read(new byte[4096]);
    }

    private static Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        SOCKETS.add(socket);
        return socket;
    }

    /** The relay ends what is sent in too many pieces, or too slowly. */
    private static void sendIfOpen(Socket socket, String text) {
        try {
            send(socket, text);
        } catch (IOException e) {
            ENDED.add(socket);
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String field(int bytes) {
        return "X-Large: " + "a".repeat(bytes) + "\r\n";
    }

    private static Pair pair() throws IOException {
        byte[] secret = new byte[32];
        ThreadLocalRandom.current().nextBytes(secret);
        String hash = "{\"secret_hash\":\"" + HexFormat.of().formatHex(secret) + "\"}";
        String phone = call("", "POST", "/v1/devices", "{}");
        String pair = call("", "POST", "/v1/pairs", hash);
        call(member(phone, "device_token"), "PUT", "/v1/pairs/" + member(pair, "pair_id") + "/device", hash);
        return new Pair(
                member(pair, "pair_id"),
                member(pair, "platform_token"),
                member(phone, "device_id"),
                member(phone, "device_token"));
    }

    private static String call(String token, String method, String path, String body) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            send(
                    socket,
                    method + " " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                            + (token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n")
                            + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static String member(String answer, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(answer);
        if (!found.find()) {
            throw new IllegalStateException("no " + name + " in " + answer);
        }
        return found.group(1);
    }

    /** Bytes of the heap that are reachable, after a full collection. */
    private static long live() throws IOException, InterruptedException {
        Os.liveHeap(pid); // the first one finds what is released by references
        return Os.liveHeap(pid);
    }
}
