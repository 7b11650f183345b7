package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.relay.TestRelay.SECRET;
import static dev.harp.relay.TestRelay.START;
import static dev.harp.relay.TestRelay.UNKNOWN_PLATFORM;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.relay.TestRelay.Phone;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The interface, call by call, as {@code docs/protocol.md} states it; the numbers are its sections. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@SuppressWarnings({"CanonicalDuration", "StringConcatToTextBlock"}) // seconds, as the protocol counts
class ApiTest extends WithRelay {
    private static final String OPENING = "{\"secret_hash\":\"" + SECRET + "\"}";
    private static final String ANSWER = "{\"nonce\":\"AAAA\",\"ciphertext\":\"AAAA\"}";
    private static final long NOW = START.getEpochSecond();

    private static int ran;

    @BeforeAll
    static void forget() {
        OpenApiCheck.API.forgetSeen();
        ran = 0;
    }

    ApiTest() {
        ran++;
    }

    private static List<JsonObject> requests(HttpAnswer list) {
        return list.is(200).json().getJsonArray("requests").getValuesAs(JsonObject.class);
    }

    private static List<String> ids(HttpAnswer list) {
        return requests(list).stream().map(item -> item.getString("request_id")).toList();
    }

    // --- 4 Pairings ---

    /** 4.1, 4.2, 4.4: the whole of it. */
    @Test
    void pairing() {
        TestRelay relay = start();
        HttpAnswer opened = relay.post(
                        "/v1/pairs",
                        NO_TOKEN,
                        "{\"secret_hash\":\"" + SECRET.toUpperCase(Locale.ROOT) + "\",\"ttl\":60,\"unknown\":[1]}")
                .is(201);
        String id = opened.text("pair_id");
        String token = opened.text("platform_token");
        assertThat(opened.header("Location").orElse(""), is("/v1/pairs/" + id));
        assertThat(opened.number("expires_at"), is(NOW + 60));
        HttpAnswer pending = relay.get("/v1/pairs/" + id, token).is(200);
        assertThat(pending.text("status"), is("pending"));
        assertThat(pending.number("expires_at"), is(NOW + 60));
        relay.advance(Duration.ofSeconds(59));
        Phone phone = relay.phone();
        HttpAnswer bound = relay.put(
                        "/v1/pairs/" + id + "/device",
                        phone.token(),
                        "{\"secret_hash\":\"" + SECRET + "\",\"payload\":\"a2V5cw\"}")
                .is(200);
        assertThat(bound.text("pair_id"), is(id));
        assertThat(bound.number("paired_at"), is(NOW + 59));
        HttpAnswer active = relay.get("/v1/pairs/" + id, token).is(200);
        assertThat(active.text("status"), is("active"));
        assertThat(active.text("payload"), is("a2V5cw"));
        assertThat(active.text("device_id"), is(phone.id()));
        assertThat(active.json().containsKey("expires_at"), is(false));
        relay.advance(Duration.ofDays(400));
        relay.get("/v1/pairs/" + id, token).is(200);
    }

    /** 4.2: a retry is safe, and nobody else gets in. */
    @Test
    void bindingAgain() {
        TestRelay relay = start();
        Pair session = relay.session();
        Phone phone = relay.phone();
        String body = "{\"secret_hash\":\"" + SECRET + "\",\"payload\":\"a2V5cw\"}";
        String target = "/v1/pairs/" + session.id() + "/device";
        relay.put(target, phone.token(), body).is(200);
        relay.advance(Duration.ofSeconds(5));
        assertThat(relay.put(target, phone.token(), body).is(200).number("paired_at"), is(NOW));
        relay.put(target, phone.token(), OPENING).is(409, "already_paired");
        relay.put(target, phone.token(), body.replace("a2V5cw", "b3RoZXI")).is(409, "already_paired");
        relay.put(target, relay.phone().token(), body).is(409, "already_paired");
        relay.put(target, phone.token(), body.replace(SECRET, "0".repeat(64))).is(403, "wrong_secret");
    }

    /** 4.3: four wrong secrets are forgiven, the fifth closes. */
    @Test
    void wrongSecrets() {
        TestRelay relay = start();
        for (int wrong : new int[] {4, 5}) {
            Pair session = relay.session();
            for (int i = 0; i < wrong; i++) {
                relay.put(
                                "/v1/pairs/" + session.id() + "/device",
                                relay.phone().token(),
                                "{\"secret_hash\":\"" + "0".repeat(64) + "\"}")
                        .is(403, "wrong_secret");
            }
            if (wrong == 4) {
                relay.bind(session, relay.phone()).is(200);
            } else {
                relay.bind(session, relay.phone()).is(410, "pairing_expired");
                relay.get("/v1/pairs/" + session.id(), session.platform()).is(410, "pairing_expired");
                relay.delete("/v1/pairs/" + session.id(), session.platform()).is(410, "pairing_expired");
                relay.submit(session, relay.newId()).is(410, "pairing_expired");
            }
        }
    }

