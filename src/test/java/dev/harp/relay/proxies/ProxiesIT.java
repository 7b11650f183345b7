package dev.harp.relay.proxies;

import static dev.harp.relay.proxies.Front.with;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;

import dev.harp.testing.Certificate;
import dev.harp.testing.Ports;
import dev.harp.testing.RelayProcess;
import dev.harp.testing.RequestIds;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The relay behind proxies that are not ours, and behind those that {@code deploy/proxies} configures.
 *
 * <p>A proxy that is missing is left out, with a line that says so; on CI that is a failure.
 */
@Tag("long")
@Timeout(120)
class ProxiesIT {
    private static final int MAX_BODY = 131_072;
    private static final int MAX_CIPHERTEXT = 65_536;
    private static final int MAX_ANSWER = 16_384;
    private static final int MOST_TRIES = 50;
    private static final int BAD_GATEWAY = 502;
    private static final String WAITERS = "harp_relay_waiters ";
    private static final String SECRET_HASH = "5e".repeat(32);

    @TempDir
    static Path folder;

    private static final Map<Proxy, Front> FRONTS = new EnumMap<>(Proxy.class);
    private static RelayProcess relay;
    private static Front direct;
    private static Front admin;

    @BeforeAll
    static void start() throws Exception {
        Certificate certificate = Certificate.make(Files.createDirectory(folder.resolve("tls")));
        int adminPort = Ports.free();
        relay = RelayProcess.ofProduct(
                Map.of(
                        "ADMIN_PORT", Integer.toString(adminPort),
                        "STREAM_HEARTBEAT", "1",
                        "RATE_LIMIT_CLIENT", "0",
                        "TRUSTED_PROXIES", "127.0.0.1"),
                RelayProcess.SMALL_PRODUCT);
        direct = Front.none(relay.port());
        admin = Front.none(adminPort);
        for (Proxy proxy : Proxy.values()) {
            if (proxy.canRun()) {
                FRONTS.put(
                        proxy,
                        Front.start(proxy, folder.resolve(proxy.name()), certificate, relay.port(), file -> file));
            }
        }
        // HAProxy takes a relay for down until its first check has passed.
        for (Front front : FRONTS.values()) {
            until(front.url(), () -> status(front, front.request("/health")) == 200);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        for (Front front : FRONTS.values()) {
            front.close();
        }
        direct.close();
        admin.close();
        relay.close();
    }

    /** Without the proxy the test is left out. */
    private static Front front(Proxy proxy) {
        Front front = FRONTS.get(proxy);
        Assumptions.assumeTrue(front != null, proxy + " is missing");
        return Optional.ofNullable(front).orElseThrow();
    }

    /** Each event is awaited before what causes the next one: a proxy that holds one back holds up the test. */
    @ParameterizedTest
    @EnumSource
    void anApprovalWithBodiesAtTheLimitOverStreamsAndPolls(Proxy proxy) throws Exception {
        Front front = front(proxy);
        JsonObject device = front.call(201, with(front.request("/v1/devices"), "POST", "{}"));
        String deviceId = device.getString("device_id");
        String phone = device.getString("device_token");
        JsonObject pair = front.call(
                201, with(front.request("/v1/pairs"), "POST", padded("\"secret_hash\":\"" + SECRET_HASH + "\"")));
        String pairId = pair.getString("pair_id");
        String platform = pair.getString("platform_token");
        try (Front.Events pairs = front.events("/v1/pairs/" + pairId + "/events", platform)) {
            pairs.to("event: current").to(":");
            String payload = "p".repeat(8192);
            front.call(
                    200,
                    with(
                            front.request("/v1/pairs/" + pairId + "/device", phone),
                            "PUT",
                            padded("\"secret_hash\":\"" + SECRET_HASH + "\",\"payload\":\"" + payload + "\"")));
            pairs.to("event: pairing");
            try (Front.Events requests = front.events("/v1/devices/" + deviceId + "/events", phone)) {
                requests.to("event: current").to(":");
                String id = RequestIds.now();
                front.call(
                        201,
                        with(
                                front.request("/v1/requests", platform),
                                "POST",
                                padded("\"request_id\":\"" + id + "\",\"pair_id\":\"" + pairId + "\","
                                        + sealed(MAX_CIPHERTEXT))));
                requests.to("event: request");
                pairs.to("event: request");

                CompletableFuture<HttpResponse<String>> outcome = front.client()
                        .sendAsync(
                                front.request("/v1/requests/" + id + "?wait=300", platform)
                                        .setHeader("Accept-Encoding", "identity")
                                        .build(),
                                BodyHandlers.ofString());
                until("the poll waits", () -> waiting() == 3);
                front.call(
                        200,
                        with(
                                front.request("/v1/requests/" + id + "/response", phone),
                                "PUT",
                                padded(sealed(MAX_ANSWER))));
                pairs.to("event: request");
                assertThat(outcome.get().statusCode(), is(200));
                assertThat(outcome.get().body().contains("\"state\":\"responded\""), is(true));
                JsonObject read = front.call(200, front.request("/v1/requests/" + id, platform));
                assertThat(
                        read.getJsonObject("response").getString("ciphertext").length(), is(MAX_ANSWER));

                front.call(front.request("/v1/pairs/" + pairId, platform).DELETE());
                pairs.to("event: ended").toEnd();
                front.call(front.request("/v1/devices/" + deviceId, phone).DELETE());
                requests.toEnd();
            }
        }
        until("the streams have ended", () -> waiting() == 0);
    }

    /** Their status, media type, {@code Retry-After} and body are those of the relay. */
    @ParameterizedTest
    @EnumSource
    void errorsComeAsTheRelaySendsThem(Proxy proxy) throws Exception {
        List<Front.Answer> wanted = errors(direct);
        assertThat(
                wanted.stream().map(Front.Answer::status).toList(),
                is(List.of(404, 405, 401, 401, 400, 400, 415, 413, 413)));
        assertThat(errors(front(proxy)), is(wanted));
    }

    private static List<Front.Answer> errors(Front front) throws IOException, InterruptedException {
        List<Front.Answer> answers = new ArrayList<>();
        answers.add(front.call(front.request("/v1/nothing")));
        answers.add(front.call(with(front.request("/v1/pairs"), "DELETE", "{}")));
        answers.add(front.call(front.request("/v1/pairs/pair_000000000000")));
        answers.add(front.call(front.request("/v1/pairs/pair_000000000000", "hpt_wrong")));
        answers.add(front.call(with(front.request("/v1/pairs"), "POST", "{]")));
        answers.add(front.call(with(front.request("/v1/pairs"), "POST", "{\"secret_hash\":7}")));
        answers.add(front.call(front.request("/v1/pairs").POST(BodyPublishers.ofString("{}"))));
        for (int size : List.of(MAX_BODY + 1, 4 * MAX_BODY)) {
            answers.add(tooLarge(front, "{\"a\":\"" + "x".repeat(size) + "\"}"));
        }
        return answers;
    }

    /**
     * An answer may come before the body has been sent, and then the connection ends. A client that still sends may see
     * that end first, so it asks again. So may a proxy, which then answers 502. Over HTTP/2, HAProxy cancels such a
     * stream, and Java takes that for no answer.
     */
    private static Front.Answer tooLarge(Front front, String body) throws IOException, InterruptedException {
        for (int tries = 1; ; tries++) {
            try {
                Front.Answer answer = front.call(
                        with(front.request("/v1/pairs"), "POST", body).version(Version.HTTP_1_1));
                if (answer.status() != BAD_GATEWAY || tries == MOST_TRIES) {
                    return answer;
                }
            } catch (IOException e) {
                if (tries == MOST_TRIES) {
                    throw e;
                }
            }
        }
    }

    /** Node and HAProxy have limits of their own, which are not above the relay's unless they are raised. */
    @ParameterizedTest
    @EnumSource
    void headersThatAreTooLarge(Proxy proxy) throws Exception {
        Front front = front(proxy);
        Front.Answer wanted = direct.call(large(direct));
        assertThat(wanted.status(), is(431));
        Front.Answer answer = front.call(large(front));
        if (proxy == Proxy.NODE_THAT_COMPRESSES) {
            assertThat(answer.status(), is(431));
        } else if (proxy == Proxy.HAPROXY_THAT_COMPRESSES) {
            assertThat(answer.status(), is(400));
        } else {
            assertThat(answer, is(wanted));
        }
    }

    private static HttpRequest.Builder large(Front front) {
        HttpRequest.Builder request = front.request("/v1/about");
        for (String name : List.of("X-A", "X-B", "X-C")) {
            request.header(name, "x".repeat(6000));
        }
        return request;
    }

    /**
     * Of a client that ends its connection or its call while it waits. Node's library does not tell the relay of it,
     * nor does HAProxy during a poll without {@code option abortonclose}: there such places end with the wait, or when
     * newer calls displace them.
     */
    @ParameterizedTest
    @EnumSource(
            names = {"NODE_THAT_COMPRESSES"},
            mode = EnumSource.Mode.EXCLUDE)
    void thePlaceOfAClientThatHasGoneIsFree(Proxy proxy) throws Exception {
        Front front = front(proxy);
        JsonObject pair =
                front.call(201, with(front.request("/v1/pairs"), "POST", "{\"secret_hash\":\"" + SECRET_HASH + "\"}"));
        String path = "/v1/pairs/" + pair.getString("pair_id");
        String token = pair.getString("platform_token");
        until("no one waits", () -> waiting() == 0);
        try (Front.Events events = front.events(path + "/events", token)) {
            events.to("event: current");
            assertThat(waiting(), is(1L));
        }
        until("the stream's place is free", () -> waiting() == 0);
        if (proxy == Proxy.HAPROXY_THAT_COMPRESSES) {
            return;
        }
        CompletableFuture<HttpResponse<String>> poll = front.client()
                .sendAsync(front.request(path + "?wait=300", token).build(), BodyHandlers.ofString());
        until("the poll waits", () -> waiting() == 1);
        poll.cancel(true);
        until("the poll's place is free", () -> waiting() == 0);
    }

    @ParameterizedTest
    @EnumSource(names = {"CADDY", "HAPROXY"})
    void theClientsAddressIsTheOneThatTheProxySees(Proxy proxy) throws Exception {
        Front front = front(proxy);
        JsonObject about = front.call(
                200,
                front.request("/v1/about")
                        .header("X-Forwarded-For", "203.0.113.1")
                        .header("X-Forwarded-For", "203.0.113.2, 127.0.0.1")
                        .header("X-Real-IP", "203.0.113.3")
                        .header("Forwarded", "for=203.0.113.4"));
        assertThat(about.getString("client_address"), is("127.0.0.9"));
        assertThat(about.getString("forwarded"), is("used"));
    }

    @ParameterizedTest
    @EnumSource(names = {"CADDY", "HAPROXY"})
    void plainHttpRefusesTheApi(Proxy proxy) throws Exception {
        Front front = front(proxy);
        try (Front plain = Front.none(front.plainPort())) {
            assertThat(plain.call(plain.request("/v1/about")).status(), is(403));
            HttpResponse<String> page =
                    plain.client().send(plain.request("/app/?a=b").build(), BodyHandlers.ofString());
            assertThat(page.statusCode(), is(301));
            assertThat(
                    page.headers().firstValue("Location").orElseThrow().matches("https://[a-z0-9.:]+/app/\\?a=b"),
                    is(true));
        }
    }

    private static String sealed(int length) {
        return "\"nonce\":\"nonce000\",\"ciphertext\":\"" + "c".repeat(length) + "\"";
    }

    private static String padded(String members) {
        String start = "{" + members + ",\"ignored\":\"";
        String text = start + "x".repeat(MAX_BODY - start.length() - 2) + "\"}";
        assertThat(text.length(), lessThan(MAX_BODY + 1));
        return text;
    }

    private static int status(Front front, HttpRequest.Builder request) {
        try {
            return front.client().send(request.build(), BodyHandlers.ofString()).statusCode();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Calls and streams that wait at the relay. */
    private static long waiting() {
        try {
            return Arrays.stream(admin.call(admin.request("/metrics")).body().split("\n", -1))
                    .filter(line -> line.startsWith(WAITERS))
                    .mapToLong(line -> (long) Double.parseDouble(line.substring(WAITERS.length())))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
