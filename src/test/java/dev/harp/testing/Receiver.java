package dev.harp.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A platform's receiver of webhooks, over HTTP or HTTPS. */
public final class Receiver extends FakeServer {
    /** The name that it is called by, and that its certificate needs. */
    public static final String HOST = "hooks.example";

    private final String scheme;
    private final Queue<Reply> replies = new ConcurrentLinkedQueue<>();

    private Receiver(ServerSocket server, String scheme) {
        super(server);
        this.scheme = scheme;
        start();
    }

    /** Without TLS. */
    public static Receiver plain() {
        return new Receiver(listen(InetAddress.getLoopbackAddress()), "http");
    }

    /** With a certificate for {@link #HOST}, or for another name. */
    public static Receiver tls(Certificate certificate) throws IOException {
        ServerSocket server = certificate
                .context()
                .getServerSocketFactory()
                .createServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        return new Receiver(server, "https");
    }

    /** Its URL by name. */
    public String url(String path) {
        return scheme + "://" + HOST + ":" + port() + path;
    }

    /** The responses to the next messages; 204 follows. */
    public void answers(Reply... next) {
        replies.addAll(List.of(next));
    }

    /** How many messages have been received and not taken. */
    public int waiting() {
        return received().size();
    }

    @Override
    protected Reply answer(Request request) {
        Reply next = replies.poll();
        return next == null ? response(204, "") : next;
    }
}
