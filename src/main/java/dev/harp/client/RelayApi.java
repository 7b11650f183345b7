package dev.harp.client;

import dev.harp.client.RelayException.Kind;
import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.WebAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * The relay's HTTP interface (docs/protocol.md), for both roles. Redirects are not followed: a token goes to the
 * address that was configured, and nowhere else. Safe for use by many threads.
 */
final class RelayApi implements AutoCloseable {
    /** The {@code wait} of long polls: below the read timeouts of ordinary proxies. */
    static final Duration LONG_POLL = Duration.ofSeconds(55);

    /** How long a call that is no poll is tried. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(20);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** The least time between the beginnings of two polls that have found nothing. */
    private static final Duration BETWEEN_POLLS = Duration.ofSeconds(1);

    private static final int LONGEST_DETAIL = 200;
    static final Pattern PAIR_ID = Pattern.compile("pair_[0-9a-f]{12}");
    private static final Pattern BEARER = Pattern.compile("[!-~]+");
    static final Pattern WORD = Pattern.compile("[A-Za-z0-9_-]{1,128}");

    /** The largest answer: a device's list of 1 MiB of ciphertext, or one large entry. */
    private static final int MAX_ANSWER = 4 * 1024 * 1024;

    private final String relay;
    private final Environment environment;
    private final HttpClient client;

    /** An answer. {@code body} is empty unless it is a JSON object. */
    record Answer(int status, Members body, Optional<Duration> retryAfter) {

        /** The code of a problem document, or an empty text. */
        String code() {
            return body.text("code").orElse("");
        }

        String required(String member) throws RelayException {
            return body.text(member).orElseThrow(() -> RelayException.unexpected("without " + member));
        }

        /**
         * An id or a token. It becomes a part of a path or a header, so the relay must not choose another call by it.
         */
        String required(String member, Pattern form) throws RelayException {
            String value = required(member);
            if (!form.matcher(value).matches()) {
                throw RelayException.unexpected("with a " + member + " of another form");
            }
            return value;
        }

        long requiredWhole(String member) throws RelayException {
            return body.get(member).orElse(new JsonTree.Flag(false)) instanceof JsonTree.Whole(long value)
                    ? value
                    : badly(member);
        }

        private static long badly(String member) throws RelayException {
            throw RelayException.unexpected("without " + member);
        }

        /** This answer if its status is one of those, else the refusal that it is. */
        Answer expect(int... statuses) throws RelayException {
            for (int expected : statuses) {
                if (status == expected) {
                    return this;
                }
            }
            throw refusal();
        }

        RelayException refusal() {
            String detail = body.text("detail").map(RelayApi::printable).orElse("no detail");
            return switch (status) {
                case 401 ->
                    new RelayException(
                            Kind.UNAUTHORIZED,
                            code(),
                            "the relay does not know the credential, or has forgotten what was asked for");
                case 410 -> new RelayException(Kind.ENDED, code(), "ended: " + detail);
                default ->
                    code().isEmpty()
                            ? RelayException.unexpected("with status " + status + ", as no relay does")
                            : new RelayException(
                                    Kind.REFUSED, code(), "the relay refused (" + printable(code()) + "): " + detail);
            };
        }
    }

    /** One exchange; called again for each attempt. */
    @FunctionalInterface
    private interface Exchange {
        Answer run(Duration timeout) throws IOException, InterruptedException;
    }

