package load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The load generator: one thread that drives thousands of connections, and so takes little from the server's cores. */
public final class Loop implements AutoCloseable {
    private static final long SILENCE = TimeUnit.SECONDS.toNanos(60);

    private final Selector selector;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 18);

    /** A loop without connections. */
    public Loop() throws IOException {
        selector = Selector.open();
    }

    /** A new connection. */
    public Connection connect(InetSocketAddress to) throws IOException {
        SocketChannel channel = SocketChannel.open(to);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        Connection connection = new Connection(channel);
        connection.register(selector);
        return connection;
    }

    /** Hands answers to their receivers until {@code done}. */
    public void run(BooleanSupplier done) throws IOException {
        run(done, () -> {});
    }

    /**
     * Hands answers to their receivers until {@code done}.
     *
     * @param eachTime is run between, at least once a millisecond as far as the machine allows
     * @throws IOException if there is no answer for a minute, or a connection ends
     */
    public void run(BooleanSupplier done, Runnable eachTime) throws IOException {
        long heard = System.nanoTime();
        while (!done.getAsBoolean()) {
            eachTime.run();
            if (selector.select(this::read, 1) > 0) {
                heard = System.nanoTime();
            } else if (System.nanoTime() - heard > SILENCE) {
                throw new IOException("no answer for a minute");
            }
        }
    }

    private void read(SelectionKey key) {
        try {
            ((Connection) key.attachment()).read(buffer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Closes its connections. */
    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
