package dev.harp.relay.http.api;

import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * The body of an answer. A short one is kept in memory and sent when it is closed, with its length and in one write; a
 * longer one is sent in pieces. Helidon's own stream takes several buffers of 8 KiB and more for any answer.
 *
 * <p>Passes no flush on: a JSON generator flushes before it closes.
 */
final class AnswerStream extends OutputStream {
    private final ServerResponse response;
    private final int bound;
    private OutputStream out;
    private final ByteArrayOutputStream small = new ByteArrayOutputStream();

    /** @param bound bytes that are kept in memory */
    AnswerStream(ServerResponse response, int bound) {
        this.response = response;
        this.bound = bound;
        this.out = small;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b});
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (out.equals(small) && small.size() + length > bound) {
            out = response.outputStream();
            small.writeTo(out);
        }
        out.write(bytes, offset, length);
    }

    @Override
    public void flush() {}

    @Override
    public void close() throws IOException {
        if (out.equals(small)) {
            response.send(small.toByteArray());
        } else {
            out.close();
        }
    }
}
