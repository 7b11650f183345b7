package dev.harp.relay;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.sun.net.httpserver.HttpServer;
import dev.harp.relay.outbound.Post;
import dev.harp.relay.protocol.PushSchedule;
import dev.harp.relay.push.Browser;
import dev.harp.relay.push.ExpoDouble;
import dev.harp.relay.push.VapidKeys;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.TestApp;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Push by a service that behaves as Expo does: the request's record after each fault (docs/protocol.md, section 7.12).
 */
@Timeout(300)
class PushTest {
    private static TestRelay.Pair pair(TestRelay relay, String token) {
        TestRelay.Pair pair = relay.pair();
        relay.patch("/v1/devices/" + pair.phone().id(), pair.phone().token(), "{\"push_token\":\"" + token + "\"}")
                .is(200);
        return pair;
    }

    private static Optional<String> push(TestRelay relay, TestRelay.Pair pair, String id) {
        return Optional.of(relay.get("/v1/requests/" + id, pair.platform()).is(200))
                .filter(answer -> answer.body().contains("\"push\""))
                .map(answer -> answer.text("push"));
    }

    private static double notNow(TestRelay relay) {
        return notNow(relay, "expo");
    }

    private static double notNow(TestRelay relay, String service) {
        return AdminTest.metrics(relay)
                .lines()
                .filter(line ->
                        line.startsWith("harp_relay_pushes_total{outcome=\"not_now\",service=\"" + service + "\"}"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                .sum();
    }

    @Test
    void theTimelineTellsWhatBecameOfTheWakeUp() throws Exception {
        try (ExpoDouble expo = new ExpoDouble();
                TestRelay relay = TestRelay.start("PUSH=expo", "EXPO_URL=" + expo.url())) {
            expo.ticketErrors.put("ExponentPushToken[gone]", "DeviceNotRegistered");
            expo.ticketErrors.put("ExponentPushToken[big]", "MessageTooBig");
            Map<String, ExpoDouble.Fault> once = new LinkedHashMap<>();
            once.put("429", ExpoDouble.says(429, "{}", "Retry-After", "5"));
            once.put("503", ExpoDouble.says(503, "out of order"));
            once.put("nonsense", ExpoDouble.says(200, "{\"data\":"));
            once.put("tickets", ExpoDouble.tickets(2));
            once.put("cut", ExpoDouble.resets());
            Map<String, String> timeline = new LinkedHashMap<>();
            for (String token : new String[] {"fine", "gone", "big", "429", "503", "nonsense", "tickets", "cut"}) {
                TestRelay.Pair pair = pair(relay, "ExponentPushToken[" + token + "]");
                double before = notNow(relay);
                if (once.containsKey(token)) {
                    expo.next(once.get(token));
                }
                String id = relay.submitted(pair);
                String first = "";
                if (once.containsKey(token)) {
                    until(() -> notNow(relay) == before + 1);
                    first = push(relay, pair, id).orElse("not known yet") + ", then ";
                    // Long enough for whatever pause the service or the breaker wants.
                    relay.pass(Duration.ofMinutes(10));
                    relay.advance(Duration.ofSeconds(10));
                }
                until(() -> push(relay, pair, id).isPresent());
                timeline.put(token, first + push(relay, pair, id).orElseThrow());
                assertThat(relay.state(pair, id), is("pending"));
            }
            TestRelay.Pair none = relay.pair();
            timeline.put("no token", push(relay, none, relay.submitted(none)).orElseThrow());
            timeline.forEach((token, push) -> System.out.println("push: " + token + " -> " + push));
            String again = "not known yet, then accepted";
            assertThat(
                    timeline,
                    is(Map.of(
                            "fine",
                            "accepted",
                            "gone",
                            "token_dead",
                            "big",
                            "failed",
                            "429",
                            again,
                            "503",
                            again,
                            "nonsense",
                            again,
                            "tickets",
                            again,
                            "cut",
                            again,
                            "no token",
                            "none")));
            expo.sends().forEach(call -> {
                assertThat(call.body(), containsString("\"request_id\""));
                assertThat(call.body(), not(containsString("Y2lwaGVydGV4dA")));
            });
        }
    }

    /** A service that stays down: push is given up after a few attempts, and the request is not affected. */
    @Test
    void unavailableServiceFailsOnlyThePush() throws Exception {
        try (ExpoDouble expo = new ExpoDouble();
                TestRelay relay = TestRelay.start("PUSH=expo", "EXPO_URL=" + expo.url())) {
            ExpoDouble.Fault down = ExpoDouble.says(500, "down");
            expo.next(down, down, down, down, down, down, down, down);
            TestRelay.Pair pair = pair(relay, "ExponentPushToken[x]");
            String id = relay.submitted(pair, 3600);
            for (int attempt = 1; attempt <= PushSchedule.ATTEMPTS; attempt++) {
                int soFar = attempt;
                until(() -> notNow(relay) == soFar);
                relay.pass(Duration.ofMinutes(10));
                relay.advance(Duration.ofSeconds(60));
            }
            until(() -> push(relay, pair, id).equals(Optional.of("failed")));
            relay.respond(pair, id).is(200);
            assertThat(relay.state(pair, id), is("responded"));
        }
    }

    /** An invalid token is cleared: there is no push for the next request until the device gives another token. */
    @Test
    void invalidTokenIsUsedOnce() throws Exception {
        try (ExpoDouble expo = new ExpoDouble();
                TestRelay relay = TestRelay.start("PUSH=expo", "EXPO_URL=" + expo.url())) {
            expo.ticketErrors.put("ExponentPushToken[old]", "DeviceNotRegistered");
            TestRelay.Pair pair = pair(relay, "ExponentPushToken[old]");
            String first = relay.submitted(pair);
            until(() -> push(relay, pair, first).equals(Optional.of("token_dead")));
            assertThat(push(relay, pair, relay.submitted(pair)), is(Optional.of("none")));
            relay.patch(
                            "/v1/devices/" + pair.phone().id(),
                            pair.phone().token(),
                            "{\"push_token\":\"ExponentPushToken[new]\"}")
                    .is(200);
            String third = relay.submitted(pair);
            until(() -> push(relay, pair, third).equals(Optional.of("accepted")));
            assertThat(expo.sends().size(), is(2));
        }
    }

    /** A device chooses its endpoint, so WEBHOOK_ALLOW does not apply to Web Push. */
    @Test
    void webhookAllowDoesNotApplyToWebPush() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        HttpServer inTheHouse = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        inTheHouse.createContext("/", exchange -> {
            calls.incrementAndGet();
            exchange.sendResponseHeaders(201, -1);
            exchange.close();
        });
        inTheHouse.start();
        String endpoint = "http://127.0.0.1:" + inTheHouse.getAddress().getPort() + "/admin";
        try {
            assertThat(webPush(endpoint, "WEBHOOK_ALLOW=127.0.0.1"), is("not now"));
            assertThat(calls.get(), is(0));
            assertThat(webPush(endpoint, "PUSH_ALLOW=127.0.0.1"), is("accepted"));
            assertThat(calls.get(), is(1));
        } finally {
            inTheHouse.stop(0);
        }
    }

    /** With push on by default, a stranger with a device but no pairing makes the relay call nobody. */
    @Test
    void onlyARequestOfAPairingCallsTheEndpoint() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        HttpServer service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        service.createContext("/", exchange -> {
            calls.incrementAndGet();
            exchange.sendResponseHeaders(201, -1);
            exchange.close();
        });
        service.start();
        String endpoint = "http://127.0.0.1:" + service.getAddress().getPort() + "/push";
        try (TestRelay relay = TestRelay.start("PUBLIC_URL=https://relay.example.org", "PUSH_ALLOW=127.0.0.1")) {
            String token = Browser.fresh().subscription(endpoint).replace("\"", "\\\"");
            HttpAnswer registered = relay.post("/v1/devices", TestRelay.NO_TOKEN, "{\"push_token\":\"" + token + "\"}")
                    .is(201);
            TestRelay.Phone phone = new TestRelay.Phone(registered.text("device_id"), registered.text("device_token"));
            relay.get("/v1/devices/" + phone.id() + "/requests", phone.token()).is(200);
            TestRelay.Pair pair = relay.pair(phone);
            relay.patch("/v1/devices/" + phone.id(), phone.token(), "{\"push_token\":\"" + token + "\"}")
                    .is(200);
            relay.advance(Duration.ofSeconds(30));
            assertThat(calls.get(), is(0));
            String id = relay.submitted(pair);
            until(() -> push(relay, pair, id).equals(Optional.of("accepted")));
            assertThat(calls.get(), is(1));
            relay.delete("/v1/pairs/" + pair.id(), pair.platform()).is(204);
            relay.submit(pair, relay.newId()).is(410);
            assertThat(calls.get(), is(1));
        } finally {
            service.stop(0);
        }
    }

