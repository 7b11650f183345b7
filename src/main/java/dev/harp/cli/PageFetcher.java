package dev.harp.cli;

import dev.harp.message.Bytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;

/**
 * Fetches files of one web page as a browser would: compressed where the host has it so, and along redirects, but to
 * the same origin only. Every answer is bounded in size and time.
 */
final class PageFetcher implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int MAX_REDIRECTS = 3;

    private final int maxBytes;
    private final Duration patience;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client;

    /**
     * The end of the redirects.
     *
     * @param from where it was
     * @param body decompressed; empty unless the status is 200
     */
    record Answer(URI from, int status, HttpHeaders headers, Bytes body) {}

    /** The host has answered, and what it has answered cannot be a file of the page; the message says why. */
    static final class NoFile extends Exception {
        private static final long serialVersionUID = 1;

        private final String why;

        private NoFile(String why) {
            super(why);
            this.why = why;
        }

        String why() {
            return why;
        }
    }

    /**
     * @param maxBytes of one file, compressed and decompressed
     * @param patience for one answer as a whole
     */
    PageFetcher(int maxBytes, Duration patience) {
        this.maxBytes = maxBytes;
        this.patience = patience;
        this.client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT)
                .executor(threads)
                .build();
    }

    /**
     * @throws NoFile if the answer is too large, is coded in an unknown way, or leads to another origin
     * @throws IOException if there is no whole answer in time
     */
    Answer get(URI url) throws IOException, InterruptedException, NoFile {
        URI next = url;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            Answer answer = one(next);
            Optional<String> location = answer.headers().firstValue("Location");
            if (answer.status() / 100 != 3 || location.isEmpty()) {
                return answer;
            }
            next = resolved(next, location.get());
        }
        throw new NoFile("is redirected more than " + MAX_REDIRECTS + " times");
    }

    private static URI resolved(URI from, String location) throws NoFile {
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException _) {
            throw new NoFile("is redirected to what is no URL");
        }
        if (!from.getScheme().equals(to.getScheme())
                || !String.valueOf(from.getRawAuthority()).equals(to.getRawAuthority())) {
            throw new NoFile("is redirected to another origin, " + Printable.line(shortened(to.toString())));
        }
        return to;
    }

    private static String shortened(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "...";
    }

    private Answer one(URI url) throws IOException, InterruptedException, NoFile {
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(patience)
                .header("Accept-Encoding", "gzip")
                .GET()
                .build();
        // The request's own timeout ends with the head of the answer; this one is for all of it.
        CompletableFuture<Read> whole =
                client.sendAsync(request, BodyHandlers.ofInputStream()).thenApplyAsync(this::read, threads);
        try {
            return whole.get(patience.toNanos(), TimeUnit.NANOSECONDS).file();
        } catch (TimeoutException e) {
            whole.cancel(true);
            throw new IOException("no whole answer within " + patience.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            whole.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        }
    }

    /** What has become of an answer. */
    private interface Read {
        Answer file() throws IOException, NoFile;
    }

    private Read read(HttpResponse<InputStream> response) {
        try (InputStream in = response.body()) {
            byte[] body = response.statusCode() == 200 ? bounded(in) : new byte[0];
            byte[] decoded = decoded(response.headers(), body);
            return () -> new Answer(response.uri(), response.statusCode(), response.headers(), Bytes.of(decoded));
        } catch (NoFile e) {
            return () -> {
                throw e;
            };
        } catch (IOException e) {
            return () -> {
                throw e;
            };
        }
    }

    private byte[] decoded(HttpHeaders headers, byte[] body) throws NoFile {
        String coding = String.join(", ", headers.allValues("Content-Encoding")).toLowerCase(Locale.ROOT);
        if (coding.isEmpty() || coding.equals("identity") || body.length == 0) {
            return body;
        }
        if (!coding.equals("gzip")) {
            throw new NoFile("is coded in a way that was not asked for");
        }
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            return bounded(in);
        } catch (IOException _) {
            throw new NoFile("is not compressed as it says");
        }
    }

    private byte[] bounded(InputStream in) throws IOException, NoFile {
        byte[] bytes = in.readNBytes(maxBytes + 1);
        if (bytes.length > maxBytes) {
            throw new NoFile("is larger than " + maxBytes + " bytes");
        }
        return bytes;
    }

    /** Ends what is under way. */
    @Override
    public void close() {
        client.shutdownNow();
        threads.shutdownNow();
    }
}
