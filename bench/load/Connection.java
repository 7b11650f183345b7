package load;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.function.Consumer;

/** One kept-alive connection of a {@link Loop}, with at most one call at a time. Used by the loop's thread only. */
public final class Connection implements AutoCloseable {
    private static final byte[] NOTHING = {};

    private final SocketChannel channel;
    private byte[] unfinished = NOTHING;
    private Consumer<Reply> receiver;
    private boolean endless;
    private boolean heard;

    Connection(SocketChannel channel) {
        this.channel = channel;
    }

    /** Sends a request; {@code then} gets its answer, and may send the next one. */
    public void send(byte[] request, Consumer<Reply> then) {
        receiver = then;
        write(request);
    }

    /** Sends a request whose answer does not end, and is not looked at. */
    public void stream(byte[] request) {
        endless = true;
        write(request);
    }

    /** Whether neither side has closed it. */
    boolean isOpen() {
        return channel.isOpen();
    }

    /** Whether the endless answer has begun. */
    public boolean streams() {
        return heard;
    }

    private void write(byte[] request) {
        ByteBuffer bytes = ByteBuffer.wrap(request);
        try {
            while (bytes.hasRemaining()) { // a few KiB: the socket's buffer takes them
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads what is there. */
    void read(ByteBuffer buffer) throws IOException {
        buffer.clear().put(unfinished);
        if (channel.read(buffer) < 0) {
            if (receiver == null && !endless) {
                channel.close(); // it was idle for too long
                return;
            }
            throw new EOFException("the server has closed a connection");
        }
        int limit = buffer.position();
        if (endless) {
            heard |= Reply.startsOk(buffer.array());
            return;
        }
        Reply reply = Reply.parse(buffer.array(), 0, limit);
        if (reply == null) {
            unfinished = Arrays.copyOf(buffer.array(), limit);
            return;
        }
        unfinished = NOTHING;
        if (reply.end() != limit || receiver == null) {
            throw new IOException("more than one answer: " + reply);
        }
        Consumer<Reply> then = receiver;
        receiver = null;
        then.accept(reply);
    }

    void register(Selector selector) throws IOException {
        channel.register(selector, SelectionKey.OP_READ, this);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
