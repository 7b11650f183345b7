package dev.harp.relay.http.api;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Passes no flush on. Helidon sends an answer that fits into its buffer with its length, and in one write; but a flush,
 * which a JSON generator does before it closes, makes a stream of it: head, chunk, last chunk.
 */
final class UnflushedStream extends FilterOutputStream {
    UnflushedStream(OutputStream out) {
        super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
    }

    @Override
    public void flush() {}
}
