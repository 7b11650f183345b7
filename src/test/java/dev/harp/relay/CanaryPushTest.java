package dev.harp.relay;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.harp.relay.push.Browser;
import dev.harp.relay.push.ExpoDouble;
import dev.harp.relay.push.VapidKeys;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.LogCapture;
import jakarta.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Push tokens and the relay's credentials appear in no log, metric or error, although the failing service quotes them.
 */
@Timeout(300)
class CanaryPushTest {
    private static final String TOKEN = "ExponentPushToken[CanaryExpo0815]";
    private static final String ACCESS = "canary-access-token-0815";
    private static final String PATH = "CanaryPush0815";

    private final List<String> errors = new ArrayList<>();

    private TestRelay.Pair pair(TestRelay relay, String token) {
        String body =
                Json.createObjectBuilder().add("push_token", token).build().toString();
        HttpAnswer registered =
                relay.post("/v1/devices", TestRelay.NO_TOKEN, body).is(201);
        // Errors, too: a malformed token, and one that is too long.
        for (String wrong : List.of(token + "\u0007", token.repeat(1 + 4096 / token.length()))) {
            HttpAnswer refused = relay.patch(
                            "/v1/devices/" + registered.text("device_id"),
                            registered.text("device_token"),
                            Json.createObjectBuilder()
                                    .add("push_token", wrong)
                                    .build()
                                    .toString())
                    .is(400);
            errors.add(refused.lines() + refused.body());
        }
        TestRelay.Phone phone = new TestRelay.Phone(registered.text("device_id"), registered.text("device_token"));
        HttpAnswer early =
                relay.patch("/v1/devices/" + phone.id(), phone.token(), body).is(409);
        errors.add(early.lines() + early.body());
        TestRelay.Pair pair = relay.pair(phone);
        relay.patch("/v1/devices/" + phone.id(), phone.token(), body).is(200);
        return pair;
    }

    /** Waits for the outcome: in the record, or counted as not_now. */
    private static String outcome(TestRelay relay, TestRelay.Pair pair, String service) {
        double before = notNow(relay, service);
        String id = relay.submitted(pair);
        until(() -> notNow(relay, service) > before || told(relay, pair, id));
        String outcome = told(relay, pair, id)
                ? relay.get("/v1/requests/" + id, pair.platform()).text("push")
                : "not now";
        relay.delete("/v1/requests/" + id, pair.platform()).is(204);
        // Longer than any pause of the service or the breaker.
        relay.pass(Duration.ofMinutes(10));
        return outcome;
    }

    private static boolean told(TestRelay relay, TestRelay.Pair pair, String id) {
        return relay.get("/v1/requests/" + id, pair.platform()).body().contains("\"push\"");
    }

