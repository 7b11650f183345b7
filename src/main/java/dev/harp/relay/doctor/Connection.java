package dev.harp.relay.doctor;

import dev.harp.relay.doctor.Failed.Kind;
import dev.harp.relay.outbound.HttpAnswerReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;

/**
 * One connection to the relay, or to the proxy in front of it. A client of its own, because what happens to the connection is what is
 * looked at, and an HTTP client hides it: opens another one, tries again, goes to where it is sent.
 *
 * <p>Whatever is done on it has a deadline, at which the socket is closed from a thread of its own: that ends a write, too.
 */
final class Connection implements AutoCloseable {
    private static final int MAX_ADDRESSES = 4;
    private static final int MOST = 1024 * 1024;
    private static final Duration TO_CONNECT = Duration.ofSeconds(5);

    private final Target target;
    private final Socket raw;
    private final Socket socket;
    private final HttpAnswerReader answers;
    private final List<X509Certificate> chain;

    private Connection(Target target, Socket raw, Socket socket, List<X509Certificate> chain) throws IOException {
        this.target = target;
        this.raw = raw;
        this.socket = socket;
        this.answers = HttpAnswerReader.ofWhole(socket.getInputStream(), MOST);
        this.chain = chain;
    }

    /**
     * Opens one.
     *
     * @param now by which certificates are looked at, to say what is wrong with one that was refused
     * @throws Failed with {@link Kind#NOT_CONNECTED}
     */
    static Connection open(Target target, Trust trust, Duration patience, Instant now) throws Failed {
        Optional<Trust.Handshake> handshake = target.tls() ? Optional.of(trust.prepare()) : Optional.empty();
        Socket raw = connect(target);
        try {
            return handshake.isPresent()
                    ? secured(target, raw, handshake.get(), patience, now)
                    : new Connection(target, raw, raw, List.of());
        } catch (IOException e) {
            close(raw);
            throw e instanceof Failed failed ? failed : new Failed(Kind.NOT_CONNECTED, "no connection: " + words(e));
        }
    }

    private static Socket connect(Target target) throws Failed {
        String failure = "";
        for (InetAddress address : addresses(target.host())) {
            Socket socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(address, target.port()), (int) TO_CONNECT.toMillis());
                socket.setTcpNoDelay(true);
                return socket;
            } catch (ConnectException e) {
                close(socket);
                failure = "nothing listens there (" + words(e)
                        + "): is it running, and bound to an address that is reached from here (HOST, PORT)?";
            } catch (IOException e) {
                close(socket);
                failure = "no way there (" + words(e) + "): a firewall, or another address";
            }
        }
        throw new Failed(Kind.NOT_CONNECTED, target.host() + " port " + target.port() + ": " + failure);
    }

    private static List<InetAddress> addresses(String host) throws Failed {
        try {
            return Stream.of(InetAddress.getAllByName(host))
                    .limit(MAX_ADDRESSES)
                    .toList();
        } catch (UnknownHostException e) {
            throw new Failed(Kind.NOT_CONNECTED, host + ": no such name; its DNS entry is missing, or it is mistyped");
        }
    }

    private static Connection secured(
            Target target, Socket raw, Trust.Handshake handshake, Duration patience, Instant now) throws IOException {
        try (Deadline deadline = new Deadline(patience, raw)) {
            try {
                SSLSocket socket = handshake.over(raw, target);
                return new Connection(target, raw, socket, handshake.chain());
            } catch (IOException e) {
                throw new Failed(
                        Kind.NOT_CONNECTED,
                        deadline.passed()
                                ? "the TLS handshake does not end"
                                : refused(e)
                                        ? Certificates.fault(handshake.chain(), target.host(), now, words(e))
                                        : "no TLS: " + words(e) + "; does nginx listen with \"ssl\" on this port?");
            }
        }
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
    HttpAnswer ask(Ask ask, Duration patience) throws Failed {
        try (Deadline deadline = new Deadline(patience, raw)) {
            try {
                send(ask);
                return HttpAnswer.of(answers.next());
            } catch (IOException e) {
                if (deadline.passed()) {
                    throw new Failed(Kind.LATE, "no answer within " + Advice.seconds(patience));
                }
                if (e instanceof HttpAnswerReader.NotHttp) {
                    throw new Failed(
                            Kind.NOT_HTTP,
                            e.getMessage()
                                    + ": something else than a relay, or than a proxy in front of one, answers here");
                }
                if (e instanceof EOFException) {
                    throw answers.begun()
                            ? new Failed(Kind.CUT, "the connection was closed in the middle of the answer")
                            : new Failed(Kind.CLOSED, "the connection was closed without an answer");
                }
                throw answers.begun()
                        ? new Failed(Kind.CUT, "the connection broke in the middle of the answer (" + words(e) + ")")
                        : new Failed(Kind.CLOSED, "the connection broke without an answer (" + words(e) + ")");
            }
        }
    }

    /** Who does not want the rest of a body may have said so before closing: what was said is worth more than that writing failed. */
    private void send(Ask ask) {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(ask.bytes(target));
            out.flush();
        } catch (IOException e) {
            // Reading will tell.
        }
    }

    /** Whether nobody on the way can read along. */
    boolean isPrivate() {
        return target.tls() || there().isLoopbackAddress();
    }

    /** This end's address. */
    InetAddress here() {
        return raw.getLocalAddress();
    }

    /** The other end's address. */
    InetAddress there() {
        return raw.getInetAddress();
    }

    /** What the server has shown; empty without TLS. */
    List<X509Certificate> chain() {
        return chain;
    }

    /** The version of TLS, such as {@code TLSv1.3}; empty without. */
    String protocol() {
        return socket instanceof SSLSocket secure ? secure.getSession().getProtocol() : "";
    }

    @Override
    public void close() {
        close(raw);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed all the same.
        }
    }

    private static String words(Throwable e) {
        return Arrays.stream(String.valueOf(e.getMessage()).split("\n", -1))
                .findFirst()
                .orElse("");
    }

    /** Closes a socket when the time is over, unless it is closed itself before. */
    private static final class Deadline implements AutoCloseable {
        private final Thread watch;
        private volatile boolean passed;

        Deadline(Duration time, Socket socket) {
            watch = Thread.ofVirtual().name("deadline").start(() -> {
                try {
                    Thread.sleep(time);
                    passed = true;
                    Connection.close(socket);
                } catch (InterruptedException e) {
                    // All went well.
                }
            });
        }

        boolean passed() {
            return passed;
        }

        @Override
        public void close() {
            watch.interrupt();
        }
    }
}
