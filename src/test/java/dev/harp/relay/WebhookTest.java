package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.testing.Await.until;
import static dev.harp.testing.FakeServer.response;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.standardwebhooks.Webhook;
import dev.harp.relay.outbound.AddressGuard;
import dev.harp.relay.protocol.WebhookSchedule;
import dev.harp.testing.Certificate;
import dev.harp.testing.FakeServer.Request;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.Receiver;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Webhooks over real sockets: what receivers get, and what the relay does not call (docs/protocol.md, section 7.11).
 */
@Timeout(300)
class WebhookTest {
    private static final String SECRET = "whsec_"
            + Base64.getEncoder().encodeToString(new byte[] {
                1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24
            });
    private static final List<InetAddress> LOOPBACK = List.of(InetAddress.ofLiteral("127.0.0.1"));
    private static final List<InetAddress> PUBLIC = List.of(InetAddress.ofLiteral("93.184.215.14"));

    /** How many open requests a pairing may have. */
    private static final int OPEN = 100;

    @TempDir
    static Path folder;

    private static Certificate certificate;

    @BeforeAll
    static void makeCertificate() throws Exception {
        certificate = Certificate.make(folder, 2, "DNS:" + Receiver.HOST);
    }

    private static TestRelay relay(AddressGuard.Names names, String allow) {
        return relay(names, "WEBHOOK_ALLOW=" + allow, "WEBHOOK_PORTS=443, 8443");
    }

    private static TestRelay relay(AddressGuard.Names names, String... options) {
        return TestRelay.start(
                new TestRelay.Outside(names, certificate.trusted().getSocketFactory()), options);
    }

    private static TestRelay relay() {
        return relay(_ -> LOOPBACK, Receiver.HOST);
    }

    private static HttpAnswer submit(TestRelay relay, TestRelay.Pair pair, String id, String url) {
        return relay.post(
                "/v1/requests",
                pair.platform(),
                TestRelay.envelope(
                        pair, id, ",\"callback_url\":\"" + url + "\",\"callback_secret\":\"" + SECRET + "\""));
    }

    private static String submitted(TestRelay relay, TestRelay.Pair pair, String url) {
        String id = relay.newId();
        submit(relay, pair, id, url).is(201);
        return id;
    }

    private static JsonObject json(Request got) {
        return Json.createReader(new StringReader(got.body())).readObject();
    }

    /**
     * Independent of the relay's implementation: by the Standard Webhooks library, and HARP's signature in ten lines.
     */
    private static void verify(TestRelay relay, Request got) throws Exception {
        long seconds = relay.now().getEpochSecond();
        assertThat(got.header("X-HumanAuth-Timestamp"), is("" + seconds));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        byte[] own = mac.doFinal((seconds + "." + got.body()).getBytes(StandardCharsets.UTF_8));
        assertThat(got.header("X-HumanAuth-Signature"), is(HexFormat.of().formatHex(own)));
        assertThat(
                new Webhook(SECRET).sign(got.header("webhook-id"), seconds, got.body()),
                is(got.header("webhook-signature")));
        assertThat(got.header("webhook-timestamp"), is("" + seconds));
        assertThat(json(got).getString("event_id"), is(got.header("webhook-id")));
        assertThat(got.header("Content-Type"), is("application/json"));
        OpenApiCheck.API.checkNotice(got.body());
    }

    @Test
    void deliveredThenRespondedBothSigned() throws Exception {
        try (Receiver receiver = Receiver.tls(certificate);
                TestRelay relay = relay()) {
            TestRelay.Pair pair = relay.pair();
            String id = submitted(relay, pair, receiver.url("/hook?tenant=7"));
            relay.list(pair.phone()).is(200);
            relay.respond(pair, id).is(200);
            Request delivered = receiver.next();
            verify(relay, delivered);
            assertThat(delivered.method() + " " + delivered.target(), is("POST /hook?tenant=7"));
            assertThat(delivered.header("Host"), is(Receiver.HOST + ":" + receiver.port()));
            assertThat(json(delivered).getString("event"), is("request.delivered"));
            assertThat(json(delivered).getString("request_id"), is(id));
            assertThat(json(delivered).getString("pair_id"), is(pair.id()));
            assertThat(json(delivered).containsKey("response"), is(false));
            Request responded = receiver.next();
            verify(relay, responded);
            assertThat(json(responded).getString("state"), is("responded"));
            assertThat(json(responded).getJsonObject("response").getString("ciphertext"), is("YW5zd2Vy"));
            assertThat(responded.header("webhook-id"), is(not(delivered.header("webhook-id"))));
            relay.assertWell();
        }
    }

