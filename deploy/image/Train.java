import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The training run of the image's AOT cache. It starts the relay with the cache as its output, makes the most frequent
 * calls, ends the relay by SIGTERM, and checks that the cache was written. Code that is not trained works as well, only
 * a little slower the first time.
 *
 * <p>{@code java Train.java SECONDS CACHE JAVA FLAG... MAIN}; run by {@code assemble}, and by the build for the relays
 * of the process tests. With SECONDS over 0 it also makes whole approvals for that time, for many pairs in parallel.
 * Then the cache has profiles of the methods, and the next relay compiles them sooner (JEP 515). Without a slash, JAVA
 * is the one that runs this program. The JVM writes the cache while it exits, also when the relay ends it by
 * {@code Runtime.halt}, as it does after its drain.
 */
final class Train {
    /** Pairs that make approvals at the same time, as in {@code bench/compare}. */
    private static final int PAIRS = 64;

    /** A valid digest, and below a valid envelope: the relay checks their form only. */
    private static final String SECRET = "\"secret_hash\":\"" + "ab".repeat(32) + '"';

    private static final String SEALED =
            "\"nonce\":\"" + "A".repeat(32) + "\",\"ciphertext\":\"" + "A".repeat(2048) + '"';

    private static final Duration PAUSE = Duration.ofMillis(300);
    private static final String MANY = "1000000";
    private static final AtomicLong REQUESTS = new AtomicLong();
    private static final int PORT = freePort();
    private static final String RELAY = "http://127.0.0.1:" + PORT;
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Train() {}

    /** A response of the relay. */
    private record Answer(int status, String body) {
        Answer is(int expected) {
            if (status != expected) {
                throw new IllegalStateException("the relay answered " + status + ", not " + expected + ": " + body);
            }
            return this;
        }

        String text(String member) {
            Matcher found =
                    Pattern.compile('"' + member + "\" *: *\"([^\"]*)\"").matcher(body);
            if (!found.find()) {
                throw new IllegalStateException("no " + member + " in " + body);
            }
            return found.group(1);
        }
    }

