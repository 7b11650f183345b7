package dev.harp.relay.nginx;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.harp.testing.Certificate;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Sends any bytes through TLS. */
final class RawTls implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 60_000;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3}) ");
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int INDEXED_400 = 0x8c; // of HPACK's static table
    private static final int TABLE_SIZE_ZERO = 0x20; // may come before it

    private final SSLSocket socket;

    private RawTls(SSLSocket socket) {
        this.socket = socket;
    }

    /** Connects, for {@code protocol} {@code http/1.1} or {@code h2}. */
    static RawTls connect(Nginx nginx, Certificate certificate, String protocol) throws IOException {
        SSLSocket socket = (SSLSocket) certificate
                .trusted()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), nginx.tlsPort());
        socket.setSoTimeout(PATIENCE_MILLIS);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return new RawTls(socket);
    }

    RawTls send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    /** The status of each answer until the server closes. */
    List<Integer> statusesUntilClosed() throws IOException {
        String all = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        return STATUS.matcher(all)
                .results()
                .map(match -> Integer.valueOf(match.group(1)))
                .toList();
    }

    /**
     * One HTTP/2 request, not necessarily an allowed one.
     *
     * @return whether it is refused: by 400, or by the end of the stream or connection
     */
    boolean isRefusedOverHttp2(List<Map.Entry<String, String>> fields, String body) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (Map.Entry<String, String> field : fields) {
            block.write(0x10); // literal, never indexed, with a new name; lengths below 127, no Huffman code
            write(block, field.getKey());
            write(block, field.getValue());
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1));
        frame(out, SETTINGS, 0, 0, new byte[0]);
        frame(out, HEADERS, END_HEADERS, 1, block.toByteArray());
        frame(out, DATA, END_STREAM, 1, body.getBytes(ISO_8859_1));
        socket.getOutputStream().write(out.toByteArray());
        socket.getOutputStream().flush();

        DataInputStream in = new DataInputStream(socket.getInputStream());
        while (true) {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            in.skipNBytes(5);
            byte[] payload = in.readNBytes(length);
            switch (type) {
                case RST_STREAM, GOAWAY -> {
                    return true;
                }
                case HEADERS -> {
                    int first = payload[0] == TABLE_SIZE_ZERO ? 1 : 0;
                    return (payload[first] & 0xff) == INDEXED_400;
                }
                default -> {}
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static void write(ByteArrayOutputStream block, String text) {
        block.write(text.length());
        block.writeBytes(text.getBytes(ISO_8859_1));
    }

    private static void frame(ByteArrayOutputStream out, int type, int flags, int stream, byte[] payload) {
        out.write(payload.length >> 16);
        out.write(payload.length >> 8);
        out.write(payload.length);
        out.write(type);
        out.write(flags);
        out.write(0);
        out.write(0);
        out.write(0);
        out.write(stream);
        out.writeBytes(payload);
    }
}