    /**
     * @param relay the address, as {@link WebAddress} spells it
     * @throws IllegalArgumentException if it is not in that form
     */
    RelayApi(String relay, Environment environment) {
        this.relay = WebAddress.parse(relay)
                .map(WebAddress::text)
                .orElseThrow(() -> new IllegalArgumentException("no address of a relay"));
        this.environment = environment;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT)
                .build();
    }

    String relay() {
        return relay;
    }

    Environment environment() {
        return environment;
    }

    Answer get(String path, String token) throws RelayException, InterruptedException {
        return retried(environment.in(PATIENCE), timeout -> exchange("GET", path, token, Optional.empty(), timeout));
    }

    Answer delete(String path, String token) throws RelayException, InterruptedException {
        return retried(environment.in(PATIENCE), timeout -> exchange("DELETE", path, token, Optional.empty(), timeout));
    }

    Answer send(String method, String path, String token, Members body) throws RelayException, InterruptedException {
        return send(method, path, token, body, environment.in(PATIENCE));
    }

    /** Sends a body until it is answered, or until a point of the monotonic clock. */
    Answer send(String method, String path, String token, Members body, long until)
            throws RelayException, InterruptedException {
        return sendBytes(method, path, token, ExactJson.write(body), until);
    }

    /** For the one body that has no exact form: one with {@code null}. */
    Answer sendBytes(String method, String path, String token, byte[] body, long until)
            throws RelayException, InterruptedException {
        return retried(until, timeout -> exchange(method, path, token, Optional.of(body), timeout));
    }

    /** One long poll, repeated only if it fails; it ends after 55 s or at the given point, with or without news. */
    Answer poll(String path, String token, Duration wait, long until) throws RelayException, InterruptedException {
        String query = path.contains("?") ? "&wait=" : "?wait=";
        return retried(until, _ -> {
            Duration left = environment.until(until);
            Duration capped = left.compareTo(wait) < 0 ? left : wait;
            // Rounded up: in its last second a wait of 0 would be asked again and again.
            long seconds = capped.plusMillis(999).toSeconds();
            Duration timeout = ANSWER.plusSeconds(seconds);
            return exchange("GET", path + query + seconds, token, Optional.empty(), timeout);
        });
    }

    /**
     * Pauses after a poll that has found nothing, if it has ended early: a newer poll has displaced it, and coming back
     * at once would displace that one (docs/protocol.md, 8.3).
     *
     * @param begun when the poll began, a point of the monotonic clock
     * @param until the end of all polls, a point of the monotonic clock
     */
    void pauseIfEarly(long begun, long until) throws InterruptedException {
        Duration pause = environment.until(begun + BETWEEN_POLLS.toNanos());
        Duration left = environment.until(until);
        Duration capped = left.compareTo(pause) < 0 ? left : pause;
        if (!capped.isZero()) {
            environment.sleeper().sleep(capped);
        }
    }

    /** Opens a stream of events; the caller closes it. */
    HttpResponse<InputStream> stream(String path, String token, Optional<String> lastEventId)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path, token).timeout(ANSWER).GET();
        lastEventId.ifPresent(id -> request.header("Last-Event-ID", id));
        return await(client.sendAsync(request.build(), BodyHandlers.ofInputStream()), ANSWER);
    }

    private Answer retried(long until, Exchange exchange) throws RelayException, InterruptedException {
        for (int attempt = 0; ; attempt++) {
            String why;
            Optional<Duration> asked = Optional.empty();
            try {
                Answer answer = exchange.run(ANSWER);
                if (!isRetryable(answer.status())) {
                    return answer;
                }
                why = "the relay answers " + answer.status()
                        + (answer.code().isEmpty() ? "" : " (" + printable(answer.code()) + ")");
                asked = answer.retryAfter();
            } catch (IOException e) {
                why = "the relay at " + relay + " cannot be reached: " + describe(e)
                        + UnusedProxy.hint(relay, System.getenv(), System.getProperties());
            }
            Duration pause = asked.orElse(pause(attempt));
            if (environment.until(until).compareTo(pause) <= 0) {
                throw new RelayException(Kind.UNREACHABLE, "", why);
            }
            environment.sleeper().sleep(pause);
        }
    }

    /** 502 and 504 come from a proxy whose relay is restarting, 408 from one whose client was slow. */
    private static boolean isRetryable(int status) {
        return status == 408 || status == 429 || status == 502 || status == 503 || status == 504;
    }

    /** Doubles from 0.5 s to 30 s, each with up to a quarter off, so that many clients do not come back at once. */
    Duration pause(int attempt) {
        long millis = Math.min(FIRST_PAUSE.toMillis() << Math.min(attempt, 10), LONGEST_PAUSE.toMillis());
        return Duration.ofMillis(millis - environment.random().nextLong(millis / 4));
    }

    private Answer exchange(String method, String path, String token, Optional<byte[]> body, Duration timeout)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path, token).timeout(timeout);
        body.ifPresent(_ -> request.header("Content-Type", "application/json"));
        request.method(method, body.map(BodyPublishers::ofByteArray).orElse(BodyPublishers.noBody()));
        BodyHandler<byte[]> bounded = BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER);
        HttpResponse<byte[]> response = await(client.sendAsync(request.build(), bounded), timeout.plus(ANSWER));
        Members object = ExactJson.readAny(response.body()).orElse(new Members(Map.of()));
        return new Answer(response.statusCode(), object, retryAfter(response));
    }

    /** How long the relay asks to stay away: whole seconds, as it writes them; a proxy's date counts as absent. */
    static Optional<Duration> retryAfter(HttpResponse<?> response) {
        return response.headers()
                .firstValue("Retry-After")
                .filter(text -> text.matches("[0-9]{1,6}"))
                .map(text -> Duration.ofSeconds(Math.max(1, Long.parseLong(text))));
    }

    /** Whether a text can be sent as a token or a key. */
    static boolean isBearer(String text) {
        return BEARER.matcher(text).matches();
    }

    private HttpRequest.Builder request(String path, String token) {
        if (!token.isEmpty() && !isBearer(token)) {
            // The HTTP client would say the same, and quote the token.
            throw new IllegalArgumentException("a token may hold printable ASCII only, and no blanks");
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(relay + path));
        return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
    }

    /** The request's own timeout ends with the head of the answer; this one is for all of it. */
    private static <T> T await(CompletableFuture<T> answer, Duration timeout) throws IOException, InterruptedException {
        try {
            return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new IOException("no whole answer in time", e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        }
    }

    private static String describe(IOException e) {
        String message = e.getMessage();
        return e.getClass().getSimpleName() + (message == null ? "" : " (" + printable(message) + ")");
    }

    /** Text of somebody else's on one line, without control characters. */
    static String printable(String text) {
        String line = text.replaceAll("[^\\x20-\\x7e]", "?");
        return line.length() <= LONGEST_DETAIL ? line : line.substring(0, LONGEST_DETAIL) + "...";
    }

    /** Ends what is under way. */
    @Override
    public void close() {
        client.shutdownNow();
    }
}
