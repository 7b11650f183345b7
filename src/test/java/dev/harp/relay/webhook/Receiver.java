package dev.harp.relay.webhook;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** A platform's receiver of webhooks, of its own: a real HTTP or HTTPS server on the loopback address. */
public final class Receiver implements AutoCloseable {
    /** The name that its certificate is for. */
    public static final String HOST = "hooks.example";

    private final HttpServer server;
    private final String scheme;
    private final BlockingQueue<Got> got = new LinkedBlockingQueue<>();
    private final BlockingQueue<Reply> replies = new LinkedBlockingQueue<>();

    /** One message as it came. */
    public record Got(String method, String target, Map<String, List<String>> headers, String body) {
        /** The field's only value. */
        public String header(String name) {
            return headers.entrySet().stream()
                    .filter(field -> field.getKey().equalsIgnoreCase(name))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no " + name + " in " + headers.keySet()))
                    .getValue()
                    .getFirst();
        }
    }

    /** What to answer next. */
    public record Reply(int status, Map<String, String> headers) {}

    private Receiver(HttpServer server, String scheme) {
        this.server = server;
        this.scheme = scheme;
        server.createContext("/", this::handle);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    /** Without TLS. */
    public static Receiver plain() throws IOException {
        return new Receiver(HttpServer.create(loopback(), 4096), "http");
    }

    /** With a certificate for {@link #HOST} in the folder, see {@link #certificate}. */
    public static Receiver tls(Path folder) throws IOException, GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store(folder), "password".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(loopback(), 4096);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        return new Receiver(server, "https");
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** Makes the certificate with the JDK's keytool, and tells who trusts it and nothing else. */
    public static SSLSocketFactory certificate(Path folder)
            throws IOException, InterruptedException, GeneralSecurityException {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keystore",
                        folder.resolve("receiver.p12").toString(),
                        "-storepass",
                        "password",
                        "-alias",
                        "receiver",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + HOST,
                        "-ext",
                        "san=dns:" + HOST)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        if (keytool.waitFor() != 0) {
            throw new IOException(Files.readString(folder.resolve("keytool.log")));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("receiver", store(folder).getCertificate("receiver"));
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context.getSocketFactory();
    }

    private static KeyStore store(Path folder) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve("receiver.p12"))) {
            store.load(in, "password".toCharArray());
        }
        return store;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            got.add(new Got(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    Map.copyOf(exchange.getRequestHeaders()),
                    body));
            Reply reply = replies.poll();
            if (reply != null) {
                reply.headers().forEach(exchange.getResponseHeaders()::set);
            }
            exchange.sendResponseHeaders(reply == null ? 204 : reply.status(), -1);
        }
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** Its address by name. */
    public String url(String path) {
        return scheme + "://" + HOST + ":" + port() + path;
    }

    /** Answers the next messages so, and those after them 204. */
    public void answers(Reply... next) {
        replies.addAll(List.of(next));
    }

    /** The next message; waits for it. */
    public Got next() throws InterruptedException {
        Got next = got.poll(15, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("no message has come");
        }
        return next;
    }

    /** How many messages have come and were not taken. */
    public int waiting() {
        return got.size();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
