package dev.harp.relay.nginx;

import static dev.harp.relay.nginx.NginxSite.PATIENCE;
import static dev.harp.relay.nginx.NginxSite.body;
import static dev.harp.relay.nginx.NginxSite.call;
import static dev.harp.relay.nginx.NginxSite.chunked;
import static dev.harp.relay.nginx.NginxSite.header;
import static dev.harp.relay.nginx.NginxSite.json;
import static dev.harp.relay.nginx.NginxSite.opening;
import static dev.harp.relay.nginx.NginxSite.request;
import static dev.harp.relay.nginx.NginxSite.sized;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
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
import dev.harp.testing.RelayProcess;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * The relay behind {@code deploy/nginx}, as an operator runs it.
 *
 * <p>The polls of over a minute are begun first and looked at last, so that the rest happens meanwhile.
 */
@EnabledIf(value = "dev.harp.relay.nginx.NginxSite#canRun", disabledReason = NginxSite.NO_NGINX)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NginxIT {
    private static final int LONG_WAIT = 65;
    private static final int MAX_BODY = 131_072;
    private static final int RATE_LIMIT = 100;
    private static final Pattern CALLS_LEFT = Pattern.compile("\"client\";r=([0-9]+)");

    @TempDir
    static Path folder;

    private static NginxSite site;
    private static RelayProcess relay;
    private static Nginx nginx;
    private static Map<Version, Future<Poll>> longPolls;

    private record Poll(HttpResponse<String> answer, Duration took) {}

    @BeforeAll
    static void start() throws IOException, InterruptedException, GeneralSecurityException {
        site = new NginxSite(folder);
        relay = site.relay(Map.of("TRUSTED_PROXIES", "127.0.0.1"));
        nginx = site.nginx("nginx", NginxFiles.asShipped(), relay.port());
        longPolls = Map.of(
                Version.HTTP_1_1, site.threads.submit(() -> longPoll(site.client(65, Version.HTTP_1_1))),
                Version.HTTP_2, site.threads.submit(() -> longPoll(site.client(66, Version.HTTP_2))));
    }

    @AfterAll
    static void stop() throws IOException {
        site.close();
    }

    @Test
    @Order(1)
    void aWholeApprovalGoesThroughTls() throws Exception {
        String url = "https://127.0.0.1:" + nginx.tlsPort();
        Environment environment = Environment.system();
        DeviceStore store = DeviceStore.inMemory();
        try (PairingSession session = site.trusting(
                        () -> PairingSession.open(PairingSession.Settings.of(url, "deploy-bot", "host"), environment));
                Device device = site.trusting(() -> new Device(url, store, environment))) {
            Device.JoinResult result = device.join(
                    session.link().format(), PairingLink.Http.LOOPBACK_ONLY, "phone", Optional.empty(), List.of());
            Joining joining = ((Device.Begun) result).joining();
            assertThat(session.awaitDevice(), instanceOf(PairingSession.Joined.class));
            var greeted = (Joining.Greeted) joining.awaitHello();
            assertThat(session.check(greeted.handshake().checkCode()), is(PairingSession.Check.RIGHT));
            assertThat(joining.confirm(), is(Joining.Confirmation.PAIRED));
            PlatformCredentials credentials = ((PairingSession.Paired) session.complete()).credentials();

            try (Platform platform =
                    site.trusting(() -> new Platform(credentials, RequestJournal.inMemory(), environment))) {
                String cursor = device.list().cursor();
                Future<Inbox> phone = site.threads.submit(() -> device.list(Optional.of(cursor), PATIENCE));
                Future<Outcome> outcome = site.threads.submit(
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
        try (HttpClient one = site.client(2, Version.HTTP_1_1);
                HttpClient other = site.client(3, Version.HTTP_2)) {
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
        try (HttpClient forger = site.client(4, Version.HTTP_1_1);
                HttpClient bystander = site.client(5, Version.HTTP_1_1)) {
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
        try (HttpClient forger = site.client(6, Version.HTTP_1_1);
                HttpClient proxy = site.client(1, Version.HTTP_1_1)) {
            exhaust(number -> call(
                    forger, HttpRequest.newBuilder(direct).header("X-Forwarded-For", "203.0.113." + number % 256)));
            // The same header from the trusted one counts, so it was not overlooked.
            HttpRequest.Builder forwarded = HttpRequest.newBuilder(direct).header("X-Forwarded-For", "203.0.113.7");
            assertThat(callsLeft(call(proxy, forwarded)), is(OptionalInt.of(RATE_LIMIT - 1)));
        }
    }

    @Test
    @Order(2)
    void bodiesUpToTheLimitPassAndLargerOnesAre413() throws Exception {
        for (Version version : List.of(Version.HTTP_1_1, Version.HTTP_2)) {
            try (HttpClient client = site.client(7, version)) {
                assertThat(call(client, opening(nginx, sized(body(MAX_BODY)))).statusCode(), is(201));
                assertThat(call(client, opening(nginx, chunked(body(MAX_BODY)))).statusCode(), is(201));
                for (BodyPublisher tooLarge :
                        List.of(sized(body(MAX_BODY + 1)), chunked(body(MAX_BODY + 1)), sized(body(4 * MAX_BODY)))) {
                    HttpResponse<String> answer = call(client, opening(nginx, tooLarge));
                    assertThat(answer.statusCode(), is(413));
                    assertThat(header(answer, "Content-Type"), is("application/problem+json"));
                    assertThat(json(answer).getString("code"), is("payload_too_large"));
                    assertThat(header(answer, "Cache-Control"), is("no-store"));
                }
            }
        }
        HttpResponse<String> relays;
        try (HttpClient client = site.client(12, Version.HTTP_1_1)) {
            URI direct = URI.create("http://127.0.0.1:" + relay.port() + "/v1/pairs");
            relays = call(client, opening(nginx, sized(body(MAX_BODY + 1))).uri(direct));
        }
        assertThat(relays.statusCode(), is(413));
        assertThat(json(relays).getString("code"), is("payload_too_large"));
    }

    @Test
    @Order(2)
    void answersCarryTheSecurityHeadersOnce() throws Exception {
        try (HttpClient client = site.client(8, Version.HTTP_2)) {
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
        try (HttpClient client = site.client(9, Version.HTTP_1_1)) {
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
    @Tag("long")
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
        JsonObject pair = json(call(client, opening(nginx, sized(body(0)))));
        long begin = System.nanoTime();
        HttpResponse<String> answer = call(
                client,
                request(nginx, "/v1/pairs/" + pair.getString("pair_id") + "?wait=" + LONG_WAIT)
                        .header("Authorization", "Bearer " + pair.getString("platform_token")));
        return new Poll(answer, Duration.ofNanos(System.nanoTime() - begin));
    }

    private static OptionalInt callsLeft(HttpResponse<String> answer) {
        Matcher left = CALLS_LEFT.matcher(header(answer, "RateLimit"));
        return left.find() ? OptionalInt.of(Integer.parseInt(left.group(1))) : OptionalInt.empty();
    }
}
