package dev.harp.relay.nginx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.fail;

import dev.harp.client.Ask;
import dev.harp.client.Device;
import dev.harp.client.DeviceStore;
import dev.harp.client.Environment;
import dev.harp.client.Inbox;
import dev.harp.client.Joining;
import dev.harp.client.Outcome;
import dev.harp.client.PairingSession;
import dev.harp.client.Platform;
import dev.harp.client.PlatformCredentials;
import dev.harp.client.RequestJournal;
import dev.harp.message.Answer;
import dev.harp.message.Decision;
import dev.harp.message.PairingLink;
import dev.harp.testing.Certificate;
import dev.harp.testing.FakeServer.Request;
import dev.harp.testing.RelayProcess;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
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
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * The relay behind {@code deploy/nginx}, as an operator runs it.
 *
 * <p>Clients are told apart by their address: all of 127.0.0.0/8 is this machine, and the relay trusts 127.0.0.1, where
 * nginx calls from, and no other. The polls of over a minute are begun first and looked at last, so that the rest
 * happens meanwhile.
 *
 * <p>Without an nginx it is skipped, and says so; on CI, which has to have one, it fails.
 */
@EnabledIf(value = "canRun", disabledReason = NginxIT.NO_NGINX)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NginxIT {
    private static final PrintStream ERR = System.err;
    static final String NO_NGINX = "there is no nginx here: apt-get install nginx-light";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int LONG_WAIT = 65;
    private static final int MAX_BODY = 131_072;
    private static final int RATE_LIMIT = 100;
    private static final String SOME_HASH = "5e".repeat(32);
    private static final Pattern CALLS_LEFT = Pattern.compile("\"client\";r=([0-9]+)");

    @TempDir
    static Path folder;

    private static final List<AutoCloseable> PARTS = new ArrayList<>();
    private static final ExecutorService THREADS = Executors.newVirtualThreadPerTaskExecutor();
    private static Certificate certificate;
    private static RelayProcess relay;
    private static Nginx nginx;
    private static Map<Version, Future<Poll>> longPolls;

    private record Poll(HttpResponse<String> answer, Duration took) {}

    static boolean canRun() {
        boolean can = Nginx.program().isPresent() || "true".equals(System.getenv("CI"));
        if (!can) {
            ERR.println("NginxIT is skipped: " + NO_NGINX);
        }
        return can;
    }

    @BeforeAll
    static void start() throws IOException, InterruptedException, GeneralSecurityException {
        if (Nginx.program().isEmpty()) {
            fail(NO_NGINX);
        }
        certificate = Certificate.make(Files.createDirectory(folder.resolve("tls")));
        relay = relay(Map.of("TRUSTED_PROXIES", "127.0.0.1"));
        nginx = nginx("nginx", NginxFiles.asShipped(), relay.port());
        longPolls = Map.of(
                Version.HTTP_1_1, THREADS.submit(() -> longPoll(client(65, Version.HTTP_1_1))),
                Version.HTTP_2, THREADS.submit(() -> longPoll(client(66, Version.HTTP_2))));
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable part : PARTS.reversed()) {
            part.close();
        }
        THREADS.shutdownNow();
    }

    @Test
    @Order(1)
    void aWholeApprovalGoesThroughTls() throws Exception {
        String url = "https://127.0.0.1:" + nginx.tlsPort();
        Environment environment = Environment.system();
        DeviceStore store = DeviceStore.inMemory();
        try (PairingSession session = trusting(
                        () -> PairingSession.open(PairingSession.Settings.of(url, "deploy-bot", "host"), environment));
                Device device = trusting(() -> new Device(url, store, environment))) {
            Device.JoinResult result = device.join(
                    session.link().format(), PairingLink.Http.LOOPBACK_ONLY, "phone", Optional.empty(), List.of());
            Joining joining = ((Device.Begun) result).joining();
            assertThat(session.awaitDevice(), instanceOf(PairingSession.Joined.class));
            var greeted = (Joining.Greeted) joining.awaitHello();
            assertThat(session.check(greeted.handshake().checkCode()), is(PairingSession.Check.RIGHT));
            assertThat(joining.confirm(), is(Joining.Confirmation.PAIRED));
            PlatformCredentials credentials = ((PairingSession.Paired) session.complete()).credentials();

            try (Platform platform =
                    trusting(() -> new Platform(credentials, RequestJournal.inMemory(), environment))) {
                String cursor = device.list().cursor();
                Future<Inbox> phone = THREADS.submit(() -> device.list(Optional.of(cursor), PATIENCE));
                Future<Outcome> outcome = THREADS.submit(
                        () -> platform.ask(Ask.authorize("Deploy version 2.1 to production", Duration.ofMinutes(5))));
                Inbox.Card card = phone.get().cards().getFirst();
                long now = environment.clock().instant().getEpochSecond();
                assertThat(device.decide(card, Answer.of(Decision.APPROVED, now)), instanceOf(Device.Sent.class));

                assertThat(outcome.get(), instanceOf(Outcome.Decided.class));
                assertThat(((Outcome.Decided) outcome.get()).isConsent(), is(true));
            }
        }
    }

    @Test
    @Order(2)
    void everyAddressHasItsOwnLimit() throws Exception {
        try (HttpClient one = client(2, Version.HTTP_1_1);
                HttpClient other = client(3, Version.HTTP_2)) {
            exhaust(number -> call(one, request(nginx, "/v1/nothing")));
            assertThat(callsLeft(call(other, request(nginx, "/v1/nothing"))), is(OptionalInt.of(RATE_LIMIT - 1)));
        }
    }

    /**
     * Each call claims another address, in every header that has ever been used for it. They all count for the real
     * one.
     */
    @Test
    @Order(2)
    void aForgedAddressIsDefeatedByNginx() throws Exception {
        try (HttpClient forger = client(4, Version.HTTP_1_1);
                HttpClient bystander = client(5, Version.HTTP_1_1)) {
            exhaust(number -> call(
                    forger,
                    request(nginx, "/v1/nothing")
                            .header("X-Forwarded-For", "203.0.113." + number % 256)
                            .header("X-Forwarded-For", "198.51.100." + number % 256 + ", 127.0.0.1")
                            .header("X-Real-IP", "203.0.113." + number % 256)
                            .header("Forwarded", "for=203.0.113." + number % 256)));
            HttpRequest.Builder asForger = request(nginx, "/v1/nothing").header("X-Forwarded-For", "127.0.0.4");
            assertThat(callsLeft(call(bystander, asForger)), is(OptionalInt.of(RATE_LIMIT - 1)));
        }
    }

    @Test
    @Order(2)
    void aForgedAddressIsDefeatedByTheRelayWhenItsPeerIsNoTrustedProxy() throws Exception {
        URI direct = URI.create("http://127.0.0.1:" + relay.port() + "/v1/nothing");
        try (HttpClient forger = client(6, Version.HTTP_1_1);
                HttpClient proxy = client(1, Version.HTTP_1_1)) {
            exhaust(number -> call(
                    forger, HttpRequest.newBuilder(direct).header("X-Forwarded-For", "203.0.113." + number % 256)));
            // The same header from the trusted one counts, so it was not overlooked.
            HttpRequest.Builder forwarded = HttpRequest.newBuilder(direct).header("X-Forwarded-For", "203.0.113.7");
            assertThat(callsLeft(call(proxy, forwarded)), is(OptionalInt.of(RATE_LIMIT - 1)));
        }
    }

    /**
     * Events and signs of life pass at once, although the stream goes on; and when the relay stops it ends in order,
     * not with a 502 or a cut.
     */
    @Test
    @Order(2)
    void aStreamOfEventsIsNotHeldBack() throws Exception {
        for (Version version : List.of(Version.HTTP_1_1, Version.HTTP_2)) {
            RelayProcess streaming = relay(Map.of("STREAM_HEARTBEAT", "1"));
            Nginx front = nginx("nginx-streaming-" + version, NginxFiles.asShipped(), streaming.port());
            HttpClient client = client(60, version);
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

    @Test
    @Order(2)
    void bodiesUpToTheLimitPassAndLargerOnesAre413() throws Exception {
        for (Version version : List.of(Version.HTTP_1_1, Version.HTTP_2)) {
            try (HttpClient client = client(7, version)) {
                assertThat(call(client, opening(sized(body(MAX_BODY)))).statusCode(), is(201));
                assertThat(call(client, opening(chunked(body(MAX_BODY)))).statusCode(), is(201));
                for (BodyPublisher tooLarge :
                        List.of(sized(body(MAX_BODY + 1)), chunked(body(MAX_BODY + 1)), sized(body(4 * MAX_BODY)))) {
                    HttpResponse<String> answer = call(client, opening(tooLarge));
                    assertThat(answer.statusCode(), is(413));
                    assertThat(header(answer, "Content-Type"), is("application/problem+json"));
                    assertThat(json(answer).getString("code"), is("payload_too_large"));
                    assertThat(header(answer, "Cache-Control"), is("no-store"));
                }
            }
        }
        HttpResponse<String> relays;
        try (HttpClient client = client(12, Version.HTTP_1_1)) {
            URI direct = URI.create("http://127.0.0.1:" + relay.port() + "/v1/pairs");
            relays = call(client, opening(sized(body(MAX_BODY + 1))).uri(direct));
        }
        assertThat(relays.statusCode(), is(413));
        assertThat(json(relays).getString("code"), is("payload_too_large"));
    }

    @Test
    @Order(2)
    void answersCarryTheSecurityHeadersOnce() throws Exception {
        try (HttpClient client = client(8, Version.HTTP_2)) {
            for (String path : List.of("/health", "/v1/nothing")) {
                HttpResponse<String> answer = call(client, request(nginx, path));
                assertThat(answer.version(), is(Version.HTTP_2));
                assertThat(answer.headers().allValues("Strict-Transport-Security"), contains("max-age=31536000"));
                assertThat(answer.headers().allValues("X-Content-Type-Options"), contains("nosniff"));
                assertThat(answer.headers().allValues("Cache-Control"), contains("no-store"));
                assertThat(answer.headers().allValues("Server"), everyItem(is("nginx")));
            }
            // The page's own, and no other: two policies allow only what both allow. A relay without the app has them
            // too.
            HttpResponse<String> page = call(client, request(nginx, "/app/"));
            HttpResponse<String> direct =
                    call(client, HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + relay.port() + "/app/")));
            for (String name : List.of("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy")) {
                assertThat(page.headers().allValues(name), hasSize(1));
                assertThat(page.headers().allValues(name), is(direct.headers().allValues(name)));
            }
        }
    }

    @Test
    @Order(2)
    void plainHttpServesChallengesAndRefusesTheApi() throws Exception {
        Files.writeString(nginx.challenges().resolve("token"), "token.thumbprint");
        String plain = "http://127.0.0.1:" + nginx.plainPort();
        try (HttpClient client = client(9, Version.HTTP_1_1)) {
            HttpResponse<String> challenge =
                    call(client, HttpRequest.newBuilder(URI.create(plain + "/.well-known/acme-challenge/token")));
            assertThat(challenge.statusCode(), is(200));
            assertThat(challenge.body(), is("token.thumbprint"));
            assertThat(
                    call(client, HttpRequest.newBuilder(URI.create(plain + "/v1/pairs")))
                            .statusCode(),
                    is(403));
            HttpResponse<String> other = call(client, HttpRequest.newBuilder(URI.create(plain + "/health")));
            assertThat(other.statusCode(), is(301));
            assertThat(header(other, "Location"), is("https://relay.example.org/health"));
        }
    }

    @Test
    @Order(2)
    void theRelaySeesWhatNginxSaysOfAClientAndNothingThatItSaysOfItself() throws Exception {
        try (ScriptedUpstream upstream = new ScriptedUpstream();
                Nginx own = nginx("headers", NginxFiles.asShipped(), upstream.port())) {
            try (HttpClient client = client(10, Version.HTTP_2)) {
                call(
                        client,
                        request(own, "/v1//a/../pairs?wait=5")
                                .header("Authorization", "Bearer hpt_canary")
                                .header("X-Forwarded-For", "203.0.113.1")
                                .header("X-Forwarded-For", "203.0.113.2")
                                .header("X-Real-IP", "203.0.113.3")
                                .header("X-Forwarded-Proto", "http")
                                .header("X-Forwarded-Host", "evil.example")
                                .header("Forwarded", "for=203.0.113.4")
                                .header("X_Forwarded_For", "203.0.113.5"));
            }
            Request request = upstream.takeReceived().getFirst();
            assertThat(request.lines().getFirst(), is("GET /v1//a/../pairs?wait=5 HTTP/1.1"));
            assertThat(request.headers("X-Forwarded-For"), contains("127.0.0.10"));
            assertThat(request.headers("X-Real-IP"), contains("127.0.0.10"));
            assertThat(request.headers("X-Forwarded-Proto"), contains("https"));
            assertThat(request.headers("Authorization"), contains("Bearer hpt_canary"));
            for (String absent : List.of("Connection", "Forwarded", "X-Forwarded-Host", "X_Forwarded_For")) {
                assertThat(absent, request.headers(absent), is(empty()));
            }

            own.close();
            JsonObject line =
                    Json.createReader(new StringReader(own.accessLog())).readObject();
            assertThat(line.getString("client"), is("127.0.0.10"));
            assertThat(line.getInt("status"), is(200));
            for (String secret : List.of("canary", "wait", "203.0.113")) {
                assertThat(own.accessLog(), not(containsString(secret)));
            }
        }
    }

    /**
     * Requests of unclear length: nginx refuses them, and in no case does the relay's side see the one hidden inside.
     */
    @Test
    @Order(2)
    void smugglingIsRefused() throws Exception {
        String hidden = "GET /smuggled HTTP/1.1\r\nHost: relay\r\n\r\n";
        Map<String, String> unclear = new TreeMap<>();
        unclear.put("CL.TE", "Content-Length: 4\r\nTransfer-Encoding: chunked");
        unclear.put("TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 4");
        unclear.put("TE.CL0", "Transfer-Encoding: chunked\r\nContent-Length: 0");
        unclear.put("two lengths", "Content-Length: 5\r\nContent-Length: 0");
        unclear.put("the same length twice", "Content-Length: 5\r\nContent-Length: 5");
        unclear.put("a list of lengths", "Content-Length: 5, 5");
        unclear.put("a signed length", "Content-Length: +5");
        unclear.put("a negative length", "Content-Length: -1");
        unclear.put("a hexadecimal length", "Content-Length: 0x5");
        unclear.put("an endless length", "Content-Length: 99999999999999999999");
        unclear.put("a space before the colon", "Transfer-Encoding : chunked");
        unclear.put("an unknown coding", "Transfer-Encoding: xchunked");
        unclear.put("two codings", "Transfer-Encoding: gzip, chunked");
        unclear.put("chunked twice", "Transfer-Encoding: chunked, chunked");
        unclear.put("a vertical tab", "Transfer-Encoding: \u000bchunked");
        unclear.put("a folded line", "Transfer-Encoding:\r\n chunked");
        unclear.put("a carriage return inside", "X: y\rTransfer-Encoding: chunked\r\nContent-Length: 5");
        unclear.put("a NUL", "Transfer-Encoding: chunked\0");
        try (ScriptedUpstream upstream = new ScriptedUpstream();
                Nginx own = nginx("smuggling", NginxFiles.asShipped(), upstream.port())) {
            for (Map.Entry<String, String> each : unclear.entrySet()) {
                try (RawTls client = RawTls.connect(own, certificate, "http/1.1")) {
                    List<Integer> statuses = client.send("POST /v1/pairs HTTP/1.1\r\nHost: relay\r\n" + each.getValue()
                                    + "\r\n\r\n0\r\n\r\n" + hidden)
                            .statusesUntilClosed();
                    assertThat(each.getKey(), statuses, hasSize(1));
                    assertThat(each.getKey(), statuses.getFirst(), greaterThanOrEqualTo(400));
                    assertThat(each.getKey(), upstream.takeReceived(), is(empty()));
                }
            }
            List<String> chunks =
                    List.of("x\r\nab\r\n0\r\n\r\n", "2\r\nabXX0\r\n\r\n", "fffffffffffffffff\r\n", "-2\r\nab");
            for (String chunk : chunks) {
                try (RawTls client = RawTls.connect(own, certificate, "http/1.1")) {
                    List<Integer> statuses = client.send("POST /v1/pairs HTTP/1.1\r\nHost: relay\r\n"
                                    + "Transfer-Encoding: chunked\r\n\r\n" + chunk + hidden)
                            .statusesUntilClosed();
                    assertThat(chunk, statuses, hasSize(1));
                    assertThat(chunk, statuses.getFirst(), greaterThanOrEqualTo(400));
                    assertThat(chunk, upstream.takeReceived(), is(empty()));
                }
            }
            // What is clear passes, however it was framed, with one length.
            try (RawTls client = RawTls.connect(own, certificate, "http/1.1")) {
                String clear = String.join(
                        "\r\n",
                        "POST /v1/pairs HTTP/1.1",
                        "Host: relay",
                        "Connection: close",
                        "Transfer-Encoding: chunked",
                        "",
                        "5;a=b",
                        "{\"a\":",
                        "2",
                        "1}",
                        "0",
                        "X-Trailer: y",
                        "",
                        "");
                List<Integer> statuses = client.send(clear).statusesUntilClosed();
                assertThat(statuses, contains(200));
                Request request = upstream.takeReceived().getFirst();
                assertThat(request.headers("Content-Length"), contains("7"));
                assertThat(request.headers("Transfer-Encoding"), is(empty()));
                assertThat(request.body(), is("{\"a\":1}"));
            }
        }
    }

    /** HTTP/2 has no framing to confuse, but what is put into its fields could become some on the way to the relay. */
    @Test
    @Order(2)
    void smugglingOverHttp2IsRefused() throws Exception {
        String hidden = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: relay\r\n\r\n";
        Map<String, List<Map.Entry<String, String>>> unclear = Map.of(
                "a length that is too short", List.of(Map.entry("content-length", "4")),
                "a length that is too long", List.of(Map.entry("content-length", "400")),
                "two lengths", List.of(Map.entry("content-length", "4"), Map.entry("content-length", "52")),
                "a line break in a value", List.of(Map.entry("x", "y\r\ntransfer-encoding: chunked")),
                "a line break in a name", List.of(Map.entry("x: y\r\ntransfer-encoding", "chunked")));
        try (ScriptedUpstream upstream = new ScriptedUpstream();
                Nginx own = nginx("smuggling2", NginxFiles.asShipped(), upstream.port())) {
            for (Map.Entry<String, List<Map.Entry<String, String>>> each : unclear.entrySet()) {
                try (RawTls client = RawTls.connect(own, certificate, "h2")) {
                    assertThat(
                            each.getKey(),
                            client.isRefusedOverHttp2(fields("/v1/pairs", each.getValue()), hidden),
                            is(true));
                    assertThat(each.getKey(), upstream.takeReceived(), is(empty()));
                }
            }
            // A field that has no meaning in HTTP/2 stays without one: the body is counted, whatever it says.
            try (RawTls client = RawTls.connect(own, certificate, "h2")) {
                client.isRefusedOverHttp2(
                        fields("/v1/pairs", List.of(Map.entry("transfer-encoding", "chunked"))), hidden);
                for (Request request : upstream.takeReceived()) {
                    assertThat(request.headers("Transfer-Encoding"), is(empty()));
                    assertThat(request.body(), is(hidden));
                }
            }
        }
    }

    /**
     * The relay may close a kept-alive connection just when nginx sends a request into it. Every method is sent again,
     * once.
     */
    @Test
    @Order(2)
    void aRequestThatMeetsADyingConnectionIsSentAgain() throws Exception {
        try (ScriptedUpstream upstream = new ScriptedUpstream();
                Nginx own = nginx("dying", NginxFiles.asShipped(), upstream.port());
                HttpClient client = client(11, Version.HTTP_1_1)) {
            for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE")) {
                // A connection that nginx keeps, and that ends with the next request on it.
                upstream.hangUpOn(_ -> false);
                call(client, request(own, "/v1/warm"));
                int kept = upstream.takeReceived().getFirst().connection();
                upstream.hangUpOn(request -> request.connection() == kept);

                HttpResponse<String> answer =
                        call(client, request(own, "/v1/x").method(method, BodyPublishers.ofString("{}")));

                assertThat(method, answer.statusCode(), is(200));
                List<Request> tries = upstream.takeReceived();
                assertThat(method, tries, hasSize(2));
                assertThat(method, tries.getFirst().connection(), is(kept));
                assertThat(method, tries.getLast().body(), is("{}"));
            }
            upstream.hangUpOn(_ -> true);
            call(client, request(own, "/v1/closes-the-kept-one"));
            upstream.takeReceived();
            assertThat(call(client, request(own, "/v1/x").POST(sized("{}"))).statusCode(), is(502));
            assertThat("a new connection that fails is no reason to try again", upstream.takeReceived(), hasSize(1));
        }
    }

    /**
     * Idle times around those at which nginx (3 s) and the relay (4 s) give a connection up, and around the relay's
     * when it is the first, against all advice: never a 502. The real times are to each other as {@link NginxConfTest}
     * says.
     */
    @Test
    @Order(3)
    void keptAliveConnectionsSurviveIdleTime() throws Exception {
        NginxFiles shipped = NginxFiles.asShipped();
        RelayProcess patient = relay(Map.of("IDLE_TIMEOUT", "4", "RATE_LIMIT_CLIENT", "0"));
        RelayProcess hasty = relay(Map.of("IDLE_TIMEOUT", "1", "RATE_LIMIT_CLIENT", "0"));
        Nginx before =
                nginx("idle3", shipped.with(1, "keepalive_timeout 60s;", "keepalive_timeout 3s;"), patient.port());
        Nginx after = nginx("idle60", shipped, hasty.port());

        List<Future<List<Integer>>> visits = new ArrayList<>();
        for (int lane = 0; lane < 8; lane++) {
            int shift = 12 * lane;
            visits.add(THREADS.submit(
                    () -> visit(before, IntStream.of(2900, 2950, 3000, 3050, 3300, 3900, 4000, 4100), shift)));
            visits.add(THREADS.submit(() -> visit(after, IntStream.range(0, 20).map(i -> 950 + 20 * i), shift)));
        }
        for (Future<List<Integer>> visit : visits) {
            assertThat(visit.get(), everyItem(is(201)));
        }
    }

    /**
     * SIGTERM to the relay's process while a thousand polls wait behind nginx, a fifth of them on connections of their
     * own.
     */
    @Test
    @Order(4)
    void everyParkedPollHearsThatTheRelayShutsDown() throws Exception {
        RelayProcess own = relay(Map.of("RATE_LIMIT_CLIENT", "0"));
        Nginx front = nginx("draining-nginx", NginxFiles.asShipped(), own.port());
        List<HttpClient> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            clients.add(client(20 + i, Version.HTTP_2));
        }
        HttpClient http1 = client(30, Version.HTTP_1_1);
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
            answers.merge(poll.handle(NginxIT::described).get(), 1, Integer::sum);
        }
        assertThat(answers, is(Map.of("503 shutting_down, Retry-After: 1", polls.size())));
        assertThat(own.exit(), is(0));
        clients.forEach(HttpClient::shutdownNow);
    }

    @Test
    @Order(5)
    void pollsOfOverAMinuteAreAnsweredAtTheirEnd() throws Exception {
        assertThat(longPolls, is(aMapWithSize(2)));
        for (Map.Entry<Version, Future<Poll>> each : longPolls.entrySet()) {
            Poll poll = each.getValue().get();
            assertThat(poll.answer().version(), is(each.getKey()));
            assertThat(poll.answer().statusCode(), is(200));
            assertThat(json(poll.answer()).getString("status"), is("pending"));
            // Not how fast it was, but that it really was a poll of over a minute.
            assertThat(poll.took(), greaterThan(Duration.ofSeconds(60)));
        }
    }

    // --- the parts
    // -----------------------------------------------------------------------------------------------------------

    private static RelayProcess relay(Map<String, String> options) throws IOException {
        RelayProcess started = RelayProcess.ofProduct(options, RelayProcess.SMALL_PRODUCT);
        PARTS.add(started);
        return started;
    }

    private static Nginx nginx(String name, NginxFiles files, int relayPort) throws IOException, InterruptedException {
        Nginx started = Nginx.start(Files.createDirectory(folder.resolve(name)), files, certificate, relayPort);
        PARTS.add(started);
        return started;
    }

    /** A client at 127.0.0.{@code host}. */
    private static HttpClient client(int host, Version version) throws IOException {
        HttpClient client = HttpClient.newBuilder()
                .version(version)
                .sslContext(certificate.trusted())
                .localAddress(InetAddress.getByName("127.0.0." + host))
                .executor(THREADS)
                .build();
        PARTS.add(client::shutdownNow);
        return client;
    }

    /** The SDK trusts what Java trusts, so while it is made, that is our certificate. */
    private static <T> T trusting(Callable<T> making) throws Exception {
        SSLContext before = SSLContext.getDefault();
        SSLContext.setDefault(certificate.trusted());
        try {
            return making.call();
        } finally {
            SSLContext.setDefault(before);
        }
    }

    // --- the calls
    // -----------------------------------------------------------------------------------------------------------

    /** A call of the number that it gets. */
    private interface Calling {
        HttpResponse<String> call(int number) throws IOException, InterruptedException;
    }

    /** Calls until the rate limit says no. Some come back while it does, so not exactly after the hundredth. */
    private static void exhaust(Calling calling) throws IOException, InterruptedException {
        for (int number = 0; number < 10 * RATE_LIMIT; number++) {
            HttpResponse<String> answer = calling.call(number);
            if (answer.statusCode() == 429) {
                assertThat(number, is(greaterThanOrEqualTo(RATE_LIMIT)));
                assertThat(json(answer).getString("code"), is("rate_limited"));
                return;
            }
            assertThat(answer.statusCode(), is(404));
        }
        fail("1000 calls of one address, and none was refused");
    }

    private static Poll longPoll(HttpClient client) throws IOException, InterruptedException {
        JsonObject pair = json(call(client, opening(sized(body(0)))));
        long begin = System.nanoTime();
        HttpResponse<String> answer = call(
                client,
                request(nginx, "/v1/pairs/" + pair.getString("pair_id") + "?wait=" + LONG_WAIT)
                        .header("Authorization", "Bearer " + pair.getString("platform_token")));
        return new Poll(answer, Duration.ofNanos(System.nanoTime() - begin));
    }

    /** Calls after each of these pauses on one connection to nginx; the statuses. */
    private static List<Integer> visit(Nginx front, IntStream pausesMillis, int shiftMillis)
            throws IOException, InterruptedException {
        List<Integer> statuses = new ArrayList<>();
        try (HttpClient client = client(40, Version.HTTP_1_1)) {
            for (int pause : pausesMillis.toArray()) {
                statuses.add(call(client, opening(front, sized(body(0)))).statusCode());
                Thread.sleep(pause + shiftMillis); // nginx's own clock is the subject: it cannot be injected
            }
            statuses.add(call(client, opening(front, sized(body(0)))).statusCode());
        }
        return statuses;
    }

    private static HttpRequest.Builder request(Nginx front, String path) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + front.tlsPort() + path));
    }

    private static HttpRequest.Builder opening(BodyPublisher body) {
        return opening(nginx, body);
    }

    private static HttpRequest.Builder opening(Nginx front, BodyPublisher body) {
        return request(front, "/v1/pairs")
                .header("Content-Type", "application/json")
                .POST(body);
    }

    private static HttpResponse<String> call(HttpClient client, HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
    }

    /** What opens a pairing, padded to this many bytes, or not at all if that is too few. */
    private static String body(int bytes) {
        String start = "{\"secret_hash\":\"" + SOME_HASH + "\",\"ignored\":\"";
        return start + "x".repeat(Math.max(0, bytes - start.length() - 2)) + "\"}";
    }

    private static BodyPublisher sized(String body) {
        return BodyPublishers.ofString(body);
    }

    /** Over HTTP/1.1 in chunks, over HTTP/2 without a length. */
    private static BodyPublisher chunked(String body) {
        return BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.getBytes(UTF_8)));
    }

    private static List<Map.Entry<String, String>> fields(String path, List<Map.Entry<String, String>> more) {
        List<Map.Entry<String, String>> fields = new ArrayList<>(List.of(
                Map.entry(":method", "POST"),
                Map.entry(":scheme", "https"),
                Map.entry(":authority", "relay"),
                Map.entry(":path", path)));
        fields.addAll(more);
        return fields;
    }

    // --- the answers
    // ---------------------------------------------------------------------------------------------------------

    private static JsonObject json(HttpResponse<String> answer) {
        return Json.createReader(new StringReader(answer.body())).readObject();
    }

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static OptionalInt callsLeft(HttpResponse<String> answer) {
        Matcher left = CALLS_LEFT.matcher(header(answer, "RateLimit"));
        return left.find() ? OptionalInt.of(Integer.parseInt(left.group(1))) : OptionalInt.empty();
    }

    private static String described(HttpResponse<String> answer, Throwable thrown) {
        if (thrown != null) {
            return thrown.toString();
        }
        String code = answer.body().startsWith("{") ? json(answer).getString("code", "") : answer.body();
        return answer.statusCode() + " " + code + ", Retry-After: " + header(answer, "Retry-After");
    }
}
