package dev.harp.relay.webhook;

import dev.harp.relay.model.Callback;
import io.helidon.common.tls.Tls;
import io.helidon.http.ClientResponseHeaders;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.Proxy;
import io.helidon.webclient.http1.Http1Client;
import io.helidon.webclient.http1.Http1ClientRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * One POST on a connection of its own, to an address that the guard has checked. The name is not resolved again: it only goes into the
 * certificate check, the SNI and {@code Host}. No proxy of the environment, no redirect, and of the answer only its head is read.
 */
final class Post {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,6}");

    private final Supplier<Tls> trust;
    private final Duration limit;
    private Optional<Tls> tls = Optional.empty();

    /**
     * Posts.
     *
     * @param trust whose certificates are believed
     * @param limit for each read; the whole is the caller's to bound
     */
    Post(Supplier<Tls> trust, Duration limit) {
        this.trust = trust;
        this.limit = limit;
    }

    /** Sends it once. Ends early, with an exception, if the thread is interrupted. */
    Outcome send(AddressGuard.Allowed to, Callback callback, Message message, long seconds) {
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
                .readTimeout(limit)
                .build();
        Http1ClientRequest request = client.post()
                .uri(to.url().uri())
                .skipUriEncoding(true)
                .header(HeaderValues.create(HeaderNames.CONTENT_TYPE, "application/json"))
                .header(HeaderValues.create(HeaderNames.USER_AGENT, "harp-relay"));
        Signatures.of(callback, message.eventId(), seconds, message.body())
                .forEach((name, value) -> request.header(HeaderValues.create(HeaderNames.create(name), value)));
        try (HttpClientResponse response = request.submit(message.body())) {
            return outcome(response.status(), response.headers());
        } finally {
            client.closeResource();
        }
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

    private static Outcome outcome(Status status, ClientResponseHeaders headers) {
        if (status.family() == Status.Family.SUCCESSFUL) {
            return new Outcome.Received();
        }
        if (status.code() == Status.GONE_410.code()) {
            return new Outcome.Gone();
        }
        Optional<Duration> pause = headers.first(HeaderNames.RETRY_AFTER)
                .filter(text -> SECONDS.matcher(text).matches())
                .map(text -> Duration.ofSeconds(Long.parseLong(text)));
        return new Outcome.Failed("status " + status.code(), pause);
    }
}
