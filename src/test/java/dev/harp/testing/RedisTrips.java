package dev.harp.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A proxy in front of a Redis that notes the round trips of its clients: the commands that a client has sent before it
 * waits for a reply. A batch has to fit the client's buffer of 8 KiB.
 */
public final class RedisTrips implements AutoCloseable {
    private final int target;
    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final List<String> trips = new ArrayList<>();

    public RedisTrips(RedisServer redis) throws IOException {
        this.target = redis.port();
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    public String url() {
        return "redis://127.0.0.1:" + server.getLocalPort();
    }

    /** The trips since the last call, each with all of its commands as one text. */
    public List<String> take() {
        synchronized (trips) {
            List<String> taken = List.copyOf(trips);
            trips.clear();
            return taken;
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Socket redis = new Socket(InetAddress.getLoopbackAddress(), target);
                client.setTcpNoDelay(true);
                redis.setTcpNoDelay(true);
                sockets.addAll(List.of(client, redis));
                Thread.ofVirtual().start(() -> requests(client, redis));
                Thread.ofVirtual().start(() -> replies(redis, client));
            }
        } catch (IOException closed) {
            // By close().
        }
    }

    private void requests(Socket client, Socket redis) {
        try (client;
                redis) {
            InputStream in = new BufferedInputStream(client.getInputStream(), 1 << 16);
            while (true) {
                StringBuilder batch = new StringBuilder();
                do {
                    command(in, batch);
                } while (in.available() > 0);
                synchronized (trips) {
                    trips.add(batch.toString());
                }
                redis.getOutputStream().write(batch.toString().getBytes(ISO_8859_1));
            }
        } catch (IOException gone) {
            // One of the two ends is gone, and so is the other.
        }
    }

    /** Reads one command: {@code *}, the number of words, and of each word {@code $}, its length, and itself. */
    private static void command(InputStream in, StringBuilder to) throws IOException {
        int words = Integer.parseInt(line(in, to).substring(1));
        for (int i = 0; i < words; i++) {
            int length = Integer.parseInt(line(in, to).substring(1));
            to.append(new String(in.readNBytes(length + 2), ISO_8859_1));
        }
    }

    private static String line(InputStream in, StringBuilder to) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next == -1) {
                throw new EOFException();
            }
            line.append((char) next);
        }
        to.append(line).append('\n');
        return line.toString().strip();
    }

    private static void replies(Socket redis, Socket client) {
        try (client;
                redis) {
            OutputStream out = client.getOutputStream();
            redis.getInputStream().transferTo(out);
        } catch (IOException gone) {
            // One of the two ends is gone, and so is the other.
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
