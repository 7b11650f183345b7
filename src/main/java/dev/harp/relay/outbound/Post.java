package dev.harp.relay.outbound;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Posts to whoever the guard lets through, each time on a connection of its own to an address that was checked. The name is not
 * resolved again: it only goes into the certificate check, the SNI and {@code Host}. No proxy of the environment, no redirect, no more of
 * an answer than is asked for, and no longer than the limit for the whole of it.
 *
 * <p>A socket and one request on it, rather than an HTTP client: what goes out are the very bytes of the URL that was checked, and nothing of
 * the connection outlives the call. Clients decode and encode URLs anew, keep connections, and resolve names by themselves.
 */
public final class Post implements AutoCloseable {
    private static final int MAX_ADDRESSES = 3;
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Pattern SECONDS = Pattern.compile("[0-9]+");
    private static final int SECONDS_DIGITS = 6;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(999_999);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9-]+");
    private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7e]*");

    private final AddressGuard guard;
    private final Supplier<SSLSocketFactory> trust;
    private final Duration limit;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private Optional<SSLSocketFactory> tls = Optional.empty();

    /** What came of it. */
    public sealed interface Result {}

    /**
     * There was an answer.
     *
     * @param status its HTTP status
     * @param retryAfter for how long the other side asks to be left alone, if it does, in whole seconds
     * @param body its beginning, as far as it was asked for
     */
    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    public record Answered(int status, Optional<Duration> retryAfter, byte[] body) implements Result {
        /** Whether the status is a 2xx. */
        public boolean ok() {
            return status / 100 == 2;
        }
    }

    /**
     * There was none.
     *
     * @param why for the log: a few constant words, or the name of an exception's class; never a name, an address or a secret
     */
    public record Unanswered(String why) implements Result {}

    /**
     * Nothing has been posted yet.
     *
     * @param guard says where to connect to
     * @param trust whose certificates are believed; asked once, at the first call by TLS
     * @param limit for one call, from the name's look-up to the end of the answer; more than zero
     */
    public Post(AddressGuard guard, Supplier<SSLSocketFactory> trust, Duration limit) {
        this.guard = guard;
        this.trust = trust;
        this.limit = limit;
    }

    /** Whom any Java program trusts. */
    public static SSLSocketFactory publicTrust() {
        return (SSLSocketFactory) SSLSocketFactory.getDefault();
    }

    /**
     * Posts once, and takes no longer for it than it may. Never throws for what the other side does.
     *
     * @param headers beside {@code Host}, {@code Content-Length} and {@code Connection}
     * @param most how many bytes of the answer's body are of interest; the rest is not read
     */
    public Result send(String url, Map<String, String> headers, byte[] body, int most) {
        Future<Result> call;
        try {
            call = threads.submit(() -> attempt(url, headers, body, most));
        } catch (RejectedExecutionException _) {
            return new Unanswered("the relay stops");
        }
        try {
            return call.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            return new Unanswered("no answer in time");
        } catch (ExecutionException e) {
            // The class only: messages quote addresses and names that are somebody's affair.
            return new Unanswered(innermost(e).getClass().getSimpleName());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return new Unanswered("the relay stops");
        } finally {
            // Ends the thread if it still runs: its socket is closed with it.
            var _ = call.cancel(true);
        }
    }

    private Result attempt(String url, Map<String, String> headers, byte[] body, int most) throws IOException {
        return switch (guard.check(url)) {
            case AddressGuard.Allowed(TargetUrl target, List<InetAddress> addresses) -> {
                byte[] request = request(target, headers, body);
                try (Socket raw = connected(addresses, target.port())) {
                    Socket socket = target.https() ? secured(raw, target) : raw;
                    OutputStream out = socket.getOutputStream();
                    out.write(request);
                    out.flush();
                    yield answered(HttpAnswerReader.ofBeginning(socket.getInputStream(), most)
                            .next());
                }
            }
            case AddressGuard.Blocked _ -> new Unanswered("address not allowed");
            case AddressGuard.Unsure _ -> new Unanswered("name not looked up in time");
        };
    }

    private static Socket connected(List<InetAddress> addresses, int port) throws IOException {
        IOException failure = new IOException("no address");
        for (InetAddress address : addresses.subList(0, Math.min(MAX_ADDRESSES, addresses.size()))) {
            Socket socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(address, port), (int) CONNECT.toMillis());
                socket.setTcpNoDelay(true);
                return socket;
            } catch (IOException e) {
                socket.close();
                failure = e;
            }
        }
        throw failure;
    }

    private SSLSocket secured(Socket raw, TargetUrl target) throws IOException {
        SSLSocket socket = (SSLSocket) tls().createSocket(raw, target.host(), target.port(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (!target.literal()) {
            parameters.setServerNames(List.of(new SNIHostName(target.host())));
        }
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private static byte[] request(TargetUrl target, Map<String, String> headers, byte[] body) {
        StringBuilder head = new StringBuilder("POST " + target.target() + " HTTP/1.1\r\n")
                .append("Host: ")
                .append(target.authority())
                .append("\r\nUser-Agent: harp-relay\r\nConnection: close\r\nContent-Length: ")
                .append(body.length)
                .append("\r\n");
        headers.forEach((name, value) -> {
            if (!NAME.matcher(name).matches() || !VALUE.matcher(value).matches()) {
                throw new IllegalArgumentException("a header field that is none");
            }
            head.append(name).append(": ").append(value).append("\r\n");
        });
        ByteArrayOutputStream request = new ByteArrayOutputStream(head.length() + 2 + body.length);
        request.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
        request.writeBytes(body);
        return request.toByteArray();
    }

    private static Answered answered(HttpAnswerReader.Answer answer) {
        Optional<Duration> retryAfter = answer.values("retry-after").stream()
                .flatMap(text -> pause(text, answer).stream())
                .findFirst();
        return new Answered(answer.status(), retryAfter, answer.body());
    }

    /** Seconds, however many, or a date (RFC 9110, section 10.2.3): that is on the other side's clock, so its own {@code Date} is what it counts from. */
    private static Optional<Duration> pause(String text, HttpAnswerReader.Answer answer) {
        if (SECONDS.matcher(text).matches()) {
            return Optional.of(
                    text.length() > SECONDS_DIGITS ? LONGEST_PAUSE : Duration.ofSeconds(Long.parseLong(text)));
        }
        return time(text)
                .flatMap(until -> answer.values("date").stream()
                        .findFirst()
                        .flatMap(Post::time)
                        .map(now -> Duration.between(now, until)))
                .filter(Duration::isPositive)
                .map(pause -> pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
    }

    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from));
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }

    /** Reading the platform's certificates takes longer than a start may. */
    private synchronized SSLSocketFactory tls() {
        if (tls.isEmpty()) {
            tls = Optional.of(trust.get());
        }
        return tls.get();
    }

    private static Throwable innermost(Throwable thrown) {
        Throwable cause = thrown;
        for (int depth = 0; depth < 16 && cause.getCause() != null; depth++) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** Ends what is under way: it counts as not answered. */
    @Override
    public void close() {
        var _ = threads.shutdownNow();
    }
}
