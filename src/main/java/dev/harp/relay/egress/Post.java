package dev.harp.relay.egress;

import io.helidon.common.tls.Tls;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.Proxy;
import io.helidon.webclient.http1.Http1Client;
import io.helidon.webclient.http1.Http1ClientRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
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

/**
 * Posts to whoever the guard lets through, each time on a connection of its own to an address that was checked. The name is not
 * resolved again: it only goes into the certificate check, the SNI and {@code Host}. No proxy of the environment, no redirect, no more of
 * an answer than is asked for, and no longer than the limit for the whole of it.
 */
public final class Post implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,6}");

    private final AddressGuard guard;
    private final Supplier<Tls> trust;
    private final Duration limit;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private Optional<Tls> tls = Optional.empty();

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
     * @param trust whose certificates are believed; asked once, at the first call
     * @param limit for one call, from the name's look-up to the end of the answer; more than zero
     */
    public Post(AddressGuard guard, Supplier<Tls> trust, Duration limit) {
        this.guard = guard;
        this.trust = trust;
        this.limit = limit;
    }

    /** Whom any Java program trusts. */
    public static Tls publicTrust() {
        return Tls.builder().build();
    }

    /**
     * Posts once, and takes no longer for it than it may. Never throws for what the other side does.
     *
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
            case AddressGuard.Allowed allowed -> post(allowed, headers, body, most);
            case AddressGuard.Blocked _ -> new Unanswered("address not allowed");
        };
    }

    private Answered post(AddressGuard.Allowed to, Map<String, String> headers, byte[] body, int most)
            throws IOException {
        InetAddress address = to.addresses().getFirst();
        Http1Client client = Http1Client.builder()
                .dnsResolver((host, _) -> named(host, address))
                .proxy(Proxy.noProxy())
                .tls(tls())
                .followRedirects(false)
                .shareConnectionCache(false)
                .keepAlive(false)
                .sendExpectContinue(false)
                .connectTimeout(CONNECT)
                // So that the limit for the whole call comes first: its reason is the one that is told.
                .readTimeout(limit.plusSeconds(1))
                .build();
        Http1ClientRequest request = client.post()
                .uri(to.url().uri())
                .skipUriEncoding(true)
                .header(HeaderValues.create(HeaderNames.USER_AGENT, "harp-relay"));
        headers.forEach((name, value) -> request.header(HeaderValues.create(HeaderNames.create(name), value)));
        try (HttpClientResponse response = request.submit(body)) {
            Optional<Duration> retryAfter = response.headers()
                    .first(HeaderNames.RETRY_AFTER)
                    .filter(text -> SECONDS.matcher(text).matches())
                    .map(text -> Duration.ofSeconds(Long.parseLong(text)));
            byte[] beginning = most == 0 ? new byte[0] : beginning(response, most);
            return new Answered(response.status().code(), retryAfter, beginning);
        } finally {
            client.closeResource();
        }
    }

    private static byte[] beginning(HttpClientResponse response, int most) throws IOException {
        if (!response.entity().hasEntity()) {
            return new byte[0];
        }
        InputStream in = response.inputStream(); // closed with the response, unread rest and all
        return in.readNBytes(most);
    }

    /** Reading the platform's certificates takes longer than a start may. */
    private synchronized Tls tls() {
        if (tls.isEmpty()) {
            tls = Optional.of(trust.get());
        }
        return tls.get();
    }

    private static InetAddress named(String host, InetAddress address) {
        try {
            return InetAddress.getByAddress(host, address.getAddress());
        } catch (UnknownHostException e) {
            throw new AssertionError("an address has 4 or 16 bytes", e);
        }
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
