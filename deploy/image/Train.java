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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The training run of the image's AOT cache. It starts the relay with the cache as its output, makes the most frequent
 * calls, ends the relay by SIGTERM, and checks that the cache was written. Code that is not trained works as well, only
 * a little slower the first time.
 *
 * <p>{@code java Train.java CACHE JAVA FLAG... MAIN}; run by {@code assemble}, and by the build for the relays of the
 * process tests. Without a slash, JAVA is the one that runs this program. The JVM writes the cache while it exits, also
 * when the relay ends it by {@code Runtime.halt}, as it does after its drain.
 */
final class Train {
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
        Path cache = Path.of(arguments[0]);
        // Without the adapters to native code: JDK 25.0.3 finds some of them not to fit, and warns at each start.
        String java = arguments[1].contains("/")
                ? arguments[1]
                : Path.of(System.getProperty("java.home"), "bin", arguments[1]).toString();
        List<String> command = new ArrayList<>(List.of(
                java,
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-AOTAdapterCaching",
                "-XX:-AOTStubCaching",
                "-XX:AOTCacheOutput=" + cache));
        command.addAll(Arrays.asList(arguments).subList(2, arguments.length));
        ProcessBuilder relay = new ProcessBuilder(command).inheritIO();
        relay.environment()
                .putAll(Map.of("HOST", "127.0.0.1", "PORT", "" + PORT, "ADMIN_PORT", "0", "LOG_LEVEL", "warning"));
        Process running = relay.start();
        try {
            awaitHealth(running);
            approve();
            askForWhatIsNotThere();
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

    /** A whole approval, with every long poll. To the relay these letters are a ciphertext like any other. */
    private static void approve() throws Exception {
        String secret = "\"secret_hash\":\"" + "ab".repeat(32) + '"';
        String sealed = "\"nonce\":\"" + "A".repeat(32) + "\",\"ciphertext\":\"" + "A".repeat(2048) + '"';

        Answer device = call("POST", "/v1/devices", "", "{}").is(201);
        String deviceId = device.text("device_id");
        String deviceToken = device.text("device_token");
        Answer pairing = call("POST", "/v1/pairs", "", "{" + secret + "}").is(201);
        String pairId = pairing.text("pair_id");
        String platformToken = pairing.text("platform_token");

        CompletableFuture<Answer> paired = poll("/v1/pairs/" + pairId + "?wait=30", platformToken);
        String payload = "\"payload\":\"" + "A".repeat(128) + '"';
        call("PUT", "/v1/pairs/" + pairId + "/device", deviceToken, "{" + secret + "," + payload + "}")
                .is(200);
        paired.get().is(200);

        CompletableFuture<Answer> question = poll("/v1/devices/" + deviceId + "/requests?wait=30", deviceToken);
        String requestId = "%012x7000800000000000001"
                .formatted(System.currentTimeMillis())
                .replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{11})", "$1-$2-$3-$4-0$5");
        String submission =
                "{\"request_id\":\"" + requestId + "\",\"pair_id\":\"" + pairId + "\"," + sealed + ",\"ttl\":300}";
        call("POST", "/v1/requests", platformToken, submission).is(201);
        question.get().is(200);
        call("GET", "/v1/requests/" + requestId, deviceToken, "").is(200);

        CompletableFuture<Answer> outcome = poll("/v1/requests/" + requestId + "?wait=30", platformToken);
        String answer = "{" + sealed + ",\"signature\":\"" + "A".repeat(88) + "\"}";
        call("PUT", "/v1/requests/" + requestId + "/response", deviceToken, answer)
                .is(200);
        outcome.get().is(200);
        call("DELETE", "/v1/requests/" + requestId, platformToken, "").is(409);
        call("DELETE", "/v1/pairs/" + pairId, platformToken, "").is(204);
        call("DELETE", "/v1/devices/" + deviceId, deviceToken, "").is(204);
    }

    private static void askForWhatIsNotThere() throws Exception {
        call("GET", "/openapi.yaml", "", "").is(200);
        call("GET", "/nothing", "", "").is(404);
        call("GET", "/v1/pairs/pair_000000000000", "unknown", "").is(401);
        call("POST", "/v1/devices", "", "{").is(400);
    }

    /** A long poll. The pause lets it be parked before the next call; from here that cannot be observed. */
    private static CompletableFuture<Answer> poll(String path, String token) throws InterruptedException {
        CompletableFuture<Answer> answer = HTTP.sendAsync(request("GET", path, token, ""), BodyHandlers.ofString())
                .thenApply(Train::answer);
        Thread.sleep(300);
        return answer;
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
