package dev.harp.relay.crash;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;

/**
 * JSON over HTTP/1.1 to one address, as the protocol advises its clients (11.3): a lost connection, 503, and what a
 * proxy says of a relay that is away, are a reason to call again, and nothing else is. Every attempt is tallied.
 */
final class PatientClient implements AutoCloseable {
    static final String NO_TOKEN = "";
    private static final Duration PATIENCE_FOR_ANSWER = Duration.ofSeconds(30);
    private static final Duration PATIENCE_FOR_RELAY = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final URI relay;
    private final Tally tally;
    private final Duration longestPause;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client;

    /** An answer. {@code body} is empty if there is no JSON object in it. */
    record Reply(int status, JsonObject body, Optional<Duration> retryAfter) {

        String code() {
            return body.getString("code", "");
        }

        String text(String name) {
            return body.getString(name, "");
        }

        boolean is(int wanted) {
            return status == wanted;
        }

        boolean is(int wanted, String code) {
            return status == wanted && code().equals(code);
        }

        /** Status and code, for people; and whether it is a 503 that does not say when to come back. */
        String kind() {
            String kind = code().isEmpty() ? Integer.toString(status) : status + " " + code();
            return status == 503 && retryAfter.isEmpty() ? kind + " without Retry-After" : kind;
        }
    }

    /** The relay did not come back. */
    static final class GaveUp extends IOException {
        private static final long serialVersionUID = 1L;

        GaveUp(String message) {
            super(message);
        }
    }

    /**
     * @param longestPause a {@code Retry-After} of more than this is cut to it: a test of twenty kills has less time
     *     than a person
     */
    PatientClient(URI relay, Optional<SSLContext> tls, Tally tally, Duration longestPause) {
        this.relay = relay;
        this.tally = tally;
        this.longestPause = longestPause;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE_FOR_ANSWER)
                .executor(threads);
        tls.ifPresent(builder::sslContext);
        this.client = builder.build();
    }

    Tally tally() {
        return tally;
    }

    Reply get(String path, String token) throws IOException, InterruptedException {
        return call("GET", path, token, JsonValue.EMPTY_JSON_OBJECT, Duration.ZERO);
    }

    /** A long poll. */
    Reply poll(String path, String token, Duration wait) throws IOException, InterruptedException {
        String waiting = path + (path.contains("?") ? "&" : "?") + "wait=" + wait.toSeconds();
        return call("GET", waiting, token, JsonValue.EMPTY_JSON_OBJECT, wait);
    }

    Reply send(String method, String path, String token, JsonObject body) throws IOException, InterruptedException {
        return call(method, path, token, body, Duration.ZERO);
    }

    Reply delete(String path, String token) throws IOException, InterruptedException {
        return call("DELETE", path, token, JsonValue.EMPTY_JSON_OBJECT, Duration.ZERO);
    }

    private Reply call(String method, String path, String token, JsonObject body, Duration wait)
            throws IOException, InterruptedException {
        boolean changes = !method.equals("GET");
        long begin = System.nanoTime();
        while (true) {
            String met;
            Duration pause = PAUSE;
            try {
                Reply reply = once(method, path, token, body, wait);
                tally.count(reply.kind());
                switch (reply.status()) {
                    case 408, 429, 502, 503, 504 -> {
                        met = reply.kind();
                        pause = reply.retryAfter().orElse(PAUSE);
                        if (changes && !reply.code().equals("shutting_down")) {
                            tally.countUnknown();
                        }
                    }
                    default -> {
                        return reply;
                    }
                }
            } catch (IOException e) {
                met = switch (e) {
                    case HttpTimeoutException _ -> "timed out";
                    case ConnectException _ -> "connection refused";
                    default -> "connection lost";
                };
                tally.count(met);
                if (changes && !(e instanceof ConnectException)) {
                    tally.countUnknown();
                }
            }
            if (System.nanoTime() - begin > PATIENCE_FOR_RELAY.plus(wait).toNanos()) {
                throw new GaveUp(method + " " + path + ": " + met);
            }
            pause(pause.compareTo(longestPause) < 0 ? pause : longestPause);
        }
    }

    private static void pause(Duration pause) throws InterruptedException {
        LockSupport.parkNanos(pause.toNanos());
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    private Reply once(String method, String path, String token, JsonObject body, Duration wait)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(relay + path))
                .timeout(PATIENCE_FOR_ANSWER.plus(wait))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body.toString()));
        if (!token.isEmpty()) {
            request.setHeader("Authorization", "Bearer " + token);
        }
        if (!body.isEmpty()) {
            request.setHeader("Content-Type", "application/json");
        }
        long begin = System.nanoTime();
        try {
            HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString(UTF_8));
            Optional<Duration> retryAfter = response.headers()
                    .firstValue("Retry-After")
                    .map(text -> Duration.ofSeconds(Integer.parseInt(text)));
            return new Reply(response.statusCode(), jsonObject(response.body()), retryAfter);
        } finally {
            if (wait.isZero()) {
                tally.took(System.nanoTime() - begin);
            }
        }
    }

    private static JsonObject jsonObject(String text) {
        try (var reader = Json.createReader(new StringReader(text))) {
            return reader.readObject();
        } catch (JsonException e) {
            return JsonValue.EMPTY_JSON_OBJECT;
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        threads.shutdownNow();
    }
}
