package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.relay.TestRelay.SECRET;
import static dev.harp.relay.TestRelay.UNKNOWN_DEVICE;
import static dev.harp.relay.TestRelay.UNKNOWN_PLATFORM;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.relay.TestRelay.Phone;
import dev.harp.testing.HttpAnswer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Callers without a right to what they call for: tokens, guesses, probes. */
@SuppressWarnings({"CanonicalDuration", "StringConcatToTextBlock"}) // seconds, as the protocol counts
class HardeningCallersTest extends Hardening {
    private record Route(String method, String target, String body) {}

    private static List<Route> routesOfPlatform(TestRelay relay, Pair pair, String request) {
        return List.of(
                new Route("GET", "/v1/pairs/" + pair.id(), NO_BODY),
                new Route("DELETE", "/v1/pairs/" + pair.id(), NO_BODY),
                new Route("POST", "/v1/requests", TestRelay.envelope(pair, relay.newId(), "")),
                new Route("POST", "/v1/requests", TestRelay.envelope(pair, request, "")),
                new Route("GET", "/v1/requests/" + request, NO_BODY),
                new Route("DELETE", "/v1/requests/" + request, NO_BODY));
    }

    private static List<Route> routesOfDevice(Pair pair, String request) {
        return List.of(
                new Route("DELETE", "/v1/pairs/" + pair.id(), NO_BODY),
                new Route("PATCH", "/v1/devices/" + pair.phone().id(), "{\"push_token\":null}"),
                new Route("DELETE", "/v1/devices/" + pair.phone().id(), NO_BODY),
                new Route("GET", "/v1/devices/" + pair.phone().id() + "/requests", NO_BODY),
                new Route("GET", "/v1/requests/" + request, NO_BODY),
                new Route(
                        "PUT",
                        "/v1/requests/" + request + "/response",
                        "{\"nonce\":\"AAAA\",\"ciphertext\":\"AAAA\"}"));
    }

    /** A valid token of another pairing, or of another phone, on everything that is not its own. */
    @Test
    void tokensOfOthers() {
        TestRelay relay = start();
        Pair victim = relay.pair();
        Pair other = relay.pair();
        String id = relay.submitted(victim);
        String none = relay.get("/v1/requests/" + id, NO_TOKEN)
                .is(401, "unauthorized")
                .comparable();
        List<Route> routes = new ArrayList<>(routesOfPlatform(relay, victim, id));
        routes.addAll(routesOfDevice(victim, id));
        for (Route route : routes) {
            for (String token :
                    List.of(other.platform(), other.phone().token(), NO_TOKEN, UNKNOWN_PLATFORM, UNKNOWN_DEVICE)) {
                HttpAnswer answer = relay.call(route.method(), route.target(), token, route.body());
                assertThat(route + "", answer.comparable(), equalTo(none));
            }
        }
        relay.call("PUT", "/v1/pairs/" + victim.id() + "/device", other.platform(), OPENING)
                .is(401, "unauthorized");
        assertThat(relay.state(victim, id), is("pending"));
        relay.get("/v1/pairs/" + victim.id(), victim.platform()).is(200);
    }

