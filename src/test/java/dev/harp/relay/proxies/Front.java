package dev.harp.relay.proxies;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import dev.harp.testing.Certificate;
import dev.harp.testing.Ports;
import dev.harp.testing.ProxyProcess;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.GZIPInputStream;

/** A running proxy, or a server itself, and a client of it at 127.0.0.9 that takes compressed answers. */
record Front(AutoCloseable process, String url, int plainPort, HttpClient client) implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** An answer, decompressed. */
    record Answer(int status, String type, String retryAfter, String body) {
        JsonObject json() {
            return Json.createReader(new StringReader(body)).readObject();
        }
    }

    /** Starts the proxy in an empty folder of its own. */
    static Front start(Proxy proxy, Path folder, Certificate certificate, int relayPort, Proxy.Change change)
            throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Proxy.Ports ports = new Proxy.Ports(Ports.free(), Ports.free(), relayPort);
        ProxyProcess process =
                ProxyProcess.start(folder, proxy.configure(folder, ports, certificate, change), ports.proxy());
        HttpClient client = HttpClient.newBuilder()
                .version(proxy.shipped() ? Version.HTTP_2 : Version.HTTP_1_1)
                .sslContext(certificate.trusted())
                .localAddress(InetAddress.getByName("127.0.0.9"))
                .build();
        return new Front(
                process, (proxy.shipped() ? "https" : "http") + "://127.0.0.1:" + ports.proxy(), ports.plain(), client);
    }

    /** The server at this port, without a proxy. */
    static Front none(int port) {
        HttpClient client = HttpClient.newBuilder().version(Version.HTTP_1_1).build();
        return new Front(() -> {}, "http://127.0.0.1:" + port, port, client);
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path)).timeout(PATIENCE).header("Accept-Encoding", "gzip");
    }

    HttpRequest.Builder request(String path, String token) {
        return request(path).header("Authorization", "Bearer " + token);
    }

    static HttpRequest.Builder with(HttpRequest.Builder request, String method, String body) {
        return request.header("Content-Type", "application/json").method(method, BodyPublishers.ofString(body));
    }

    Answer call(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
        try (InputStream body = decoded(response)) {
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    response.headers().firstValue("Retry-After").orElse(""),
                    new String(body.readAllBytes(), UTF_8));
        }
    }

    /** The same. Fails if the answer has another status. */
    JsonObject call(int status, HttpRequest.Builder request) throws IOException, InterruptedException {
        Answer answer = call(request);
        assertThat(answer.body(), answer.status(), is(status));
        return answer.json();
    }

    /** A stream of events, whose head has come. */
    Events events(String path, String token) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = client.send(
                request(path, token)
                        .setHeader("Accept-Encoding", "gzip, br, zstd")
                        .build(),
                BodyHandlers.ofInputStream());
        assertThat(response.statusCode(), is(200));
        return new Events(new BufferedReader(new InputStreamReader(decoded(response), UTF_8)));
    }

    /** Lines of a stream, as they come. */
    record Events(BufferedReader lines) implements AutoCloseable {

        /** Reads up to this line. */
        Events to(String wanted) throws IOException {
            String line;
            do {
                line = lines.readLine();
                assertThat("the stream is over before '" + wanted + "'", line != null, is(true));
            } while (!wanted.equals(line));
            return this;
        }

        /** Reads up to the end of the stream. */
        void toEnd() {
            assertThat(lines.lines().count(), is(greaterThan(0L)));
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }

    private static InputStream decoded(HttpResponse<InputStream> response) throws IOException {
        String coding = response.headers().firstValue("Content-Encoding").orElse("");
        assertThat(coding, coding.isEmpty() || coding.equals("gzip"), is(true));
        return coding.isEmpty() ? response.body() : new Unzipped(response.body());
    }

    /** Says that nothing is available: an inflater always says the contrary, and a reader would wait for more. */
    private static final class Unzipped extends GZIPInputStream {
        Unzipped(InputStream in) throws IOException {
            super(in);
        }

        @Override
        public int available() {
            return 0;
        }
    }

    @Override
    public void close() throws Exception {
        client.shutdownNow();
        process.close();
    }
}
