package dev.harp.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Passes bytes on to a relay, and can hold its answers back. */
final class GatedProxy implements AutoCloseable {
    private final int relay;
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile CountDownLatch held = new CountDownLatch(1);

    GatedProxy(int relay) throws IOException {
        this.relay = relay;
        Thread.ofVirtual().start(this::accept);
    }

    String address() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    /** From now on, answers are held back. */
    void hold() {
        held = new CountDownLatch(1);
        gate = new CountDownLatch(1);
    }

    /** Waits until the relay has answered something that is held back. */
    void untilHeld() throws InterruptedException {
        held.await();
    }

    /** Lets everything through again. */
    void release() {
        gate.countDown();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), relay);
                sockets.addAll(List.of(client, server));
                Thread.ofVirtual().start(() -> copy(client, server, false));
                Thread.ofVirtual().start(() -> copy(server, client, true));
            }
        } catch (IOException e) {
            // The test has ended.
        }
    }

    private void copy(Socket from, Socket to, boolean gated) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[65_536];
            for (int length = in.read(buffer); length > 0; length = in.read(buffer)) {
                CountDownLatch now = gate;
                if (gated && now.getCount() > 0) {
                    held.countDown();
                    now.await();
                }
                out.write(buffer, 0, length);
            }
        } catch (IOException | InterruptedException e) {
            // One side has gone.
        }
    }

    @Override
    public void close() throws IOException {
        gate.countDown();
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