    /** A device's token where only the platform may. */
    @Test
    void deviceTokenOnPlatformRoutes() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        for (Route route : routesOfPlatform(relay, pair, id)) {
            String what = route.method() + " " + route.target();
            boolean both = what.equals("DELETE /v1/pairs/" + pair.id()) || what.equals("GET /v1/requests/" + id);
            if (!both) {
                relay.call(route.method(), route.target(), pair.phone().token(), route.body())
                        .is(401, "unauthorized");
            }
        }
        relay.post("/v1/requests", pair.phone().token(), TestRelay.envelope(pair, relay.newId(), ""))
                .is(401, "unauthorized");
        assertThat(relay.state(pair, id), is("pending"));
    }

    /** The platform's token where only the device may: a platform must not approve its own question. */
    @Test
    void platformTokenOnDeviceRoutes() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        for (Route route : routesOfDevice(pair, id)) {
            if (!route.target().equals("/v1/pairs/" + pair.id())
                    && !route.target().equals("/v1/requests/" + id)) {
                relay.call(route.method(), route.target(), pair.platform(), route.body())
                        .is(401, "unauthorized");
            }
        }
        relay.put("/v1/pairs/" + pair.id() + "/device", pair.platform(), OPENING)
                .is(401, "unauthorized");
        assertThat(relay.state(pair, id), is("pending"));
    }

    /** Asking for ids to learn which exist: every answer is the same, byte for byte. */
    @Test
    void probingForIds() {
        TestRelay relay = start();
        Pair victim = relay.pair();
        Pair prober = relay.pair();
        String theirs = relay.submitted(victim);
        String unknown = relay.newId();
        String cancelled = relay.submitted(victim);
        relay.delete("/v1/requests/" + cancelled, victim.platform()).is(204);
        String answer =
                relay.get("/v1/requests/" + unknown, prober.platform()).is(401).comparable();
        for (String token :
                List.of(prober.platform(), prober.phone().token(), UNKNOWN_PLATFORM, UNKNOWN_DEVICE, "x", NO_TOKEN)) {
            for (String id : List.of(theirs, cancelled, unknown, "x", "%00", victim.id())) {
                assertThat(relay.get("/v1/requests/" + id, token).comparable(), equalTo(answer));
                assertThat(relay.delete("/v1/requests/" + id, token).comparable(), equalTo(answer));
                assertThat(relay.get("/v1/requests/" + id + "?wait=5", token).comparable(), equalTo(answer));
                assertThat(
                        relay.put(
                                        "/v1/requests/" + id + "/response",
                                        token,
                                        "{\"nonce\":\"AAAA\",\"ciphertext\":\"AAAA\"}")
                                .comparable(),
                        equalTo(answer));
            }
            for (String id : List.of(victim.id(), "pair_000000000000", "pair_x", "x", "%00")) {
                assertThat(relay.get("/v1/pairs/" + id, token).comparable(), equalTo(answer));
                assertThat(relay.get("/v1/pairs/" + id + "?wait=5", token).comparable(), equalTo(answer));
                assertThat(relay.delete("/v1/pairs/" + id, token).comparable(), equalTo(answer));
            }
            for (String id : List.of(victim.phone().id(), "dev_000000000000", "x", "%00")) {
                assertThat(relay.delete("/v1/devices/" + id, token).comparable(), equalTo(answer));
                assertThat(
                        relay.get("/v1/devices/" + id + "/requests?wait=5", token)
                                .comparable(),
                        equalTo(answer));
                assertThat(
                        relay.patch("/v1/devices/" + id, token, "{\"push_token\":null}")
                                .comparable(),
                        equalTo(answer));
            }
        }
        // Submitting to a pairing: the token's own one does not matter.
        for (String id : List.of(victim.id(), "pair_000000000000")) {
            assertThat(
                    relay.post(
                                    "/v1/requests",
                                    prober.platform(),
                                    TestRelay.envelope(victim, relay.newId(), "")
                                            .replace(victim.id(), id))
                            .comparable(),
                    equalTo(answer));
            assertThat(
                    relay.post(
                                    "/v1/requests",
                                    prober.platform(),
                                    TestRelay.envelope(victim, theirs, "").replace(victim.id(), id))
                            .comparable(),
                    equalTo(answer));
        }
    }

    /** Asking for pairings to learn which exist, and how they stand: without the secret all are the same. */
    @Test
    void probingForPairings() {
        TestRelay relay = start();
        Phone prober = relay.phone();
        Pair pending = relay.session();
        Pair active = relay.pair();
        Pair revoked = relay.pair();
        relay.delete("/v1/pairs/" + revoked.id(), revoked.platform()).is(204);
        String wrong = "{\"secret_hash\":\"" + "0".repeat(64) + "\"}";
        String answer = relay.put("/v1/pairs/pair_000000000000/device", prober.token(), wrong)
                .is(403, "wrong_secret")
                .comparable();
        for (String id : List.of(pending.id(), active.id(), revoked.id(), "x", "%00", "pair_")) {
            assertThat(
                    relay.put("/v1/pairs/" + id + "/device", prober.token(), wrong)
                            .comparable(),
                    equalTo(answer));
        }
        for (int i = 0; i < 6; i++) {
            assertThat(
                    relay.put("/v1/pairs/" + pending.id() + "/device", prober.token(), wrong)
                            .comparable(),
                    equalTo(answer));
        }
        relay.put("/v1/pairs/" + pending.id() + "/device", prober.token(), OPENING)
                .is(410, "pairing_expired");
    }

    /** Guessing a token piece by piece: a token that is nearly right is as wrong as any. */
    @Test
    void nearlyRightTokens() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String token = pair.platform();
        String answer =
                relay.get("/v1/pairs/" + pair.id(), UNKNOWN_PLATFORM).is(401).comparable();
        List<String> near = new ArrayList<>(List.of(
                token.substring(0, token.length() - 1),
                token + "A",
                token + "=",
                token.toUpperCase(Locale.ROOT),
                "hdt_" + token.substring(4),
                token.substring(4),
                "hpt_",
                token.replace("hpt_", "HPT_"),
                token + token));
        for (int i = 4; i < token.length(); i++) {
            near.add(token.substring(0, i) + (token.charAt(i) == 'A' ? 'B' : 'A') + token.substring(i + 1));
        }
        for (String one : near) {
            assertThat(relay.get("/v1/pairs/" + pair.id(), one).comparable(), equalTo(answer));
        }
    }

    /** Credentials in forms that another program in front might read otherwise. */
    @Test
    void crookedAuthorization() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String target = "/v1/pairs/" + pair.id();
        String token = pair.platform();
        for (String header : List.of(
                "Authorization:",
                "Authorization: Bearer",
                "Authorization: Bearer ",
                "Authorization: " + token,
                "Authorization: Basic " + token,
                "Authorization: Bearer" + token,
                "Authorization: Bearer \"" + token + "\"",
                "Authorization: Bearer " + token + ", Bearer " + token,
                "Authorization: Bearer " + token + " x",
                "Authorization: Bearer x " + token,
                "Authorization: Bearer " + token + "," + token,
                "Authorization: Token " + token,
                "Authorization: Bearer " + "x".repeat(8000),
                "Proxy-Authorization: Bearer " + token,
                "X-Authorization: Bearer " + token,
                "Cookie: Authorization=Bearer " + token)) {
            relay.call("GET", target, NO_TOKEN, NO_BODY, header).is(401, "unauthorized");
        }
        relay.get(target + "?access_token=" + token, NO_TOKEN).is(401, "unauthorized");
        relay.call("GET", target, token, NO_BODY, "Authorization: Bearer " + token)
                .is(401, "unauthorized");
        relay.call("GET", target, token, NO_BODY, "Authorization: Bearer " + UNKNOWN_PLATFORM)
                .is(401, "unauthorized");
        relay.call("GET", target, UNKNOWN_PLATFORM, NO_BODY, "Authorization: Bearer " + token)
                .is(401, "unauthorized");
        relay.call("GET", target, NO_TOKEN, NO_BODY, "authorization: bEARER   " + token + " ")
                .is(200);
    }

    /** The credential is looked at before a byte of the body is. */
    @Test
    void bodyBeforeCredential() {
        TestRelay relay = start();
        relay.call("POST", "/v1/requests", UNKNOWN_PLATFORM, "{broken").is(401, "unauthorized");
        relay.call("POST", "/v1/requests", UNKNOWN_PLATFORM, "x", "Content-Type: text/plain")
                .is(401, "unauthorized");
        relay.call("PUT", "/v1/pairs/x/device", NO_TOKEN, "x".repeat(200_000)).is(401, "unauthorized");
        // Not even waited for:
        relay.send("POST", "/v1/requests", "POST /v1/requests HTTP/1.1\r\nHost: r\r\nContent-Length: 100\r\n\r\n")
                .is(401, "unauthorized");
    }

    /** A registration key that is nearly right, or a platform's token in its place. */
    @Test
    void registrationKeyIsNotGuessed() {
        String key = "operator-key-0123456789";
        TestRelay relay = start("REGISTRATION_KEY=" + key);
        String platform = relay.call("POST", "/v1/pairs", key, OPENING).is(201).text("platform_token");
        String answer = relay.call("POST", "/v1/pairs", NO_TOKEN, OPENING)
                .is(401, "unauthorized")
                .comparable();
        for (String wrong : List.of(
                key + "x", key.substring(1), key.toUpperCase(Locale.ROOT), "x", platform, UNKNOWN_DEVICE, key + "=")) {
            assertThat(relay.call("POST", "/v1/pairs", wrong, OPENING).comparable(), equalTo(answer));
        }
        relay.call("POST", "/v1/pairs", NO_TOKEN, "{broken").is(401, "unauthorized");
        relay.call("POST", "/v1/pairs", key, OPENING, "Authorization: Bearer " + key)
                .is(401, "unauthorized");
        relay.get("/v1/pairs/pair_000000000000", key).is(401, "unauthorized");
    }

    /** A token goes on being tried after its pairing, or its phone, has gone. */
    @Test
    void tokensOfTheDeparted() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        relay.delete("/v1/devices/" + pair.phone().id(), pair.phone().token()).is(204);
        for (Route route : routesOfDevice(pair, id)) {
            relay.call(route.method(), route.target(), pair.phone().token(), route.body())
                    .is(401, "unauthorized");
        }
        relay.put("/v1/pairs/" + pair.id() + "/device", pair.phone().token(), OPENING)
                .is(401, "unauthorized");
        relay.advance(Duration.ofSeconds(301));
        for (Route route : routesOfPlatform(relay, pair, id)) {
            relay.call(route.method(), route.target(), pair.platform(), route.body())
                    .is(401, "unauthorized");
        }
    }

    /** Five guesses at a pairing secret, then the right one. */
    @Test
    void pairingSecretIsNotGuessed() {
        TestRelay relay = start();
        Pair session = relay.session();
        for (int i = 0; i < 5; i++) {
            relay.put(
                            "/v1/pairs/" + session.id() + "/device",
                            relay.phone().token(),
                            "{\"secret_hash\":\"" + SECRET.replace('8', (char) ('a' + i)) + "\"}")
                    .is(403, "wrong_secret");
        }
        relay.bind(session, relay.phone()).is(410, "pairing_expired");
        assertThat(
                relay.get("/v1/pairs/" + session.id(), session.platform())
                        .is(410, "pairing_expired")
                        .text("detail"),
                containsString("wrong secret"));
    }
}
