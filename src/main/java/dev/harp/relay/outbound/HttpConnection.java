package dev.harp.relay.outbound;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * One HTTP/1.1 connection: the only HTTP client of the relay. It connects to the addresses that it is given, which
 * {@link AddressGuard} has checked if the URL is a stranger's, and never resolves a name: the name is only used for the
 * certificate check, SNI and {@code Host}. It uses no proxy of the environment, follows no redirect and repeats
 * nothing.
 *
 * <p>It is a socket, and not a library's client, for two reasons. Libraries decode and encode URLs, keep connections
 * and resolve names, so what they send and where is not what was checked. And they hide what happens to the connection,
 * which is what {@code doctor} examines.
 *
 * <p>Callers bound the time by {@link TimedCalls}.
 */
public final class HttpConnection implements AutoCloseable {
    private static final int MAX_ADDRESSES = 3;
    private static final Duration CONNECT = Duration.ofSeconds(3);

    private final Socket raw;
    private final String authority;
    private Socket socket;
    private HttpAnswerReader answers;

    private HttpConnection(Socket raw, String authority) throws IOException {
        this.raw = raw;
        this.authority = authority;
        this.socket = raw;
        this.answers = new HttpAnswerReader(raw.getInputStream());
    }

    /**
     * Connects to the first of the addresses that accepts; at most {@value #MAX_ADDRESSES} are tried, 3 s each.
     *
     * @param authority the value of {@code Host}
     * @throws IOException the failure at the last address
     */
    public static HttpConnection open(String authority, List<InetAddress> addresses, int port) throws IOException {
        IOException failure = new IOException("no address");
        for (InetAddress address : addresses.subList(0, Math.min(MAX_ADDRESSES, addresses.size()))) {
            Socket socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(address, port), (int) CONNECT.toMillis());
                socket.setTcpNoDelay(true);
                return new HttpConnection(socket, authority);
            } catch (IOException e) {
                socket.close();
                failure = e;
            }
        }
        throw failure;
    }

    /** Does the TLS handshake, and checks the certificate for the host of the URL. */
    public void secure(TargetUrl target, SSLSocketFactory trust) throws IOException {
        SSLSocket secured = (SSLSocket) trust.createSocket(raw, target.host(), target.port(), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (!target.literal()) {
            parameters.setServerNames(List.of(new SNIHostName(target.host())));
        }
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        socket = secured;
        answers = new HttpAnswerReader(secured.getInputStream());
    }

    /**
     * Sends the request and reads its answer.
     *
     * @throws NotHttp if what arrives is not an answer, or too large
     * @throws IOException if the connection ends or fails before the answer is complete
     */
    public HttpAnswer exchange(HttpRequest request, BodyLimit limit) throws IOException {
        byte[] bytes = request.bytes(authority);
        try {
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
        } catch (IOException _) {
            // A server that refuses a body may have answered before it closed the connection: reading tells.
        }
        return answers.next(limit);
    }

    /**
     * Waits for the next part of the body of an answer that was read with {@link BodyLimit#NONE}: for a stream, whose
     * end is not awaited.
     *
     * @param limit in bytes, for one part
     * @return empty at the end of the body
     * @throws NotHttp if what arrives is no part of a body, or too large
     * @throws IOException if the connection ends or fails
     */
    public byte[] part(HttpAnswer answer, int limit) throws IOException {
        return answers.part(answer, limit);
    }

    /** Whether a part of the answer had arrived when {@link #exchange} failed. */
    public boolean begun() {
        return answers.begun();
    }

    /** The address of this end. */
    public InetAddress here() {
        return raw.getLocalAddress();
    }

    /** The address of the other end. */
    public InetAddress there() {
        return raw.getInetAddress();
    }

    /** The version of TLS, such as {@code TLSv1.3}; empty without TLS. */
    public String protocol() {
        return socket instanceof SSLSocket secured ? secured.getSession().getProtocol() : "";
    }

    @Override
    public void close() {
        try {
            raw.close();
        } catch (IOException _) {
            // It is closed all the same.
        }
    }
}