    private static double notNow(TestRelay relay, String service) {
        return AdminTest.metrics(relay)
                .lines()
                .filter(line ->
                        line.startsWith("harp_relay_pushes_total{outcome=\"not_now\",service=\"" + service + "\"}"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                .sum();
    }

    private void assertSilent(LogCapture log, TestRelay relay, List<String> secrets) {
        String metrics = AdminTest.metrics(relay);
        for (String secret : secrets) {
            assertThat("the log", log.text(), not(containsString(secret)));
            assertThat("the metrics", metrics, not(containsString(secret)));
            assertThat("an error", String.join("\n", errors), not(containsString(secret)));
        }
    }

    @Test
    void byExpo() throws Exception {
        try (ExpoDouble expo = new ExpoDouble();
                LogCapture log = LogCapture.ofEverything();
                TestRelay relay =
                        TestRelay.start("PUSH=expo", "EXPO_URL=" + expo.url(), "EXPO_ACCESS_TOKEN=" + ACCESS)) {
            String quoted = "\\\"" + TOKEN + "\\\" and " + ACCESS;
            Map<String, ExpoDouble.Fault> faults = new LinkedHashMap<>();
            for (int status : new int[] {400, 401, 403, 404, 413, 429, 500, 302}) {
                faults.put(
                        "status " + status,
                        ExpoDouble.says(
                                status,
                                "{\"errors\":[{\"code\":\"" + quoted + "\",\"message\":\"" + quoted
                                        + "\",\"details\":{\"" + TOKEN + "\":[\"" + TOKEN + "\"]}}]}",
                                status == 302 ? "Location" : "Retry-After",
                                TOKEN));
            }
            faults.put("not JSON", ExpoDouble.says(200, TOKEN + ACCESS));
            faults.put("other JSON", ExpoDouble.says(200, "{\"data\":[\"" + quoted + "\"]}"));
            faults.put(
                    "ticket with an error of its own",
                    ExpoDouble.says(
                            200,
                            "{\"data\":[{\"status\":\"error\",\"message\":\"" + quoted + "\",\"details\":{\"error\":\""
                                    + quoted + "\"}}]}"));
            faults.put(
                    "ticket of that name",
                    ExpoDouble.says(200, "{\"data\":[{\"status\":\"ok\",\"id\":\"" + TOKEN + "\"}]}"));
            faults.put("cut", ExpoDouble.resets());
            Map<String, String> outcomes = new LinkedHashMap<>();
            TestRelay.Pair pair = pair(relay, TOKEN);
            faults.forEach((what, fault) -> {
                expo.next(fault);
                outcomes.put(what, outcome(relay, pair, "expo"));
            });
            expo.ticketErrors.put(TOKEN, "InvalidCredentials");
            outcomes.put("credentials", outcome(relay, pair, "expo"));
            expo.ticketErrors.put(TOKEN, "DeviceNotRegistered");
            outcomes.put("dead, quoted in the message", outcome(relay, pair, "expo"));
            System.out.println("quoted by Expo: " + outcomes);
            assertThat(outcomes.get("dead, quoted in the message"), is("token_dead"));
            expo.sends().forEach(call -> assertThat("the token was sent", call.body(), containsString(TOKEN)));
            assertThat(log.text(), containsString("push_refused"));
            assertThat(log.text(), containsString("push_credentials_invalid"));
            assertThat(log.text(), containsString("push_failed"));
            assertSilent(log, relay, List.of("CanaryExpo0815", ACCESS));
        }
    }

    @Test
    void byWebPush() throws Exception {
        AtomicInteger next = new AtomicInteger();
        List<Integer> statuses = List.of(201, 400, 401, 403, 413, 429, 500, 302, 200, 410);
        List<String> came = java.util.Collections.synchronizedList(new ArrayList<>());
        HttpServer service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        service.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        service.createContext("/", exchange -> {
            came.add(exchange.getRequestURI().toString());
            quote(exchange, statuses.get(next.getAndIncrement() % statuses.size()));
        });
        service.start();
        VapidKeys keys = VapidKeys.generate();
        String vapid = keys.text();
        try (LogCapture log = LogCapture.ofEverything();
                TestRelay relay = TestRelay.start(
                        "PUSH=webpush",
                        "VAPID_KEY=" + vapid,
                        "VAPID_SUBJECT=mailto:canary@example.org",
                        "PUSH_ALLOW=127.0.0.1")) {
            String origin = "http://127.0.0.1:" + service.getAddress().getPort();
            String subscription = Browser.fresh().subscription(origin + "/" + PATH + "?" + PATH);
            List<String> secrets = new ArrayList<>(List.of(PATH, vapid.substring(vapid.indexOf('.') + 1)));
            try (var reader = Json.createReader(new java.io.StringReader(subscription))) {
                var shared = reader.readObject().getJsonObject("keys");
                secrets.addAll(List.of(shared.getString("p256dh"), shared.getString("auth")));
            }
            TestRelay.Pair pair = pair(relay, subscription);
            Map<Integer, String> outcomes = new LinkedHashMap<>();
            for (int status : statuses) {
                outcomes.put(status, outcome(relay, pair, "webpush"));
            }
            System.out.println("quoted by a push service: " + outcomes);
            assertThat(outcomes.get(201), is("accepted"));
            assertThat(outcomes.get(410), is("token_dead"));
            assertThat(came.size(), is(statuses.size()));
            came.forEach(target -> assertThat(target, containsString(PATH)));
            // And a service that does not exist.
            service.stop(0);
            TestRelay.Pair other = pair(relay, Browser.fresh().subscription(origin + "/" + PATH));
            assertThat(outcome(relay, other, "webpush"), is("not now"));
            assertThat(log.text(), containsString("push_failed"));
            assertSilent(log, relay, secrets);
        } finally {
            service.stop(0);
        }
    }

    /** Quotes the request in the answer's fields and body. */
    private static void quote(HttpExchange exchange, int status) throws IOException {
        try (exchange) {
            var _ = exchange.getRequestBody().readAllBytes();
            String asked = exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Authorization");
            exchange.getResponseHeaders().set("Location", "http://127.0.0.1:1/" + PATH);
            exchange.getResponseHeaders().set("Retry-After", asked);
            exchange.getResponseHeaders().set("X-Asked", asked);
            byte[] body = asked.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
