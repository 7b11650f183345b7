package dev.harp.relay;

import static dev.harp.testing.Await.until;
import static dev.harp.testing.FakeServer.response;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.protocol.WebhookSchedule;
import dev.harp.testing.FakeServer.Request;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.Receiver;
import dev.harp.testing.RedisServer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** Webhooks on stores that outlive a relay: what is pending survives, and of several relays one tells. */
@Timeout(300)
class WebhookStoresTest {
    private static final TestRelay.Outside OUTSIDE =
            new TestRelay.Outside(_ -> List.of(InetAddress.ofLiteral("127.0.0.1")), TestRelay.Outside.NONE.trust());

    @TempDir
    private Path directory;

    private static TestRelay on(String store) {
        return TestRelay.start(
                OUTSIDE, "WEBHOOK_ALLOW=" + Receiver.HOST, "STORE=" + store, "MAX_STORED_BYTES=1000000000");
    }

    private static String onRedis() {
        try (Jedis redis = RedisServer.shared().client()) {
            redis.flushAll();
        }
        return RedisServer.shared().url();
    }

    private static String submitted(TestRelay relay, TestRelay.Pair pair, Receiver receiver) {
        return submitted(relay, pair, receiver.url("/"));
    }

    private static String submitted(TestRelay relay, TestRelay.Pair pair, String url) {
        String id = relay.newId();
        relay.post(
                        "/v1/requests",
                        pair.platform(),
                        TestRelay.envelope(
                                pair, id, ",\"callback_url\":\"" + url + "\",\"callback_secret\":\"0123456789abcdef\""))
                .is(201);
        return id;
    }

    @Test
    void whatIsPendingInAFileSurvives() throws Exception {
        survives("file:" + directory);
    }

    @Test
    void whatIsPendingInRedisSurvives() throws Exception {
        survives(onRedis());
    }

    /** The receiver is down, then the relay is; the next relay tells. */
    private static void survives(String store) throws Exception {
        try (Receiver receiver = Receiver.plain()) {
            receiver.answers(response(503, ""));
            String failed;
            try (TestRelay relay = on(store)) {
                TestRelay.Pair pair = relay.pair();
                String id = submitted(relay, pair, receiver);
                relay.respond(pair, id).is(200);
                failed = receiver.next().header("webhook-id");
                until(() -> AdminTest.metrics(relay).contains("harp_relay_webhooks_total{outcome=\"failed\"} 1"));
            }
            try (TestRelay relay = on(store)) {
                relay.advance(WebhookSchedule.BETWEEN);
                Request again = receiver.next();
                assertThat(again.header("webhook-id"), is(failed));
                assertThat(again.body(), containsString("request.responded"));
            }
        }
    }

    /** A relay that tells nobody is busy with nothing, and loses nothing: the next one that tells does. */
    @Test
    void switchedOffLeavesWhatIsPending() throws Exception {
        String store = "file:" + directory;
        try (Receiver receiver = Receiver.plain()) {
            receiver.answers(response(503, ""));
            try (TestRelay relay = on(store)) {
                TestRelay.Pair pair = relay.pair();
                String id = submitted(relay, pair, receiver);
                relay.respond(pair, id).is(200);
                var _ = receiver.next();
                until(() -> AdminTest.metrics(relay).contains("harp_relay_webhooks_total{outcome=\"failed\"} 1"));
            }
            try (TestRelay relay = TestRelay.start("WEBHOOKS=off", "STORE=" + store, "MAX_STORED_BYTES=1000000000")) {
                relay.advance(WebhookSchedule.BETWEEN);
                relay.advance(WebhookSchedule.CLAIM);
                assertThat(receiver.waiting(), is(0));
            }
            try (TestRelay relay = on(store)) {
                relay.advance(
                        WebhookSchedule.BETWEEN.plus(WebhookSchedule.CLAIM).plus(WebhookSchedule.CLAIM));
                assertThat(receiver.next().body(), containsString("request.responded"));
            }
        }
    }

    /** Four relays, each stopped while a receiver hangs: none of that counts as an attempt of three. */
    @Test
    void aStopCostsNoAttempt() throws Exception {
        String store = "file:" + directory;
        Duration passed = Duration.ZERO;
        try (ServerSocket receiver = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            for (int stop = 0; stop < 4; stop++) {
                try (TestRelay relay = on(store)) {
                    relay.advance(passed);
                    if (stop == 0) {
                        TestRelay.Pair pair = relay.pair();
                        String id = submitted(relay, pair, "http://" + Receiver.HOST + ":" + receiver.getLocalPort());
                        relay.respond(pair, id).is(200);
                    }
                    receiver.accept().getInputStream().read();
                }
                passed = passed.plus(WebhookSchedule.CLAIM);
            }
            try (TestRelay relay = on(store)) {
                relay.advance(passed);
                try (Socket call = receiver.accept()) {
                    call.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    until(() -> AdminTest.metrics(relay).contains("harp_relay_webhooks_total{outcome=\"received\"} 1"));
                }
                assertThat(AdminTest.metrics(relay), containsString("harp_relay_webhooks_total{outcome=\"failed\"} 0"));
            }
        }
    }

    /** Two relays, a hundred requests that end at either: each end is told, and told once. */
    @Test
    void ofTwoRelaysOneTells() throws Exception {
        String store = onRedis();
        try (Receiver receiver = Receiver.plain();
                TestRelay one = on(store);
                TestRelay other = on(store)) {
            TestRelay.Pair pair = one.pair();
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                ids.add(submitted(i % 2 == 0 ? one : other, pair, receiver));
            }
            List<CompletableFuture<HttpAnswer>> answers = new ArrayList<>();
            for (String id : ids) {
                String response = "{\"nonce\":\"AAAA\",\"ciphertext\":\"AAAA\"}";
                answers.add(one.later(
                        "PUT", "/v1/requests/" + id + "/response", pair.phone().token(), response));
                answers.add(other.later(
                        "PUT", "/v1/requests/" + id + "/response", pair.phone().token(), response));
            }
            answers.forEach(answer -> answer.join().is(200));
            Set<String> told = new HashSet<>();
            for (int i = 0; i < ids.size(); i++) {
                assertThat(told.add(receiver.next().header("webhook-id")), is(true));
            }
            // What is received and not yet stored as such would be due again when its claim lapses.
            until(() -> WebhookTest.outcomes(one, "received") + WebhookTest.outcomes(other, "received") == ids.size());
            one.advance(WebhookSchedule.CLAIM);
            other.advance(WebhookSchedule.CLAIM);
            assertThat(receiver.waiting(), is(0));
        }
    }
}