    /** A browser that shows the message itself opens its page, so there has to be one. */
    @Test
    void aMessageIsDeclarativeWhereItsPageIs() throws Exception {
        String https = "PUBLIC_URL=https://relay.example.org";
        TestRelay.Outside bare = new TestRelay.Outside(_ -> List.of(), Post.publicTrust(), TestApp.missing("no Node."));
        assertThat(typeOfMessage(TestRelay.Outside.NONE, https), is("application/notification+json"));
        assertThat(typeOfMessage(TestRelay.Outside.NONE, https, "APP=off"), is("application/octet-stream"));
        assertThat(typeOfMessage(bare, https), is("application/octet-stream"));
        String[] plain = {"PUBLIC_URL=http://localhost:8787", "PUSH=webpush", "VAPID_SUBJECT=mailto:me@example.org"};
        assertThat(typeOfMessage(TestRelay.Outside.NONE, plain), is("application/octet-stream"));
    }

    private static String typeOfMessage(TestRelay.Outside outside, String... options) throws Exception {
        AtomicReference<String> type = new AtomicReference<>("none");
        HttpServer service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        service.createContext("/", exchange -> {
            type.set(exchange.getRequestHeaders().getFirst("Content-Type"));
            exchange.sendResponseHeaders(201, -1);
            exchange.close();
        });
        service.start();
        String endpoint = "http://127.0.0.1:" + service.getAddress().getPort() + "/push";
        String[] all = Stream.concat(Stream.of("PUSH_ALLOW=127.0.0.1"), Stream.of(options))
                .toArray(String[]::new);
        try (TestRelay relay = TestRelay.start(outside, all)) {
            TestRelay.Pair pair =
                    pair(relay, Browser.fresh().subscription(endpoint).replace("\"", "\\\""));
            String id = relay.submitted(pair);
            until(() -> push(relay, pair, id).equals(Optional.of("accepted")));
            return type.get();
        } finally {
            service.stop(0);
        }
    }

