package dev.harp.relay.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * JSON over HTTP/1.1 to one relay. {@link #call} is one exchange, whatever comes of it; {@link #reliably} repeats it as
 * the {@link RetryPolicy} says; {@link #poll} is a long poll. Safe for use by many threads, meant for virtual ones.
 */
public final class RelayHttp implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Longer polls would meet the read timeouts of ordinary proxies; a poll that ended is simply sent again. */
    private static final Duration LONGEST_POLL = Duration.ofSeconds(50);

    private final URI relay;
    private final Consumer<Exchange> observer;
    private final RetryPolicy retry;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client;

    /** The relay's answer. {@code body} is empty if the answer has no JSON object in it. */
    public record Answer(int status, HttpHeaders headers, JsonObject body, String raw) {

        /** The stable code of a problem, or nothing. */
        public String code() {
            return body.getString("code", "");
        }

        public Optional<String> header(String name) {
            return headers.firstValue(name);
        }

        /** How long the relay asks us to stay away; only whole seconds, never a date. */
        public Optional<Duration> retryAfter() {
            return header("Retry-After")
                    .filter(text -> text.matches("[0-9]{1,9}"))
                    .map(text -> Duration.ofSeconds(Long.parseLong(text)));
        }

        /** This answer, if its status is one of those that were hoped for. */
        public Answer expect(int... wanted) throws RelayRefusal {
            if (Arrays.stream(wanted).noneMatch(each -> each == status)) {
                throw new RelayRefusal(this);
            }
            return this;
        }
    }

    /**
     * What an observer sees: one request, by its path with query and its body as sent, and its answer. No credential.
     */
    public record Exchange(String method, String path, Optional<String> requestBody, Answer answer) {}

    public RelayHttp(URI relay) {
        this(relay, RetryPolicy.standard(), exchange -> {});
    }

    public RelayHttp(URI relay, RetryPolicy retry, Consumer<Exchange> observer) {
        this.relay = relay;
        this.retry = retry;
        this.observer = observer;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .executor(threads)
                .build();
    }

    public URI relay() {
        return relay;
    }

    RetryPolicy retry() {
        return retry;
    }

    /** One exchange. */
    public Answer call(String method, String path, @Nullable String token, @Nullable JsonObject body)
            throws IOException, InterruptedException {
        return call(method, path, token, body, PATIENCE);
    }

    /** One exchange, with another patience than the 30 s that suit a call without a wait. */
    public Answer call(String method, String path, @Nullable String token, @Nullable JsonObject body, Duration patience)
            throws IOException, InterruptedException {
        Map<String, String> headers = new HashMap<>();
        if (token != null) {
            headers.put("Authorization", "Bearer " + token);
        }
        if (body != null) {
            headers.put("Content-Type", "application/json");
        }
        return call(method, path, headers, body == null ? null : body.toString(), patience);
    }

    /** One exchange with headers and a body of any kind. */
    public Answer call(
            String method, String path, Map<String, String> headers, @Nullable String body, Duration patience)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(relay + path))
                .timeout(patience)
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        headers.forEach(request::setHeader);
        HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString(UTF_8));
        Answer answer =
                new Answer(response.statusCode(), response.headers(), jsonObject(response.body()), response.body());
        observer.accept(new Exchange(method, path, Optional.ofNullable(body), answer));
        return answer;
    }

    /** The same exchange until it is answered, within the bounds of the retry policy. */
    public Answer reliably(String method, String path, @Nullable String token, @Nullable JsonObject body)
            throws IOException, InterruptedException {
        return retry.run(() -> call(method, path, token, body));
    }

    /** A long poll: {@code path} may have a query already. The wait is at most 50 s, so poll again until done. */
    public Answer poll(String path, String token, Duration wait) throws IOException, InterruptedException {
        Duration capped = wait.compareTo(LONGEST_POLL) < 0 ? wait : LONGEST_POLL;
        long seconds = Math.max(0, capped.plusMillis(999).toSeconds());
        String waiting = path + (path.contains("?") ? "&" : "?") + "wait=" + seconds;
        Duration patience = PATIENCE.plusSeconds(seconds);
        return retry.run(() -> call("GET", waiting, token, null, patience));
    }

    /** Ends what is under way and lets go of the connections. */
    @Override
    public void close() {
        client.shutdownNow();
        threads.shutdownNow();
    }

    private static JsonObject jsonObject(String text) {
        try (var reader = Json.createReader(new StringReader(text))) {
            return reader.readObject();
        } catch (JsonException e) {
            return JsonValue.EMPTY_JSON_OBJECT;
        }
    }
}