    public static void main(String[] arguments) throws Exception {
        long seconds = Long.parseLong(arguments[0]);
        Path cache = Path.of(arguments[1]);
        // Without the adapters to native code: JDK 25.0.3 finds some of them not to fit, and warns at each start.
        String java = arguments[2].contains("/")
                ? arguments[2]
                : Path.of(System.getProperty("java.home"), "bin", arguments[2]).toString();
        List<String> command = new ArrayList<>(List.of(
                java,
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-AOTAdapterCaching",
                "-XX:-AOTStubCaching",
                "-XX:AOTCacheOutput=" + cache));
        command.addAll(Arrays.asList(arguments).subList(3, arguments.length));
        ProcessBuilder relay = new ProcessBuilder(command).inheritIO();
        relay.environment()
                .putAll(Map.of("HOST", "127.0.0.1", "PORT", "" + PORT, "ADMIN_PORT", "0", "LOG_LEVEL", "warning"));
        // Limits that are on, so that their code is trained, and too high to be reached.
        relay.environment().putAll(Map.of("RATE_LIMIT_CLIENT", MANY, "RATE_LIMIT_PAIR", MANY, "NETWORK_SHARE", "100"));
        Process running = relay.start();
        try {
            awaitHealth(running);
            approve();
            askForWhatIsNotThere();
            load(Duration.ofSeconds(seconds));
        } catch (Exception e) {
            running.destroyForcibly();
            throw e;
        }
        running.destroy();
        if (!running.waitFor(5, TimeUnit.MINUTES) || running.exitValue() != 0 || !Files.exists(cache)) {
            running.destroyForcibly();
            throw new IllegalStateException("no AOT cache was written, see above");
        }
        System.out.println("AOT cache: " + Files.size(cache) + " bytes");
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void awaitHealth(Process relay) throws Exception {
        for (int tries = 0; tries < 600; tries++) {
            if (!relay.isAlive()) {
                throw new IllegalStateException("the relay ended with " + relay.exitValue() + ", see above");
            }
            try {
                call("GET", "/health", "", "").is(200);
                return;
            } catch (IOException e) {
                Thread.sleep(100);
            }
        }
        throw new IllegalStateException("the relay is not healthy after a minute");
    }

    /** A device and a pairing of it, with their tokens. */
    private record Pair(String device, String deviceToken, String id, String platformToken) {
        /** Both made, with a long poll that waits for the device. */
        static Pair create() throws Exception {
            Answer device = call("POST", "/v1/devices", "", "{}").is(201);
            String deviceToken = device.text("device_token");
            Answer pairing = call("POST", "/v1/pairs", "", "{" + SECRET + "}").is(201);
            String id = pairing.text("pair_id");
            CompletableFuture<Answer> paired = poll("/v1/pairs/" + id + "?wait=30", pairing.text("platform_token"));
            Thread.sleep(PAUSE);
            String payload = "\"payload\":\"" + "A".repeat(128) + '"';
            call("PUT", "/v1/pairs/" + id + "/device", deviceToken, "{" + SECRET + "," + payload + "}")
                    .is(200);
            paired.get().is(200);
            return new Pair(device.text("device_id"), deviceToken, id, pairing.text("platform_token"));
        }

        /**
         * A whole approval, with every long poll.
         *
         * @param pause lets a poll be parked before the next call; from here that cannot be observed
         * @return the request's id
         */
        String approve(Duration pause) throws Exception {
            CompletableFuture<Answer> question = poll("/v1/devices/" + device + "/requests?wait=30", deviceToken);
            Thread.sleep(pause);
            String request = new UUID(
                            System.currentTimeMillis() << 16 | 0x7000,
                            0x8000_0000_0000_0000L | REQUESTS.incrementAndGet())
                    .toString();
            String submission =
                    "{\"request_id\":\"" + request + "\",\"pair_id\":\"" + id + "\"," + SEALED + ",\"ttl\":300}";
            call("POST", "/v1/requests", platformToken, submission).is(201);
            question.get().is(200);
            CompletableFuture<Answer> outcome = poll("/v1/requests/" + request + "?wait=30", platformToken);
            Thread.sleep(pause);
            String answer = "{" + SEALED + ",\"signature\":\"" + "A".repeat(88) + "\"}";
            call("PUT", "/v1/requests/" + request + "/response", deviceToken, answer)
                    .is(200);
            outcome.get().is(200);
            return request;
        }

        void remove() throws Exception {
            call("DELETE", "/v1/pairs/" + id, platformToken, "").is(204);
            call("DELETE", "/v1/devices/" + device, deviceToken, "").is(204);
        }
    }

    private static void approve() throws Exception {
        Pair pair = Pair.create();
        String request = pair.approve(PAUSE);
        call("GET", "/v1/requests/" + request, pair.deviceToken, "").is(200);
        call("DELETE", "/v1/requests/" + request, pair.platformToken, "").is(409);
        pair.remove();
    }

    private static void load(Duration time) throws Exception {
        long end = System.nanoTime() + time.toNanos();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Pair>> pairs = new ArrayList<>();
            for (int i = 0; i < PAIRS && time.isPositive(); i++) {
                pairs.add(threads.submit(() -> {
                    Pair pair = Pair.create();
                    while (System.nanoTime() < end) {
                        pair.approve(Duration.ZERO);
                    }
                    return pair;
                }));
            }
            for (Future<Pair> pair : pairs) {
                pair.get().remove();
            }
        }
    }

    private static void askForWhatIsNotThere() throws Exception {
        call("GET", "/openapi.yaml", "", "").is(200);
        call("GET", "/nothing", "", "").is(404);
        call("GET", "/v1/pairs/pair_000000000000", "unknown", "").is(401);
        call("POST", "/v1/devices", "", "{").is(400);
    }

    private static CompletableFuture<Answer> poll(String path, String token) {
        return HTTP.sendAsync(request("GET", path, token, ""), BodyHandlers.ofString())
                .thenApply(Train::answer);
    }

    private static Answer call(String method, String path, String token, String body)
            throws IOException, InterruptedException {
        return answer(HTTP.send(request(method, path, token, body), BodyHandlers.ofString()));
    }

    private static Answer answer(HttpResponse<String> response) {
        return new Answer(response.statusCode(), response.body());
    }

    private static HttpRequest request(String method, String path, String token, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(RELAY + path))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        return request.build();
    }
}