    private static String webPush(String endpoint, String option) throws GeneralSecurityException {
        try (TestRelay relay = TestRelay.start(
                "PUSH=webpush",
                "VAPID_KEY=" + VapidKeys.generate().text(),
                "VAPID_SUBJECT=mailto:push@example.org",
                option)) {
            TestRelay.Pair pair =
                    pair(relay, Browser.fresh().subscription(endpoint).replace("\"", "\\\""));
            String id = relay.submitted(pair);
            until(() -> notNow(relay, "webpush") > 0 || push(relay, pair, id).isPresent());
            return push(relay, pair, id).orElse("not now");
        }
    }

    /** Where the relay could never send to it; a relay without Web Push keeps what a device gives. */
    @Test
    void aMalformedSubscriptionIsRefusedAtOnce() {
        String body = "{\"push_token\":\"{\\\"endpoint\\\":\\\"https://push.example.org/1\\\"}\"}";
        try (TestRelay relay = TestRelay.start("PUSH=webpush", "VAPID_SUBJECT=mailto:push@example.org");
                TestRelay other = TestRelay.start("PUSH=off")) {
            TestRelay.Phone phone = relay.pair().phone();
            for (HttpAnswer refused : List.of(
                    relay.post("/v1/devices", TestRelay.NO_TOKEN, body),
                    relay.patch("/v1/devices/" + phone.id(), phone.token(), body))) {
                assertThat(
                        refused.is(400, "invalid_request").text("detail"), containsString("no Web Push subscription"));
            }
            TestRelay.Phone kept = other.pair().phone();
            other.patch("/v1/devices/" + kept.id(), kept.token(), body).is(200);
        }
    }
}
