package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.relay.TestRelay.SECRET;
import static dev.harp.relay.TestRelay.UNKNOWN_PLATFORM;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.relay.TestRelay.Phone;
import dev.harp.testing.HttpAnswer;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Sections 4 and 5. */
@SuppressWarnings({"CanonicalDuration", "StringConcatToTextBlock"}) // seconds, as the protocol counts
abstract class PairingCalls extends ApiRig {
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
        relay.advance(Duration.ofDays(89));
        relay.get("/v1/pairs/" + id, token).is(200);
        relay.advance(Duration.ofDays(2));
        relay.get("/v1/pairs/" + id, token).is(410, "pair_revoked");
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

    /** 5.1, 5.2: strangers register devices, and their tokens take no room. */
    @Test
    void aDeviceWithoutAPairingHoldsNoPushToken() {
        TestRelay relay = start();
        String pushToken = "{\"push_token\":\"" + "p".repeat(4096) + "\"}";
        HttpAnswer registered = relay.post("/v1/devices", NO_TOKEN, pushToken).is(201);
        assertThat(registered.json().getBoolean("push_token_kept"), is(false));
        assertThat(relay.post("/v1/devices", NO_TOKEN, "{}").is(201).json().containsKey("push_token_kept"), is(false));
        Phone phone = new Phone(registered.text("device_id"), registered.text("device_token"));
        String target = "/v1/devices/" + phone.id();
        HttpAnswer refused = relay.patch(target, phone.token(), pushToken).is(409, "not_paired");
        assertThat(refused.text("detail"), containsString("join a pairing first"));
        relay.patch(target, phone.token(), "{\"push_token\":null}").is(200);
        relay.pair(phone);
        relay.patch(target, phone.token(), pushToken).is(200);
    }

    /** 5.1, 5.2, 5.3 */
    @Test
    void device() {
        TestRelay relay = start();
        Phone phone = relay.phone();
        String target = "/v1/devices/" + phone.id();
        Pair first = relay.pair(phone);
        for (String change : List.of("{\"push_token\":\"apns:1\"}", "{\"push_token\":null}", "{\"push_token\":null}")) {
            assertThat(relay.patch(target, phone.token(), change).is(200).text("device_id"), is(phone.id()));
        }
        relay.patch(target, phone.token(), "{}").is(400, "invalid_request");
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

    /** 2.6: the former token is unknown at once, for calls that wait as well; with all else the new one goes on. */
    @Test
    void replacingATokenOfEachSide() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        String pairTarget = "/v1/pairs/" + pair.id();
        String phoneTarget = "/v1/devices/" + pair.phone().id();
        relay.list(pair.phone()).is(200);

        HttpAnswer platform =
                relay.post(pairTarget + "/token", pair.platform(), NO_BODY).is(200);
        assertThat(platform.text("pair_id"), is(pair.id()));
        assertThat(platform.header("Cache-Control").orElse(""), is("no-store"));
        relay.get(pairTarget, pair.platform()).is(401, "unauthorized");
        relay.get("/v1/requests/" + id, pair.platform()).is(401, "unauthorized");
        String token = platform.text("platform_token");
        relay.get("/v1/requests/" + id, token).is(200);
        relay.get(pairTarget, token).is(200);

        HttpAnswer device =
                relay.post(phoneTarget + "/token", pair.phone().token(), "{}").is(200);
        relay.list(pair.phone()).is(401, "unauthorized");
        Phone phone = new Phone(device.text("device_id"), device.text("device_token"));
        assertThat(phone.id(), is(pair.phone().id()));
        relay.list(phone).is(200);

        relay.post(phoneTarget + "/token", token, NO_BODY).is(401, "unauthorized");
        relay.post(pairTarget + "/token", phone.token(), NO_BODY).is(401, "unauthorized");
        relay.post(pairTarget + "/token", UNKNOWN_PLATFORM, NO_BODY).is(401, "unauthorized");
        relay.post(phoneTarget + "/token", NO_TOKEN, NO_BODY).is(401, "unauthorized");
        relay.get(pairTarget + "/token", token).is(405, "method_not_allowed");
        relay.delete(pairTarget, token).is(204);
        relay.post(pairTarget + "/token", token, NO_BODY).is(410, "pair_revoked");
        Pair late = relay.session();
        relay.advance(Duration.ofMinutes(6));
        relay.post("/v1/pairs/" + late.id() + "/token", late.platform(), NO_BODY)
                .is(410, "pairing_expired");
    }

    /** 5.5 */
    @Test
    void theDevicesPairings() {
        TestRelay relay = start();
        Phone phone = relay.phone();
        String target = "/v1/devices/" + phone.id();
        assertThat(
                relay.get(target, phone.token())
                        .is(200)
                        .json()
                        .getJsonArray("pairings")
                        .size(),
                is(0));
        Pair first = relay.pair(phone);
        Pair second = relay.pair(phone);
        relay.pair();
        relay.advance(Duration.ofDays(2));
        relay.submitted(second);
        relay.delete("/v1/pairs/" + relay.pair(phone).id(), phone.token()).is(204);
        HttpAnswer listed = relay.get(target, phone.token()).is(200);
        Map<String, List<Long>> times = new TreeMap<>();
        for (JsonObject pairing : listed.json().getJsonArray("pairings").getValuesAs(JsonObject.class)) {
            times.put(
                    pairing.getString("pair_id"),
                    List.of(
                            pairing.getJsonNumber("paired_at").longValueExact(),
                            pairing.getJsonNumber("last_used_at").longValueExact()));
        }
        long later = NOW + Duration.ofDays(2).toSeconds();
        assertThat(times, is(Map.of(first.id(), List.of(NOW, NOW), second.id(), List.of(NOW, later))));
        assertThat(listed.json().containsKey("next"), is(false));
        relay.get(target + "?after=pair_ffffffffffff", phone.token()).is(200);
        relay.get(target + "?after=first", phone.token()).is(400, "invalid_parameter");
        relay.get(target, relay.phone().token()).is(401, "unauthorized");
        relay.get(target, first.platform()).is(401, "unauthorized");
    }
}
