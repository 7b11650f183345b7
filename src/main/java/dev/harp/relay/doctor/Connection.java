package dev.harp.relay.doctor;

import dev.harp.relay.doctor.Failed.Kind;
import dev.harp.relay.outbound.BodyLimit;
import dev.harp.relay.outbound.HttpConnection;
import dev.harp.relay.outbound.HttpRequest;
import dev.harp.relay.outbound.NotHttp;
import dev.harp.relay.outbound.TargetUrl;
import dev.harp.relay.outbound.TimedCalls;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * One connection to the relay, or to the proxy in front of it. It turns each failure into a message that says what to
 * change.
 */
final class Connection implements AutoCloseable {
    /** The longest text that an option of a relay admits, 1 MiB, and what is around it. */
    private static final BodyLimit WHOLE = new BodyLimit(1536 * 1024, true);

    private final TimedCalls calls = new TimedCalls();
    final HttpConnection http;
    private final Trust.Handshake handshake;
    private final String base;

    private Connection(HttpConnection http, Trust.Handshake handshake, String base) {
        this.http = http;
        this.handshake = handshake;
        this.base = base;
    }

    /**
     * Connects, and does the TLS handshake if the URL is https.
     *
     * @throws Failed with {@link Kind#NOT_CONNECTED}
     */
    static Connection open(Site site) throws Failed {
        // Prepared before there is a connection, because a server does not wait long for the handshake to begin.
        Trust.Handshake handshake = site.trust().prepare();
        Connection connection = new Connection(connect(site.target()), handshake, site.base());
        if (site.target().https()) {
            connection.secure(site);
        }
        return connection;
    }

    private static HttpConnection connect(TargetUrl target) throws Failed {
        String failure;
        try {
            return HttpConnection.open(
                    target.authority(), List.of(InetAddress.getAllByName(target.host())), target.port());
        } catch (UnknownHostException _) {
            throw new Failed(
                    Kind.NOT_CONNECTED, target.host() + ": no such name; its DNS entry is missing, or it is mistyped");
        } catch (ConnectException e) {
            failure = "nothing listens there (" + words(e)
                    + "): is it running, and bound to an address that is reachable from here (HOST, PORT)?";
        } catch (IOException e) {
            failure = "not reachable (" + words(e) + "): a firewall, or another address";
        }
        throw new Failed(Kind.NOT_CONNECTED, target.host() + " port " + target.port() + ": " + failure);
    }

    private void secure(Site site) throws Failed {
        TargetUrl target = site.target();
        String failure;
        try {
            calls.call(site.patience(), () -> {
                http.secure(target, handshake.sockets());
                return http;
            });
            return;
        } catch (TimeoutException _) {
            failure = "the TLS handshake does not end";
        } catch (IOException e) {
            failure = refused(e)
                    ? Certificates.fault(chain(), target.host(), site.clock().instant(), words(e))
                    : "no TLS: " + words(e) + "; does nginx listen with \"ssl\" on this port?";
        }
        close();
        throw new Failed(Kind.NOT_CONNECTED, failure);
    }

    private static boolean refused(Throwable e) {
        return Stream.iterate(e, each -> each != null, Throwable::getCause)
                .anyMatch(CertificateException.class::isInstance);
    }

    /**
     * Sends a request and reads its answer.
     *
     * @param patience for both together
     * @throws Failed if there is no answer
     */
    RelayAnswer ask(HttpRequest request, Duration patience) throws Failed {
        return new RelayAnswer(timed(patience, () -> http.exchange(below(request), WHOLE)));
    }

    /** Sends a request and reads the head of its answer. */
    RelayAnswer begin(HttpRequest request, Duration patience) throws Failed {
        return new RelayAnswer(timed(patience, () -> http.exchange(below(request), BodyLimit.NONE)));
    }

    /** The next part of the body of an answer that has begun; empty at its end. */
    byte[] part(RelayAnswer begun, Duration patience) throws Failed {
        return timed(patience, () -> http.part(begun.http(), WHOLE.bytes()));
    }

    private HttpRequest below(HttpRequest request) {
        return new HttpRequest(request.method(), base + request.target(), request.headers(), request.body());
    }

    private <T> T timed(Duration patience, Callable<T> exchange) throws Failed {
        try {
            return calls.call(patience, exchange);
        } catch (TimeoutException _) {
            throw new Failed(Kind.LATE, "no answer within " + Advice.seconds(patience));
        } catch (NotHttp e) {
            throw new Failed(Kind.UNEXPECTED, e.getMessage() + ": neither a relay nor a proxy in front of one");
        } catch (IOException e) {
            String when = http.begun() ? " in the middle of the answer" : " without an answer";
            throw new Failed(
                    Kind.ENDED,
                    e instanceof EOFException
                            ? "the connection was closed" + when
                            : "the connection broke" + when + " (" + words(e) + ")");
        }
    }

    /** Whether nobody can read what is sent: it is encrypted, or does not leave this machine. */
    boolean isPrivate() {
        return !http.protocol().isEmpty() || http.there().isLoopbackAddress();
    }

    /** The certificates that the server has shown; empty without TLS. */
    List<X509Certificate> chain() {
        return handshake.shown().chain();
    }

    @Override
    public void close() {
        calls.close();
        http.close();
    }

    /** The first line of the exception's message. */
    private static String words(Throwable e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