    @Test
    void cancelledAndExpiredAreSent() throws Exception {
        try (Receiver receiver = Receiver.tls(certificate);
                TestRelay relay = relay()) {
            TestRelay.Pair pair = relay.pair();
            String cancelled = submitted(relay, pair, receiver.url("/"));
            relay.delete("/v1/requests/" + cancelled, pair.platform()).is(204);
            assertThat(json(receiver.next()).getString("event"), is("request.cancelled"));
            String expired = submitted(relay, pair, receiver.url("/"));
            relay.advance(Duration.ofSeconds(300));
            JsonObject told = json(receiver.next());
            assertThat(told.getString("event") + " " + told.getString("request_id"), is("request.expired " + expired));
        }
    }

    /** Three attempts with the same id and body, each with its own time. */
    @Test
    void failedWebhookIsAttemptedThreeTimes() throws Exception {
        try (Receiver receiver = Receiver.tls(certificate);
                TestRelay relay = relay()) {
            receiver.answers(
                    response(500, ""), response(302, "", "Location: " + receiver.url("/elsewhere")), response(503, ""));
            TestRelay.Pair pair = relay.pair();
            String id = submitted(relay, pair, receiver.url("/hook"));
            relay.delete("/v1/requests/" + id, pair.platform()).is(204);
            Request first = receiver.next();
            verify(relay, first);
            for (int attempt = 2; attempt <= WebhookSchedule.ATTEMPTS; attempt++) {
                int soFar = attempt - 1;
                until(() -> failed(relay) == soFar);
                relay.advance(WebhookSchedule.BETWEEN);
                Request again = receiver.next();
                verify(relay, again);
                assertThat(again.target(), is("/hook"));
                assertThat(again.body(), is(first.body()));
                assertThat(again.header("webhook-id"), is(first.header("webhook-id")));
            }
            until(() -> failed(relay) == WebhookSchedule.ATTEMPTS);
            relay.advance(Duration.ofSeconds(100));
            assertThat(receiver.waiting(), is(0));
            assertThat(relay.state(pair, id), is("cancelled"));
        }
    }

    private static double failed(TestRelay relay) {
        return outcomes(relay, "failed");
    }