    /** 4.4: a session that ends without a device, and is forgotten. */
    @Test
    void pairingExpires() {
        TestRelay relay = start();
        Pair session = relay.session();
        CompletableFuture<HttpAnswer> poll = relay.park("/v1/pairs/" + session.id(), session.platform());
        relay.advance(Duration.ofSeconds(300));
        poll.join().is(410, "pairing_expired");
        relay.bind(session, relay.phone()).is(410, "pairing_expired");
        relay.advance(Duration.ofSeconds(299));
        relay.get("/v1/pairs/" + session.id(), session.platform()).is(410, "pairing_expired");
        relay.advance(Duration.ofSeconds(1));
        relay.get("/v1/pairs/" + session.id(), session.platform()).is(401, "unauthorized");
        relay.bind(session, relay.phone()).is(403, "wrong_secret");
    }

    /** 4.4: the poll, which the device ends. */
    @Test
    void waitingForTheDevice() {
        TestRelay relay = start();
        Pair session = relay.session();
        CompletableFuture<HttpAnswer> poll = relay.park("/v1/pairs/" + session.id(), session.platform());
        relay.bind(session, relay.phone()).is(200);
        assertThat(poll.join().is(200).text("status"), is("active"));
        assertThat(
                relay.get("/v1/pairs/" + session.id() + "?wait=500", session.platform())
                        .text("status"),
                is("active"));
    }

    /** 4.5: by either side, and what becomes of everything. */
    @Test
    void revocation() {
        TestRelay relay = start();
        for (boolean byDevice : new boolean[] {false, true}) {
            Pair pair = relay.pair();
            String open = relay.submitted(pair);
            String over = relay.submitted(pair);
            relay.respond(pair, over).is(200);
            String cursor = relay.list(pair.phone()).text("cursor");
            CompletableFuture<HttpAnswer> outcome = relay.park("/v1/requests/" + open, pair.platform());
            CompletableFuture<HttpAnswer> list = relay.park(
                    "/v1/devices/" + pair.phone().id() + "/requests?after=" + cursor,
                    pair.phone().token());
            HttpAnswer revoked = relay.delete(
                            "/v1/pairs/" + pair.id(), byDevice ? pair.phone().token() : pair.platform())
                    .is(204);
            assertThat(revoked.body(), is(""));
            assertThat(outcome.join().is(200).text("state"), is("cancelled"));
            assertThat(requests(list.join()).getFirst().keySet(), is(Set.of("request_id", "pair_id", "state")));
            relay.get("/v1/pairs/" + pair.id(), pair.platform()).is(410, "pair_revoked");
            relay.delete("/v1/pairs/" + pair.id(), pair.platform()).is(410, "pair_revoked");
            relay.delete("/v1/pairs/" + pair.id(), pair.phone().token()).is(410, "pair_revoked");
            relay.bind(pair, pair.phone()).is(410, "pair_revoked");
            relay.submit(pair, relay.newId()).is(410, "pair_revoked");
            relay.submit(pair, open).is(410, "pair_revoked");
            relay.respond(pair, open).is(410, "request_cancelled");
            assertThat(relay.state(pair, over), is("responded"));
            relay.advance(Duration.ofSeconds(299));
            assertThat(relay.state(pair, open), is("cancelled"));
            relay.advance(Duration.ofSeconds(2));
            relay.get("/v1/requests/" + over, pair.platform()).is(401);
            relay.get("/v1/pairs/" + pair.id(), pair.platform()).is(401);
        }
        Pair session = relay.session();
        relay.delete("/v1/pairs/" + session.id(), session.platform()).is(204);
        relay.get("/v1/pairs/" + session.id(), session.platform()).is(410, "pair_revoked");
    }

    /** 2.5 */
    @Test
    void registrationKey() {
        TestRelay relay = start("REGISTRATION_KEY=an-operators-key-123");
        relay.post("/v1/pairs", NO_TOKEN, OPENING).is(401, "unauthorized");
        relay.post("/v1/pairs", "another-operators-key", OPENING).is(401, "unauthorized");
        relay.post("/v1/pairs", "an-operators-key-123", OPENING).is(201);
        relay.phone();
        start().post("/v1/pairs", "whatever", OPENING).is(201);
    }

    // --- 5 Devices ---

    /** 5.1, 5.2, 5.3 */
    @Test
    void device() {
        TestRelay relay = start();
        HttpAnswer registered = relay.post("/v1/devices", NO_TOKEN, "{\"push_token\":\"fcm:x y~\"}")
                .is(201);
        Phone phone = new Phone(registered.text("device_id"), registered.text("device_token"));
        String target = "/v1/devices/" + phone.id();
        for (String change : List.of("{\"push_token\":\"apns:1\"}", "{\"push_token\":null}", "{\"push_token\":null}")) {
            assertThat(relay.patch(target, phone.token(), change).is(200).text("device_id"), is(phone.id()));
        }
        relay.patch(target, phone.token(), "{}").is(400, "invalid_request");
        Pair first = relay.pair(phone);
        Pair second = relay.pair(phone);
        String id = relay.submitted(second);
        relay.delete(target, phone.token()).is(204);
        relay.get("/v1/pairs/" + first.id(), first.platform()).is(410, "pair_revoked");
        assertThat(relay.state(second, id), is("cancelled"));
        relay.delete(target, phone.token()).is(401, "unauthorized");
        relay.list(phone).is(401, "unauthorized");
    }

    /** 5.4 */
    @Test
    void unusedDevicesAreForgotten() {
        TestRelay relay = start();
        Phone unused = relay.phone();
        Pair pair = relay.pair();
        relay.advance(Duration.ofMinutes(10).minusSeconds(1));
        relay.list(unused).is(200);
        relay.advance(Duration.ofSeconds(1));
        relay.list(unused).is(401);
        relay.advance(Duration.ofDays(30));
        relay.list(pair.phone()).is(200);
        relay.delete("/v1/pairs/" + pair.id(), pair.platform()).is(204);
        relay.advance(Duration.ofHours(23));
        relay.list(pair.phone()).is(200);
        relay.advance(Duration.ofDays(3));
        relay.list(pair.phone()).is(401);
    }

