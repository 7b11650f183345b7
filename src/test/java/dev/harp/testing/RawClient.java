package dev.harp.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One connection to a server on the loopback address that sends any bytes, well-formed or not. */
public final class RawClient implements AutoCloseable {
    private static final int READ_TIMEOUT_MILLIS = 30_000;

    private final Socket socket;
    private final InputStream in;

    public RawClient(int port) throws IOException {
        this(port, 0);
    }

    /** With a receive buffer of this many bytes, for a client that does not read; 0 is the system's default. */
    public RawClient(int port, int receiveBuffer) throws IOException {
        this(new Socket(), port, receiveBuffer);
    }

    private RawClient(Socket socket, int port, int receiveBuffer) throws IOException {
        this.socket = socket;
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(READ_TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        in = new BufferedInputStream(socket.getInputStream()); // most reads here are of one byte
    }

    /** Sends text as ISO 8859-1: one byte for each character. */
    public RawClient send(String latin1) throws IOException {
        return send(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    public RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Sends as much as the server accepts: it may answer and close before it has read everything. */
    public RawClient sendUntilClosed(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException closed) {
            // The response tells why.
        }
        return this;
    }

    /** Closes the sending side of the connection. */
    public RawClient endOfRequest() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Closes with a TCP reset, like a client that has crashed. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** The next response. */
    public HttpAnswer answer() throws IOException {
        return answer("GET");
    }

    /** The next response, to a request with this method. */
    public HttpAnswer answer(String method) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            lines.add(line);
        }
        HttpAnswer head = new HttpAnswer(Integer.parseInt(lines.getFirst().substring(9, 12)), List.copyOf(lines), "");
        if (method.equals("HEAD") || head.status() < 200 || head.status() == 204 || head.status() == 304) {
            return head;
        }
        byte[] body = head.headers("Transfer-Encoding").contains("chunked")
                ? chunks()
                : exactly(Integer.parseInt(head.header("Content-Length").orElse("0")));
        return new HttpAnswer(head.status(), head.lines(), new String(body, StandardCharsets.UTF_8));
    }

    /** The next response; empty if the server has closed the connection. */
    public Optional<HttpAnswer> next() throws IOException {
        try {
            return Optional.of(answer());
        } catch (EOFException | SocketException closed) {
            return Optional.empty();
        }
    }

    /**
     * Whether the server has closed the connection, in order or by a reset. Blocks until it closes or sends something.
     */
    public boolean isClosedByServer() throws IOException {
        try {
            return in.read() == -1;
        } catch (SocketException reset) {
            return true;
        }
    }

    /** Whether something has come that is not read yet. */
    public boolean hasInput() throws IOException {
        return in.available() > 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            byte[] chunk = exactly(Integer.parseInt(line().strip(), 16));
            line();
            if (chunk.length == 0) {
                return body.toByteArray();
            }
            body.writeBytes(chunk);
        }
    }

    private byte[] exactly(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("closed after " + bytes.length + " of " + count + " bytes");
        }
        return bytes;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next == -1) {
                throw new EOFException("closed after: " + line);
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }
}