    static double outcomes(TestRelay relay, String outcome) {
        return AdminTest.metrics(relay)
                .lines()
                .filter(line -> line.startsWith("harp_relay_webhooks_total{outcome=\"" + outcome + "\"}"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                .sum();
    }

    @Test
    void receiverMayAskForAPause() throws Exception {
        try (Receiver receiver = Receiver.tls(certificate);
                TestRelay relay = relay()) {
            receiver.answers(response(429, "", "Retry-After: 30"));
            TestRelay.Pair pair = relay.pair();
            String id = submitted(relay, pair, receiver.url("/"));
            relay.delete("/v1/requests/" + id, pair.platform()).is(204);
            var _ = receiver.next();
            until(() -> failed(relay) == 1);
            relay.advance(Duration.ofSeconds(29));
            assertThat(receiver.waiting(), is(0));
            relay.advance(Duration.ofSeconds(1));
            var _ = receiver.next();
        }
    }

    @Test
    void goneEndsTheWebhook() throws Exception {
        try (Receiver receiver = Receiver.tls(certificate);
                TestRelay relay = relay()) {
            receiver.answers(response(410, ""));
            TestRelay.Pair pair = relay.pair();
            String id = submitted(relay, pair, receiver.url("/"));
            relay.list(pair.phone()).is(200);
            var _ = receiver.next();
            until(() -> outcomes(relay, "gone") == 1);
            relay.respond(pair, id).is(200);
            relay.advance(Duration.ofSeconds(60));
            assertThat(receiver.waiting(), is(0));
        }
    }

    /** DNS rebinding: a public address at submission, an internal one at the attempt, which is not called. */
    @Test
    void reboundNameIsNotCalled() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (Receiver receiver = Receiver.tls(certificate);
                TestRelay relay = relay(
                        _ -> asked.getAndIncrement() == 0 ? PUBLIC : LOOPBACK,
                        "WEBHOOK_ALLOW=",
                        "WEBHOOK_PORTS=" + receiver.port())) {
            TestRelay.Pair pair = relay.pair();
            String id = submitted(relay, pair, receiver.url("/"));
            relay.delete("/v1/requests/" + id, pair.platform()).is(204);
            until(() -> failed(relay) == 1);
            assertThat(receiver.waiting(), is(0));
            assertThat(asked.get(), is(2));
        }
    }

    /** A certificate for another name ends the call before anything is sent. */
    @Test
    void certificateOfAnotherNameIsRefused() throws Exception {
        try (Receiver receiver = Receiver.tls(certificate);
                TestRelay relay = relay(_ -> LOOPBACK, "other.example")) {
            TestRelay.Pair pair = relay.pair();
            String id = submitted(relay, pair, "https://other.example:" + receiver.port() + "/");
            relay.delete("/v1/requests/" + id, pair.platform()).is(204);
            until(() -> failed(relay) == 1);
            assertThat(receiver.waiting(), is(0));
        }
    }

    @Test
    void forbiddenUrlsAreRefusedAtSubmission() {
        try (TestRelay relay = relay(HostileNames::addresses, "")) {
            TestRelay.Pair pair = relay.pair();
            for (String url : List.of(
                    "http://good.example/",
                    "https://localhost/",
                    "https://127.0.0.1/",
                    "https://169.254.169.254/latest/meta-data/",
                    "https://[::ffff:10.0.0.1]/",
                    "https://inside.example/",
                    "https://nowhere.example/",
                    "x")) {
                HttpAnswer refused = submit(relay, pair, relay.newId(), url).is(400, "invalid_request");
                assertThat(refused.text("detail"), containsString("callback_url"));
            }
            relay.list(pair.phone()).is(200);
            for (String members : List.of(
                    ",\"callback_url\":\"https://good.example/\"",
                    ",\"callback_secret\":\"" + SECRET + "\"",
                    ",\"callback_url\":\"https://good.example/\",\"callback_secret\":\"short\"",
                    ",\"callback_url\":7,\"callback_secret\":\"" + SECRET + "\"",
                    ",\"callback_url\":\"https://good.example/" + "a".repeat(2048) + "\",\"callback_secret\":\""
                            + SECRET + "\"")) {
                relay.post("/v1/requests", pair.platform(), TestRelay.envelope(pair, relay.newId(), members))
                        .is(400, "invalid_request");
            }
            assertThat(relay.list(pair.phone()).body().contains("request_id"), is(false));
            submit(relay, pair, relay.newId(), "https://good.example/").is(201);
            relay.assertWell();
        }
    }

    private static final class HostileNames {
        static List<InetAddress> addresses(String name) {
            return switch (name) {
                case "good.example" -> PUBLIC;
                case "inside.example" -> List.of(InetAddress.ofLiteral("10.0.0.1"));
                case "localhost" -> LOOPBACK;
                default -> List.of();
            };
        }
    }

    @Test
    void webhooksCanBeSwitchedOff() {
        try (TestRelay relay = TestRelay.start("WEBHOOKS=off")) {
            TestRelay.Pair pair = relay.pair();
            assertThat(
                    submit(relay, pair, relay.newId(), "https://good.example/")
                            .is(400, "invalid_request")
                            .text("detail"),
                    containsString("sends no webhooks"));
            relay.get("/health", NO_TOKEN).is(200);
        }
    }

    /** A thousand webhooks to a receiver that never answers, and a thousand to a good one at the same time. */
    @Test
    void hangingReceiverDelaysNoOther() throws Exception {
        int many = 10 * OPEN;
        Queue<Socket> held = new ConcurrentLinkedQueue<>();
        try (Receiver good = Receiver.plain();
                ServerSocket bad = new ServerSocket(0, 4096, InetAddress.getLoopbackAddress());
                TestRelay relay = relay(_ -> LOOPBACK, Receiver.HOST)) {
            Thread holder = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        held.add(bad.accept());
                    }
                } catch (IOException _) {
                    // the test is over
                }
            });
            TestRelay.Phone phone = relay.phone();
            List<TestRelay.Pair> bads = new ArrayList<>();
            Map<TestRelay.Pair, List<String>> goods = new HashMap<>();
            for (int i = 0; i < many / OPEN; i++) {
                TestRelay.Pair one = relay.pair(phone);
                TestRelay.Pair other = relay.pair(phone);
                bads.add(one);
                for (int j = 0; j < OPEN; j++) {
                    var _ = submitted(relay, one, "http://" + Receiver.HOST + ":" + bad.getLocalPort() + "/");
                    goods.computeIfAbsent(other, _ -> new ArrayList<>()).add(submitted(relay, other, good.url("/")));
                }
            }
            // A thousand at once: each of their requests is cancelled with its pairing.
            bads.forEach(pair ->
                    relay.delete("/v1/pairs/" + pair.id(), pair.platform()).is(204));
            long[] times = new long[many];
            int i = 0;
            for (Map.Entry<TestRelay.Pair, List<String>> pair : goods.entrySet()) {
                for (String id : pair.getValue()) {
                    long begin = System.nanoTime();
                    relay.delete("/v1/requests/" + id, pair.getKey().platform()).is(204);
                    var _ = good.next();
                    times[i++] = System.nanoTime() - begin;
                }
            }
            long[] sorted = LongStream.of(times).sorted().toArray();
            System.out.printf(
                    "%d webhooks to a good receiver beside as many to one that hangs: p50 %.1f ms, p99 %.1f ms, max"
                            + " %.1f ms%n",
                    many, sorted[many / 2] / 1e6, sorted[many * 99 / 100] / 1e6, sorted[many - 1] / 1e6);
            until(() -> outcomes(relay, "received") == many); // counted after the receiver has answered
            bad.close();
            holder.join();
        } finally {
            for (Socket socket : held) {
                socket.close();
            }
        }
    }
}
