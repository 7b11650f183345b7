package dev.harp.relay.nginx;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.testing.Certificate;
import dev.harp.testing.RelayProcess;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/**
 * The relay behind {@code deploy/nginx}, as an operator runs it: its parts, and calls of them.
 *
 * <p>Clients are told apart by their address: all of 127.0.0.0/8 is this machine, and the relay trusts 127.0.0.1, where
 * nginx calls from, and no other.
 */
final class NginxSite implements AutoCloseable {
    static final String NO_NGINX = Nginx.MISSING;
    static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String SOME_HASH = "5e".repeat(32);

    final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    final Certificate certificate;
    private final Path folder;
    private final List<AutoCloseable> parts = new ArrayList<>();

    /** Without an nginx a test is skipped, and says so; on CI, which has to have one, it fails. */
    static boolean canRun() {
        return Nginx.canRun();
    }

    static void mustHaveNginx() {
        Nginx.program();
    }

    /** @param folder for the files of all parts */
    NginxSite(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        mustHaveNginx();
        this.folder = folder;
        this.certificate = Certificate.make(Files.createDirectory(folder.resolve("tls")));
    }

    RelayProcess relay(Map<String, String> options) throws IOException {
        RelayProcess started = RelayProcess.ofProduct(options, RelayProcess.SMALL_PRODUCT);
        parts.add(started);
        return started;
    }

    Nginx nginx(String name, NginxFiles files, int relayPort) throws IOException, InterruptedException {
        Nginx started = Nginx.start(Files.createDirectory(folder.resolve(name)), files, certificate, relayPort);
        parts.add(started);
        return started;
    }

    /** A client at 127.0.0.{@code host}. */
    HttpClient client(int host, Version version) throws IOException {
        HttpClient client = HttpClient.newBuilder()
                .version(version)
                .sslContext(certificate.trusted())
                .localAddress(InetAddress.getByName("127.0.0." + host))
                .executor(threads)
                .build();
        parts.add(client::shutdownNow);
        return client;
    }

    /** The SDK trusts what Java trusts, so while it is made, that is our certificate. */
    <T> T trusting(Callable<T> making) throws Exception {
        SSLContext before = SSLContext.getDefault();
        SSLContext.setDefault(certificate.trusted());
        try {
            return making.call();
        } finally {
            SSLContext.setDefault(before);
        }
    }

    static HttpRequest.Builder opening(Nginx front, BodyPublisher body) {
        return request(front, "/v1/pairs")
                .header("Content-Type", "application/json")
                .POST(body);
    }

    static HttpResponse<String> call(HttpClient client, HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
    }

    static HttpRequest.Builder request(Nginx front, String path) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + front.tlsPort() + path));
    }

    /** What opens a pairing, padded to this many bytes, or not at all if that is too few. */
    static String body(int bytes) {
        String start = "{\"secret_hash\":\"" + SOME_HASH + "\",\"ignored\":\"";
        return start + "x".repeat(Math.max(0, bytes - start.length() - 2)) + "\"}";
    }

    static BodyPublisher sized(String body) {
        return BodyPublishers.ofString(body);
    }

    /** Over HTTP/1.1 in chunks, over HTTP/2 without a length. */
    static BodyPublisher chunked(String body) {
        return BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.getBytes(UTF_8)));
    }

    static JsonObject json(HttpResponse<String> answer) {
        return Json.createReader(new StringReader(answer.body())).readObject();
    }

    static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    static String described(HttpResponse<String> answer, Throwable thrown) {
        if (thrown != null) {
            return thrown.toString();
        }
        String code = answer.body().startsWith("{") ? json(answer).getString("code", "") : answer.body();
        return answer.statusCode() + " " + code + ", Retry-After: " + header(answer, "Retry-After");
    }

    @Override
    public void close() throws IOException {
        try {
            for (AutoCloseable part : parts.reversed()) {
                part.close();
            }
        } catch (Exception e) {
            throw new IOException(e);
        } finally {
            threads.shutdownNow();
        }
    }
}
