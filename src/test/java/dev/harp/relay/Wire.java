package dev.harp.relay;

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

/** One connection to a relay, for any bytes: well-formed requests, and everything that only an attacker sends. */
final class Wire implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;
    private final InputStream in;

    Wire(int port) throws IOException {
        this(port, 0);
    }

    /** With a small receive buffer, for a client that does not read. */
    Wire(int port, int receiveBuffer) throws IOException {
        socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        in = new BufferedInputStream(socket.getInputStream()); // most reads here are of one byte
    }

    /** Sends text, a byte for each character. */
    Wire send(String latin1) throws IOException {
        return send(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    Wire send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Sends as much as the relay takes: it may answer and close before it has read everything. */
    Wire sendUntilClosed(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException closed) {
            // which the answer will tell
        }
        return this;
    }

    /** Says that nothing more will be sent. */
    Wire end() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Closes with a reset, as a client that has crashed. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** The next answer. */
    Answer answer() throws IOException {
        return answer("GET");
    }

    /** The next answer, to a request with this method. */
    Answer answer(String method) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            lines.add(line);
        }
        Answer head = new Answer(Integer.parseInt(lines.getFirst().substring(9, 12)), List.copyOf(lines), "");
        if (method.equals("HEAD") || head.status() < 200 || head.status() == 204) {
            return head;
        }
        byte[] body = head.headers("Transfer-Encoding").contains("chunked")
                ? chunks()
                : exactly(Integer.parseInt(head.header("Content-Length").orElse("0")));
        return new Answer(head.status(), head.lines(), new String(body, StandardCharsets.UTF_8));
    }

    /** The next answer, if the relay has not closed the connection. */
    Optional<Answer> next() throws IOException {
        try {
            return Optional.of(answer());
        } catch (EOFException | SocketException closed) {
            return Optional.empty();
        }
    }

    /** Whether the relay has closed the connection, by an end or a reset. Blocks until it has, or sends something. */
    boolean closed() throws IOException {
        try {
            return in.read() == -1;
        } catch (SocketException reset) {
            return true;
        }
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
