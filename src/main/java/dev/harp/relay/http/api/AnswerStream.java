package dev.harp.relay.http.api;

import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Sends what is written to it: at its end, with its length and in one write, or in pieces as soon as it is longer than
 * the bound. Helidon's own stream takes several buffers, of 8 KiB and more, for any answer.
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