    // --- 6 The device list ---

    /** 6.1, 6.2, 6.6 */
    @Test
    void openRequestsOldestFirst() {
        TestRelay relay = start();
        Pair first = relay.pair();
        Pair second = relay.pair(first.phone());
        String a = relay.submitted(first);
        relay.advance(Duration.ofSeconds(1));
        String b = relay.submitted(second, 60);
        String c = relay.submitted(first);
        relay.respond(first, c).is(200);
        HttpAnswer list = relay.list(first.phone());
        assertThat(ids(list), is(List.of(a, b)));
        JsonObject item = requests(list).get(1);
        assertThat(item.getString("state"), is("delivered"));
        assertThat(item.getString("pair_id"), is(second.id()));
        assertThat(item.getString("nonce"), is("bm9uY2U"));
        assertThat(item.getString("ciphertext"), is("Y2lwaGVydGV4dA"));
        assertThat(item.getInt("created_at"), is((int) NOW + 1));
        assertThat(item.getInt("expires_at"), is((int) NOW + 61));
        assertThat(list.json().containsKey("reset"), is(false));
        relay.advance(Duration.ofSeconds(60));
        assertThat(ids(relay.list(first.phone())), is(List.of(a)));
    }

    /** 6.3 */
    @Test
    void changesPastACursor() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String a = relay.submitted(pair);
        String cursor = relay.list(pair.phone()).text("cursor");
        assertThat(requests(relay.list(pair.phone(), cursor)), is(empty()));
        String b = relay.submitted(pair);
        relay.delete("/v1/requests/" + a, pair.platform()).is(204);
        HttpAnswer changes = relay.list(pair.phone(), cursor);
        assertThat(ids(changes), is(List.of(b, a)));
        assertThat(requests(changes).get(1).getString("state"), is("cancelled"));
        assertThat(ids(relay.list(pair.phone(), cursor)), is(List.of(b, a)));
        relay.respond(pair, b).is(200);
        assertThat(ids(relay.list(pair.phone(), changes.text("cursor"))), is(List.of()));
    }

    /** 6.1, 6.4: a list that is cut, read to its end. */
    @Test
    void longList() {
        TestRelay relay = start("MAX_OPEN_REQUESTS=1000");
        Pair pair = relay.pair();
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            all.add(relay.submitted(pair));
        }
        List<String> read = new ArrayList<>();
        HttpAnswer page = relay.list(pair.phone());
        while (!requests(page).isEmpty()) {
            read.addAll(ids(page));
            page = relay.list(pair.phone(), page.text("cursor"));
        }
        assertThat(read, is(all));
    }

    /** 6.4 */
    @Test
    void reset() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String cursor = relay.list(pair.phone()).text("cursor");
        String id = relay.submitted(pair);
        relay.delete("/v1/requests/" + id, pair.platform()).is(204);
        relay.advance(Duration.ofSeconds(306));
        HttpAnswer anew = relay.get(
                        "/v1/devices/" + pair.phone().id() + "/requests?wait=500&after=" + cursor,
                        pair.phone().token())
                .is(200);
        assertThat(anew.json().getBoolean("reset"), is(true));
        assertThat(requests(anew), is(empty()));
        assertThat(relay.list(pair.phone(), anew.text("cursor")).json().containsKey("reset"), is(false));
        assertThat(relay.list(pair.phone(), "999").json().getBoolean("reset"), is(true));
        relay.list(pair.phone(), "x").is(400, "invalid_parameter");
    }

    /** 6.5 */
    @Test
    void waitingForRequests() {
        TestRelay relay = start("MAX_WAIT=1");
        Pair pair = relay.pair();
        CompletableFuture<HttpAnswer> poll = relay.later(
                "GET",
                "/v1/devices/" + pair.phone().id() + "/requests?wait=1",
                pair.phone().token(),
                NO_BODY);
        assertThat(requests(poll.join()), is(empty()));
        TestRelay patient = start();
        Pair other = patient.pair();
        CompletableFuture<HttpAnswer> list = patient.park(
                "/v1/devices/" + other.phone().id() + "/requests", other.phone().token());
        String id = patient.submitted(other);
        assertThat(ids(list.join()), is(List.of(id)));
        String cursor = list.join().text("cursor");
        CompletableFuture<HttpAnswer> changes = patient.park(
                "/v1/devices/" + other.phone().id() + "/requests?after=" + cursor,
                other.phone().token());
        patient.delete("/v1/requests/" + id, other.platform()).is(204);
        assertThat(ids(changes.join()), is(List.of(id)));
    }

    // --- 7 Requests ---

    /** 7.1, 7.5, 7.6, 7.7: the whole of it, with every time on it. */
    @Test
    void timeline() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.newId().toUpperCase(Locale.ROOT);
        HttpAnswer submitted = relay.post(
                        "/v1/requests", pair.platform(), TestRelay.envelope(pair, id, ",\"ttl\":60,\"unknown\":{}"))
                .is(201);
        String lower = id.toLowerCase(Locale.ROOT);
        assertThat(submitted.header("Location").orElse(""), is("/v1/requests/" + lower));
        assertThat(submitted.text("request_id"), is(lower));
        assertThat(submitted.number("expires_at"), is(NOW + 60));
        JsonObject pending =
                relay.get("/v1/requests/" + id, pair.platform()).is(200).json();
        assertThat(pending.keySet(), is(Set.of("request_id", "pair_id", "state", "created_at", "expires_at", "push")));
        assertThat(pending.getString("push"), is("none"));
        relay.advance(Duration.ofSeconds(2));
        relay.get("/v1/requests/" + id + "?wait=500", pair.phone().token()).is(200);
        assertThat(relay.get("/v1/requests/" + id + "?wait=0", pair.platform()).number("delivered_at"), is(NOW + 2));
        relay.advance(Duration.ofSeconds(3));
        CompletableFuture<HttpAnswer> poll = relay.park("/v1/requests/" + id, pair.platform());
        String signed = "{\"nonce\":\"AA==\",\"ciphertext\":\"+/+/\",\"signature\":\"_-_-\"}";
        assertThat(
                relay.put("/v1/requests/" + id + "/response", pair.phone().token(), signed)
                        .is(200)
                        .text("state"),
                is("responded"));
        JsonObject responded = poll.join().is(200).json();
        assertThat(responded.getString("state"), is("responded"));
        assertThat(responded.getInt("delivered_at"), is((int) NOW + 2));
        assertThat(responded.getInt("responded_at"), is((int) NOW + 5));
        assertThat(responded.getJsonObject("response").toString(), is(signed));
        assertThat(relay.get("/v1/requests/" + id, pair.phone().token()).text("state"), is("responded"));
    }

    /** 7.2 */
    @Test
    void submittingAgain() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair, 60);
        relay.advance(Duration.ofSeconds(30));
        HttpAnswer again = relay.post("/v1/requests", pair.platform(), TestRelay.envelope(pair, id, ",\"ttl\":600"))
                .is(200);
        assertThat(again.number("expires_at"), is(NOW + 60));
        assertThat(again.header("Location").orElse(""), is("/v1/requests/" + id));
        relay.list(pair.phone());
        assertThat(relay.submit(pair, id).is(200).text("state"), is("delivered"));
        relay.advance(Duration.ofSeconds(329));
        assertThat(relay.submit(pair, id).is(200).text("state"), is("expired"));
        relay.post(
                        "/v1/requests",
                        pair.platform(),
                        TestRelay.envelope(pair, id, "").replace("bm9uY2U", "AAAA"))
                .is(409, "duplicate_request");
        relay.submit(relay.session(), relay.newId()).is(409, "not_paired");
        relay.submit(pair, "00000000-0000-7000-8000-000000000000").is(400, "stale_request_id");
    }

    /** 7.7 */
    @Test
    void answeringAgain() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair, 60);
        relay.respond(pair, id).is(200);
        relay.respond(pair, id).is(200);
        relay.respond(pair, id, "b3RoZXI").is(409, "already_responded");
        relay.put(
                        "/v1/requests/" + id + "/response",
                        pair.phone().token(),
                        "{\"nonce\":\"bm9uY2U\",\"ciphertext\":\"YW5zd2Vy\",\"signature\":\"AAAA\"}")
                .is(409, "already_responded");
        relay.advance(Duration.ofSeconds(61));
        relay.respond(pair, id).is(200);
        assertThat(relay.state(pair, id), is("responded"));
    }

    /** 7.8 */
    @Test
    void cancelling() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair, 60);
        CompletableFuture<HttpAnswer> poll = relay.park("/v1/requests/" + id, pair.platform());
        relay.delete("/v1/requests/" + id, pair.platform()).is(204);
        assertThat(poll.join().text("state"), is("cancelled"));
        assertThat(
                relay.delete("/v1/requests/" + id, pair.platform())
                        .is(409, "already_decided")
                        .text("detail"),
                containsString("cancelled"));
        relay.respond(pair, id).is(410, "request_cancelled");
        String answered = relay.submitted(pair);
        relay.respond(pair, answered).is(200);
        assertThat(
                relay.delete("/v1/requests/" + answered, pair.platform())
                        .is(409, "already_decided")
                        .text("detail"),
                containsString("responded"));
    }

    /** 7.9: the time counts, whether anything has noticed or not. */
    @Test
    void expiry() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair, 60);
        CompletableFuture<HttpAnswer> poll = relay.park("/v1/requests/" + id, pair.platform());
        relay.advanceUnnoticed(Duration.ofMillis(59_999));
        assertThat(relay.state(pair, id), is("pending"));
        relay.advanceUnnoticed(Duration.ofMillis(1));
        relay.respond(pair, id).is(410, "request_expired");
        assertThat(poll.join().text("state"), is("expired"));
        relay.delete("/v1/requests/" + id, pair.platform()).is(409, "already_decided");
        assertThat(requests(relay.list(pair.phone())), is(empty()));
        assertThat(relay.get("/v1/requests/" + id, pair.phone().token()).text("state"), is("expired"));
    }

    /** 7.10 */
    @Test
    void howLongARequestIsKept() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String responded = relay.submitted(pair, 600);
        String cancelled = relay.submitted(pair, 600);
        relay.respond(pair, responded).is(200);
        relay.advance(Duration.ofSeconds(100));
        relay.delete("/v1/requests/" + cancelled, pair.platform()).is(204);
        relay.advance(Duration.ofSeconds(299));
        relay.get("/v1/requests/" + cancelled, pair.platform()).is(200);
        relay.advance(Duration.ofSeconds(1));
        relay.get("/v1/requests/" + cancelled, pair.platform()).is(401, "unauthorized");
        relay.advance(Duration.ofSeconds(499));
        relay.get("/v1/requests/" + responded, pair.platform()).is(200);
        relay.advance(Duration.ofSeconds(1));
        relay.get("/v1/requests/" + responded, pair.platform()).is(401, "unauthorized");
        relay.get("/v1/requests/" + responded, pair.phone().token()).is(401, "unauthorized");
    }

    // --- 3, 9, 12 ---

    /** 9.3, 9.2 */
    @Test
    void rateLimitFields() {
        TestRelay relay = frozen("RATE_LIMIT_CLIENT=100", "RATE_LIMIT_PAIR=10");
        HttpAnswer device = relay.post("/v1/devices", NO_TOKEN, "{}").is(201);
        assertThat(device.header("RateLimit-Policy").orElse(""), is("\"client\";q=100;w=60"));
        assertThat(device.header("RateLimit").orElse(""), startsWith("\"client\";r=99;t="));
        Pair pair = relay.pair();
        HttpAnswer submitted = relay.submit(pair, relay.newId()).is(201);
        assertThat(submitted.header("RateLimit-Policy").orElse(""), is("\"client\";q=100;w=60, \"pair\";q=10;w=60"));
        assertThat(submitted.header("RateLimit").orElse(""), containsString(", \"pair\";r=9;t="));
        HttpAnswer health = relay.get("/health", NO_TOKEN).is(200);
        assertThat(health.header("RateLimit").isPresent(), is(false));
        assertThat(
                start().post("/v1/devices", NO_TOKEN, "{}").header("RateLimit").isPresent(), is(false));
    }

    /** 9.3: {@code t} is the seconds after which more is available, and something is gone. */
    @Test
    void rateLimitSaysWhenMoreIsAvailable() {
        TestRelay relay = frozen("RATE_LIMIT_CLIENT=100");
        assertThat(relay.post("/v1/devices", NO_TOKEN, "{}").header("RateLimit").orElse(""), is("\"client\";r=99;t=1"));
    }

    /** 12.1, 12.2 */
    @Test
    void documents() {
        TestRelay relay = frozen("RATE_LIMIT_CLIENT=1");
        for (int i = 0; i < 3; i++) {
            assertThat(relay.get("/health", NO_TOKEN).is(200).body(), is("{\"status\":\"ok\"}"));
            assertThat(relay.get("/openapi.yaml", NO_TOKEN).is(200).body(), startsWith("openapi: 3.1.0"));
            relay.call("HEAD", "/health", NO_TOKEN, NO_BODY).is(200);
            relay.call("HEAD", "/openapi.yaml", NO_TOKEN, NO_BODY).is(200);
        }
        for (String path : List.of("/health", "/openapi.yaml")) {
            assertThat(
                    relay.call("OPTIONS", path, NO_TOKEN, NO_BODY)
                            .is(405, "method_not_allowed")
                            .header("Allow")
                            .orElse(""),
                    is("GET, HEAD"));
            relay.call("POST", path, NO_TOKEN, "{}").is(405, "method_not_allowed");
        }
    }

    /** 12.3 */
    @Test
    void about() {
        TestRelay trusting = start("TRUSTED_PROXIES=127.0.0.1", "RATE_LIMIT_CLIENT=100");
        HttpAnswer direct = trusting.get("/v1/about", NO_TOKEN).is(200);
        assertThat(direct.number("time"), is(TestRelay.START.getEpochSecond()));
        assertThat(direct.text("client_address") + " " + direct.text("forwarded"), is("127.0.0.1 none"));
        assertThat(direct.header("RateLimit").isPresent(), is(true));
        assertThat(direct.json().keySet(), is(Set.of("time", "client_address", "forwarded", "app", "limits")));
        assertThat(direct.json().getBoolean("app"), is(true));
        assertThat(seen(trusting, "203.0.113.7"), is("203.0.113.7 used"));
        assertThat(seen(trusting, "2001:DB8::7"), is("2001:db8:0:0:0:0:0:7 used"));
        assertThat(seen(trusting, "198.51.100.1, 203.0.113.7, 127.0.0.1"), is("203.0.113.7 used"));
        assertThat(seen(trusting, "<script>"), is("127.0.0.1 used"));
        assertThat(seen(start("TRUSTED_PROXIES=192.0.2.1"), "203.0.113.7"), is("127.0.0.1 ignored"));
    }

    private static String seen(TestRelay relay, String forwarded) {
        HttpAnswer answer = relay.call("GET", "/v1/about", NO_TOKEN, NO_BODY, "X-Forwarded-For: " + forwarded)
                .is(200);
        return answer.text("client_address") + " " + answer.text("forwarded");
    }

    /** 3.5 */
    @Test
    void methodsAndPaths() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        record Path(String path, String allow) {}
        for (Path path : List.of(
                new Path("/v1/about", "GET"),
                new Path("/v1/pairs", "POST"),
                new Path("/v1/pairs/" + pair.id(), "DELETE, GET"),
                new Path("/v1/pairs/" + pair.id() + "/device", "PUT"),
                new Path("/v1/pairs/" + pair.id() + "/events", "GET"),
                new Path("/v1/devices", "POST"),
                new Path("/v1/devices/" + pair.phone().id(), "DELETE, PATCH"),
                new Path("/v1/devices/" + pair.phone().id() + "/requests", "GET"),
                new Path("/v1/devices/" + pair.phone().id() + "/events", "GET"),
                new Path("/v1/requests", "POST"),
                new Path("/v1/requests/x", "DELETE, GET"),
                new Path("/v1/requests/x/response", "PUT"))) {
            for (String method : List.of("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO")) {
                if (!path.allow().contains(method)) {
                    HttpAnswer answer =
                            relay.call(method, path.path(), NO_TOKEN, NO_BODY).is(405);
                    assertThat(
                            answer.header("Allow")
                                    .map(allow -> Arrays.stream(allow.split(", "))
                                            .sorted()
                                            .collect(Collectors.joining(", ")))
                                    .orElse(""),
                            is(path.allow()));
                }
            }
        }
        for (String path : List.of("/v1", "/v1/", "/v1/pair", "/v1/pairs/x/y", "/v2/pairs", "/metrics")) {
            relay.get(path, NO_TOKEN).is(404, "not_found");
        }
    }

    /** 3.7: what every answer carries; {@link OpenApiCheck} looks at it in every call of every test. */
    @Test
    void nothingIsCached() {
        TestRelay relay = start();
        for (HttpAnswer answer : List.of(
                relay.post("/v1/devices", NO_TOKEN, "{}"),
                relay.get("/v1/requests/x", NO_TOKEN),
                relay.get("/v1/x", NO_TOKEN),
                relay.call("PUT", "/v1/pairs", NO_TOKEN, NO_BODY))) {
            assertThat(answer.header("Cache-Control").orElse(""), is("no-store"));
        }
    }

    /** 11.2 and the description agree on the table, and each example fits its schema. */
    @Test
    void description() {
        assertThat(OpenApiCheck.API.wrongExamples(), is(empty()));
        Set<String> described = OpenApiCheck.API.described().stream()
                .map(answer -> answer.substring(answer.lastIndexOf(' ') + 1))
                .collect(Collectors.toCollection(TreeSet::new));
        described.remove("-");
        Set<String> known = Arrays.stream(dev.harp.relay.protocol.ErrorCode.values())
                .map(dev.harp.relay.protocol.ErrorCode::code)
                .collect(Collectors.toCollection(TreeSet::new));
        known.removeAll(Set.of("not_found", "method_not_allowed")); // of no operation
        assertThat(described, is(known));
    }

    // --- everything that is described has been seen ---

    private record Operation(String method, String target, String token, String body) {}

    private static List<Operation> operations(TestRelay relay) {
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        String phone = pair.phone().token();
        return List.of(
                new Operation("POST", "/v1/pairs", NO_TOKEN, OPENING),
                new Operation("GET", "/v1/pairs/" + pair.id(), pair.platform(), NO_BODY),
                new Operation("GET", "/v1/pairs/" + pair.id() + "/events", pair.platform(), NO_BODY),
                new Operation("PUT", "/v1/pairs/" + pair.id() + "/device", phone, OPENING),
                new Operation("POST", "/v1/devices", NO_TOKEN, "{}"),
                new Operation("PATCH", "/v1/devices/" + pair.phone().id(), phone, "{\"push_token\":null}"),
                new Operation("GET", "/v1/devices/" + pair.phone().id() + "/requests", phone, NO_BODY),
                new Operation("GET", "/v1/devices/" + pair.phone().id() + "/events", phone, NO_BODY),
                new Operation("POST", "/v1/requests", pair.platform(), TestRelay.envelope(pair, relay.newId(), "")),
                new Operation("GET", "/v1/requests/" + id, pair.platform(), NO_BODY),
                new Operation("PUT", "/v1/requests/" + id + "/response", phone, ANSWER),
                new Operation("GET", "/v1/about", NO_TOKEN, NO_BODY),
                new Operation("GET", "/health", NO_TOKEN, NO_BODY),
                new Operation("HEAD", "/health", NO_TOKEN, NO_BODY),
                new Operation("GET", "/openapi.yaml", NO_TOKEN, NO_BODY),
                new Operation("HEAD", "/openapi.yaml", NO_TOKEN, NO_BODY),
                new Operation("DELETE", "/v1/requests/" + id, pair.platform(), NO_BODY),
                new Operation("DELETE", "/v1/pairs/" + pair.id(), pair.platform(), NO_BODY),
                new Operation("DELETE", "/v1/devices/" + pair.phone().id(), phone, NO_BODY));
    }

    /** 3.1, 3.2, 9.5: what any call may be answered before anything looks at what it asks. */
    @Test
    void malformedCalls() {
        TestRelay relay = start();
        for (Operation operation : operations(relay)) {
            String method = operation.method();
            String target = operation.target();
            String start = method + " " + target + " HTTP/1.1\r\nHost: r\r\n";
            int head = method.equals("HEAD") ? 0 : 1;
            for (HttpAnswer answer : List.of(
                    relay.send(method, target, method + " " + target + " HTTP/1.1\r\n\r\n")
                            .is(400),
                    relay.send(method, target, start + "Content-Length: 999999999\r\n\r\n")
                            .is(413),
                    relay.send(
                                    method,
                                    target,
                                    method + " " + target + "?" + "x".repeat(9000) + " HTTP/1.1\r\nHost: r\r\n\r\n")
                            .is(414),
                    relay.send(method, target, start + "Content-Length: 1\r\nExpect: x\r\n\r\n")
                            .is(417),
                    relay.send(method, target, start + "X-A: " + "x".repeat(20_000) + "\r\n\r\n")
                            .is(431),
                    relay.send(method, target, method + " " + target + " HTTP/1.0\r\nHost: r\r\n\r\n")
                            .is(505))) {
                assertThat(answer.headers("Connection"), is(List.of("close")));
                assertThat(answer.body().isEmpty(), is(head == 0));
            }
            if (!operation.body().isEmpty()) {
                relay.call(method, target, operation.token(), "[]").is(400, "invalid_json");
                relay.call(method, target, operation.token(), "{\"push_token\":1}")
                        .is(400, "invalid_request");
                relay.call(method, target, operation.token(), "{}", "Content-Type: text/plain")
                        .is(415, "unsupported_media_type");
                relay.call(method, target, operation.token(), "{\"x\":\"" + "x".repeat(140_000) + "\"}")
                        .is(413, "payload_too_large");
            }
            if (method.equals("GET") && target.startsWith("/v1") && !target.equals("/v1/about")) {
                String parameter = target.endsWith("/events") ? "" : "?wait=x";
                relay.call(method, target + parameter, operation.token(), NO_BODY, "Last-Event-ID: x")
                        .is(400, "invalid_parameter");
            }
            if (target.startsWith("/v1/") && !operation.token().isEmpty()) {
                relay.call(method, target, UNKNOWN_PLATFORM, operation.body()).is(401, "unauthorized");
            }
        }
    }

    /** 3.2, 11.1: a refusal says what is wrong, so that its reader need not guess, and quotes nothing. */
    @Test
    void refusedBodiesAreExplained() {
        TestRelay relay = start();
        for (String[] wrong : new String[][] {
            {" ", "empty"},
            {"\uFEFF{}", "byte order mark"},
            {"[]", "not an object"},
            {"{\"a\":1,\"a\":2}", "twice"},
            {"{\"b\":{\"a\":1,\"a\":2}}", "twice"},
            {"{\"a\":1} {\"b\":2}", "line 1, column 9."},
            {"{\"a\":1,}", "line 1, column 8."},
            {"{\"a\":" + "[".repeat(65) + "]".repeat(65) + "}", "nested at most 64 deep"}
        }) {
            HttpAnswer answer = relay.post("/v1/pairs", NO_TOKEN, wrong[0]).is(400, "invalid_json");
            assertThat(answer.text("detail"), containsString(wrong[1]));
        }
        for (String[] wrong : new String[][] {
            {"ab", "given were 2 characters."},
            {"x" + SECRET.substring(1), "given were 64 characters, not all of them hex digits."}
        }) {
            HttpAnswer answer = relay.post("/v1/pairs", NO_TOKEN, "{\"secret_hash\":\"" + wrong[0] + "\"}")
                    .is(400, "invalid_request");
            assertThat(answer.text("detail"), containsString(wrong[1]));
        }
    }

    /** 3.3: what a value lacks. */
    @Test
    void refusedValuesAreExplained() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.newId();
        for (String[] wrong : new String[][] {
            {"request_id", id.substring(0, 14) + "4" + id.substring(15), "a UUID of version 4"},
            {"request_id", "x", "a text of 1 characters that is no UUID"},
            {"nonce", "AA+_", "character 4 "},
            {"nonce", "", "0 characters"},
            {"ciphertext", "AAAA\\nAAAA", "character 5 "}
        }) {
            Map<String, String> members = new TreeMap<>(
                    Map.of("request_id", id, "pair_id", pair.id(), "nonce", "AAAA", "ciphertext", "AAAA"));
            members.put(wrong[0], wrong[1]);
            String body = members.entrySet().stream()
                    .map(member -> "\"" + member.getKey() + "\":\"" + member.getValue() + "\"")
                    .collect(Collectors.joining(",", "{", "}"));
            HttpAnswer answer =
                    relay.post("/v1/requests", pair.platform(), body).is(400, "invalid_request");
            assertThat(answer.text("detail"), containsString(wrong[2]));
        }
        assertThat(
                relay.post("/v1/devices", NO_TOKEN, "{\"push_token\":\"\u00e9\"}")
                        .is(400)
                        .text("detail"),
                containsString("not all of them printable ASCII"));
    }

    /** 15: a stream of each kind; {@link DeviceStreamTest} has the rest. */
    @Test
    void streams() {
        TestRelay relay = start("MAX_STREAM=1");
        Pair pair = relay.pair();
        String target = "/v1/devices/" + pair.phone().id() + "/events";
        assertThat(relay.get(target, pair.phone().token()).is(200).body(), containsString("event: current"));
        String events = "/v1/pairs/" + pair.id() + "/events";
        assertThat(relay.get(events, pair.platform()).is(200).body(), containsString("event: current"));
        relay.delete("/v1/pairs/" + pair.id(), pair.platform()).is(204);
        relay.get(events, pair.platform()).is(410, "pair_revoked");
        Pair session = relay.session();
        relay.advance(Duration.ofMinutes(5));
        relay.get("/v1/pairs/" + session.id() + "/events", session.platform()).is(410, "pairing_expired");
    }

    /** 9.2: every call under {@code /v1} counts and is refused. */
    @Test
    void limitedCalls() {
        TestRelay generous = start();
        TestRelay relay = frozen("RATE_LIMIT_CLIENT=1");
        relay.get("/v1/x", NO_TOKEN).is(404);
        for (Operation operation : operations(generous)) {
            HttpAnswer answer = relay.call(operation.method(), operation.target(), operation.token(), operation.body());
            assertThat(answer.status() == 429, is(operation.target().startsWith("/v1/")));
        }
        Pair pair = generous.pair();
        TestRelay few = frozen("MAX_OPEN_REQUESTS=1", "RATE_LIMIT_PAIR=1");
        Pair one = few.pair();
        String id = few.submitted(one);
        few.submit(one, few.newId()).is(429, "too_many_open_requests");
        few.respond(one, id).is(200);
        few.submit(one, few.newId()).is(429, "rate_limited");
        assertThat(pair.id(), not(one.id()));
    }

    /** 9.4, 8.4 */
    @Test
    void fullRelay() {
        TestRelay relay = start("MAX_STORED_BYTES=1048576", "MAX_WAITERS=1", "MAX_DEVICES=20", "MAX_PAIRINGS=20");
        Pair pair = relay.pair();
        Pair session = relay.session();
        Pair late = relay.session();
        Phone phone = relay.phone();
        String id = relay.submitted(pair);
        CompletableFuture<HttpAnswer> parked = relay.park("/v1/pairs/" + session.id(), session.platform());
        relay.get("/v1/pairs/" + late.id() + "?wait=500", late.platform()).is(503, "relay_full");
        relay.get("/v1/requests/" + id + "?wait=500", pair.platform()).is(503, "relay_full");
        relay.get("/v1/devices/" + phone.id() + "/requests?wait=500", phone.token())
                .is(503, "relay_full");
        relay.get("/v1/devices/" + phone.id() + "/events", phone.token()).is(503, "relay_full");
        relay.get("/v1/pairs/" + late.id() + "/events", late.platform()).is(503, "relay_full");
        relay.bind(session, pair.phone()).is(200);
        parked.join().is(200);
        HttpAnswer full;
        do {
            full = relay.submit(pair, relay.newId());
        } while (full.status() == 201);
        full.is(503, "relay_full");
        for (boolean done = false; !done; ) {
            done = relay.post("/v1/devices", NO_TOKEN, "{\"push_token\":\"" + "p".repeat(4000) + "\"}")
                            .status()
                    == 503;
        }
        for (boolean done = false; !done; ) {
            done = relay.post("/v1/pairs", NO_TOKEN, OPENING).status() == 503;
        }
        relay.patch("/v1/devices/" + phone.id(), phone.token(), "{\"push_token\":\"" + "p".repeat(4096) + "\"}");
        relay.put(
                "/v1/pairs/" + late.id() + "/device",
                phone.token(),
                "{\"secret_hash\":\"" + SECRET + "\",\"payload\":\"" + "A".repeat(8192) + "\"}");
        relay.get("/health", NO_TOKEN).is(200);
    }

    /** 9.6, 12.1: polls that wait, and those who ask after the relay's health; {@link DrainTest} has the rest. */
    @Test
    void shuttingDown() throws Exception {
        try (TestRelay relay = TestRelay.start();
                RawClient inFlight = relay.connect()) {
            Pair pair = relay.pair();
            Pair session = relay.session();
            String id = relay.submitted(pair);
            Phone other = relay.phone();
            List<CompletableFuture<HttpAnswer>> polls = List.of(
                    relay.park("/v1/pairs/" + session.id(), session.platform()),
                    relay.park("/v1/requests/" + id, pair.platform()),
                    relay.park("/v1/devices/" + other.id() + "/requests", other.token()));
            until(() -> relay.connections() == 4);
            inFlight.send("POST /v1/devices HTTP/1.1\r\n"
                    + "Host: r\r\n"
                    + "Content-Type: application/json\r\n"
                    + "Content-Length: 2\r\n\r\n"
                    + "{");
            CompletableFuture<?> closing = relay.closing();
            polls.forEach(poll -> poll.join().is(503, "shutting_down"));
            relay.get("/health", NO_TOKEN).is(503);
            relay.call("HEAD", "/health", NO_TOKEN, NO_BODY).is(503);
            inFlight.send("}").answer().is(201);
            closing.join();
        }
    }

    /**
     * Whatever {@code openapi.yaml} describes, and a client can bring about, has been answered by some call of this
     * class.
     */
    @Test
    @Order(Integer.MAX_VALUE)
    void everyDescribedAnswerHasBeenSeen() {
        long tests = Arrays.stream(ApiTest.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .count();
        assumeTrue(ran == tests, "the whole class has to run");
        Set<String> unseen = new TreeSet<>(OpenApiCheck.API.unseen());
        // A late client's connection is closed, nobody provokes a 500, most calls are too short to meet a shutdown, and
        // memory is
        // always within reach.
        unseen.removeIf(answer -> answer.endsWith(" request_timeout")
                || answer.endsWith(" internal_error")
                || answer.endsWith(" store_unavailable")
                || answer.endsWith(" shutting_down"));
        System.out.println(
                "described in openapi.yaml: " + OpenApiCheck.API.described().size() + " answers; not seen: " + unseen);
        assertThat(unseen, is(Set.of()));
    }
}
