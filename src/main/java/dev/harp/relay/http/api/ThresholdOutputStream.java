package dev.harp.relay.http.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Buffers an answer up to a threshold, so that a small one has a length and is one write to the socket. As a stream it
 * would be three: head, chunk, last chunk. Over the threshold it passes everything on to the stream.
 */
final class ThresholdOutputStream extends OutputStream {
    /** The threshold in bytes: several requests of the usual size. */
    static final int HELD = 16 * 1024;

    private final Supplier<OutputStream> stream;
    private final ByteArrayOutputStream held = new ByteArrayOutputStream(4096);
    private Optional<OutputStream> out = Optional.empty();

    /** @param stream opens the stream; called at most once */
    ThresholdOutputStream(Supplier<OutputStream> stream) {
        this.stream = stream;
    }

    /** All that was written, unless it was passed on to the stream. */
    Optional<byte[]> whole() {
        return out.isPresent() ? Optional.empty() : Optional.of(held.toByteArray());
    }

    @Override
    public void write(int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (out.isEmpty() && held.size() + length <= HELD) {
            held.write(bytes, offset, length);
            return;
        }
        if (out.isEmpty()) {
            OutputStream opened = stream.get();
            out = Optional.of(opened);
            held.writeTo(opened);
            held.reset();
        }
        out.get().write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
        if (out.isPresent()) {
            out.get().close();
        }
    }
}
