package dev.harp.relay.nginx;

import static dev.harp.relay.nginx.NginxSite.PATIENCE;
import static dev.harp.relay.nginx.NginxSite.body;
import static dev.harp.relay.nginx.NginxSite.call;
import static dev.harp.relay.nginx.NginxSite.json;
import static dev.harp.relay.nginx.NginxSite.opening;
import static dev.harp.relay.nginx.NginxSite.request;
import static dev.harp.relay.nginx.NginxSite.sized;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.is;

import dev.harp.testing.RelayProcess;
import jakarta.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Connections through {@code deploy/nginx} that last: streams, idle ones, and parked polls when the relay stops. */
@Tag("long")
@EnabledIf(value = "dev.harp.relay.nginx.NginxSite#canRun", disabledReason = NginxSite.NO_NGINX)
class NginxConnectionsIT {

    @TempDir
    static Path folder;

    private static NginxSite site;

    @BeforeAll
    static void start() throws IOException, InterruptedException, GeneralSecurityException {
        site = new NginxSite(folder);
    }

    @AfterAll
    static void stop() throws IOException {
        site.close();
    }

    /**
     * Events and signs of life pass at once, although the stream goes on; and when the relay stops it ends in order,
     * not with a 502 or a cut.
     */
    @Test
    void aStreamOfEventsIsNotHeldBack() throws Exception {
        for (Version version : List.of(Version.HTTP_1_1, Version.HTTP_2)) {
            RelayProcess streaming = site.relay(Map.of("STREAM_HEARTBEAT", "1"));
            Nginx front = site.nginx("nginx-streaming-" + version, NginxFiles.asShipped(), streaming.port());
            HttpClient client = site.client(60, version);
            JsonObject phone = json(call(
                    client,
                    request(front, "/v1/devices")
                            .header("Content-Type", "application/json")
                            .POST(sized("{}"))));
            HttpResponse<InputStream> stream = client.send(
                    request(front, "/v1/devices/" + phone.getString("device_id") + "/events")
                            .header("Authorization", "Bearer " + phone.getString("device_token"))
                            .build(),
                    BodyHandlers.ofInputStream());
            assertThat(stream.statusCode(), is(200));
            assertThat(stream.version(), is(version));
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), UTF_8))) {
                readTo(lines, "event: current");
                readTo(lines, ":");
                readTo(lines, ":");
                streaming.terminate();
                readTo(lines, ": the relay is shutting down");
                assertThat(lines.lines().toList(), contains(""));
            }
            assertThat(streaming.exit(), is(0));
        }
    }

    private static void readTo(BufferedReader lines, String wanted) throws IOException {
        String line;
        do {
            line = lines.readLine();
            assertThat("the stream is over before '" + wanted + "'", line != null, is(true));
        } while (!wanted.equals(line));
    }

    /**
     * Idle times around those at which nginx (3 s) and the relay (4 s) give a connection up, and around the relay's
     * when it is the first, against all advice: never a 502. The real times are to each other as {@link NginxConfTest}
     * says.
     */
    @Test
    void keptAliveConnectionsSurviveIdleTime() throws Exception {
        NginxFiles shipped = NginxFiles.asShipped();
        RelayProcess patient = site.relay(Map.of("IDLE_TIMEOUT", "4", "RATE_LIMIT_CLIENT", "0"));
        RelayProcess hasty = site.relay(Map.of("IDLE_TIMEOUT", "1", "RATE_LIMIT_CLIENT", "0"));
        Nginx before =
                site.nginx("idle3", shipped.with(1, "keepalive_timeout 60s;", "keepalive_timeout 3s;"), patient.port());
        Nginx after = site.nginx("idle60", shipped, hasty.port());

        List<Future<List<Integer>>> visits = new ArrayList<>();
        for (int lane = 0; lane < 8; lane++) {
            int shift = 12 * lane;
            visits.add(site.threads.submit(
                    () -> visit(before, IntStream.of(2900, 2950, 3000, 3050, 3300, 3900, 4000, 4100), shift)));
            visits.add(site.threads.submit(() ->
                    visit(after, IntStream.range(0, 20).map(i -> 950 + 20 * i), shift)));
        }
        for (Future<List<Integer>> visit : visits) {
            assertThat(visit.get(), everyItem(is(201)));
        }
    }

    /** Calls after each of these pauses on one connection to nginx; the statuses. */
    private static List<Integer> visit(Nginx front, IntStream pausesMillis, int shiftMillis)
            throws IOException, InterruptedException {
        List<Integer> statuses = new ArrayList<>();
        try (HttpClient client = site.client(40, Version.HTTP_1_1)) {
            for (int pause : pausesMillis.toArray()) {
                statuses.add(call(client, opening(front, sized(body(0)))).statusCode());
                Thread.sleep(pause + shiftMillis); // nginx's own clock is the subject: it cannot be injected
            }
            statuses.add(call(client, opening(front, sized(body(0)))).statusCode());
        }
        return statuses;
    }

    /**
     * SIGTERM to the relay's process while a thousand polls wait behind nginx, a fifth of them on connections of their
     * own.
     */
    @Test
    void everyParkedPollHearsThatTheRelayShutsDown() throws Exception {
        RelayProcess own = site.relay(Map.of("RATE_LIMIT_CLIENT", "0"));
        Nginx front = site.nginx("draining-nginx", NginxFiles.asShipped(), own.port());
        List<HttpClient> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            clients.add(site.client(20 + i, Version.HTTP_2));
        }
        HttpClient http1 = site.client(30, Version.HTTP_1_1);
        clients.add(http1);
        clients.add(http1);

        List<CompletableFuture<HttpResponse<String>>> polls = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            JsonObject pair = json(call(clients.getFirst(), opening(front, sized(body(0)))));
            for (int poll = 0; poll < 4; poll++) {
                HttpRequest waiting = request(front, "/v1/pairs/" + pair.getString("pair_id") + "?wait=300")
                        .header("Authorization", "Bearer " + pair.getString("platform_token"))
                        .build();
                polls.add(clients.get(polls.size() % clients.size()).sendAsync(waiting, BodyHandlers.ofString()));
            }
        }
        long lost = System.nanoTime() + PATIENCE.toNanos();
        while (own.settledConnections() < polls.size()) {
            assertThat(polls.stream().filter(CompletableFuture::isDone).count(), is(0L));
            assertThat("the polls reach the relay", System.nanoTime() - lost < 0, is(true));
            LockSupport.parkNanos(1_000_000);
        }

        own.terminate();

        Map<String, Integer> answers = new TreeMap<>();
        for (CompletableFuture<HttpResponse<String>> poll : polls) {
            answers.merge(poll.handle(NginxSite::described).get(), 1, Integer::sum);
        }
        assertThat(answers, is(Map.of("503 shutting_down, Retry-After: 1", polls.size())));
        assertThat(own.exit(), is(0));
        clients.forEach(HttpClient::shutdownNow);
    }
}
