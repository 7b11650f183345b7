package dev.harp.relay.outbound;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocketFactory;

/**
 * Posts to URLs that {@link AddressGuard} allows, each time on a new {@link HttpConnection} to an address that was
 * checked for this call. One limit bounds the whole call.
 */
public final class Post implements AutoCloseable {
    private final AddressGuard guard;
    private final Supplier<SSLSocketFactory> trust;
    private final Duration limit;
    private final TimedCalls calls = new TimedCalls();

    /** The outcome of a call. */
    public sealed interface Result permits HttpAnswer, Unanswered {}

    /**
     * There was no answer.
     *
     * @param why for the log: a few constant words, or the name of an exception's class; never a name, an address or a
     *     secret
     */
    public record Unanswered(String why) implements Result {}

    /**
     * Opens no connection yet.
     *
     * @param guard says which addresses a URL may be called at
     * @param trust the trusted certificates; asked at each call by TLS, and not before, because reading the platform's
     *     certificates would delay the start
     * @param limit for one call, from the look-up of the name to the end of the answer; more than zero
     */
    public Post(AddressGuard guard, Supplier<SSLSocketFactory> trust, Duration limit) {
        this.guard = guard;
        this.trust = trust;
        this.limit = limit;
    }

    /** The certificate authorities that come with Java, which reads them once. */
    public static SSLSocketFactory publicTrust() {
        return (SSLSocketFactory) SSLSocketFactory.getDefault();
    }

    /**
     * Posts once, within the limit. Never throws for what the server does.
     *
     * @param headers besides {@code Host}, {@code Content-Length} and {@code Connection}
     * @param most how many bytes of the answer's body are read; the rest is ignored
     */
    public Result send(String url, Map<String, String> headers, byte[] body, int most) {
        try {
            return calls.call(limit, () -> attempt(url, headers, body, new BodyLimit(most, false)));
        } catch (TimeoutException _) {
            return new Unanswered("no answer in time");
        } catch (CancellationException _) {
            return new Unanswered("the relay stops");
        } catch (IOException e) {
            // The class only: messages quote addresses and names, which are not for logs.
            return new Unanswered(innermost(e).getClass().getSimpleName());
        }
    }

    private Result attempt(String url, Map<String, String> headers, byte[] body, BodyLimit most) throws IOException {
        return switch (guard.check(url)) {
            case AddressGuard.Allowed(TargetUrl target, List<InetAddress> addresses) -> {
                Map<String, String> fields = new LinkedHashMap<>();
                fields.put("User-Agent", "harp-relay");
                fields.put("Connection", "close");
                fields.putAll(headers);
                HttpRequest request = new HttpRequest("POST", target.target(), fields, body);
                try (HttpConnection connection = HttpConnection.open(target.authority(), addresses, target.port())) {
                    if (target.https()) {
                        connection.secure(target, trust.get());
                    }
                    yield connection.exchange(request, most);
                }
            }
            case AddressGuard.Blocked _ -> new Unanswered("address not allowed");
            case AddressGuard.Unsure _ -> new Unanswered("name not looked up in time");
        };
    }

    private static Throwable innermost(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .limit(16)
                .reduce(thrown, (_, cause) -> cause);
    }

    /** Ends all calls; they count as not answered. */
    @Override
    public void close() {
        calls.close();
    }
}
