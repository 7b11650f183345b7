package dev.harp.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.relay.client.HarpDevice.Question;
import dev.harp.relay.client.HarpDevice.Response;
import dev.harp.relay.client.HarpPlatform.Envelope;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Platform and device over a relay that lies, forges, swaps, forgets to answer. They need not trust it, so they do not.
 */
class HostileRelayTest {
    private static final Duration ONE_LOOK = Duration.ZERO;
    private static final Duration TTL = Duration.ofMinutes(5);
    private static final String PAIR = "pair_a1b2c3d4e5f6";

    private final ScriptedRelay relay = new ScriptedRelay();
    private final RelayHttp http = new RelayHttp(relay.uri(), new RetryPolicy(3, pause -> {}), exchange -> {});
    private HarpPlatform platform;
    private HarpDevice device;
    private String payload;

    @BeforeEach
    void pair() throws Exception {
        relay.then(201, "{\"pair_id\":\"" + PAIR + "\",\"platform_token\":\"hpt_a\",\"status\":\"pending\"}");
        platform = HarpPlatform.open(http, Optional.of("the operator's key"), TTL);
        relay.then(201, "{\"device_id\":\"dev_a\",\"device_token\":\"hdt_a\"}");
        device = HarpDevice.register(http, Optional.empty());
        relay.then(200, "{}");
        assertEquals(PAIR, device.scan(platform.qrText()));
        payload = last().getString("payload");
        relay.then(200, active(payload));
        assertTrue(platform.awaitPairing(ONE_LOOK));
    }

    @AfterEach
    void close() {
        http.close();
        relay.close();
    }

    @Test
    void anHonestRelayIsAllTheyNeed() throws Exception {
        Question question = asked("Deploy 2.1?");
        assertEquals("Deploy 2.1?", question.text());
        Outcome outcome = answered(question.requestId(), device.respond(question, true, "go"));
        assertEquals(new Outcome.Decided(Decision.on("Deploy 2.1?", true, "go")), outcome);
    }

    @Test
    void theRelayGetsADigestAndNeverTheSecretOrAPlaintext() throws Exception {
        QrCode code = QrCode.parse(platform.qrText());
        asked("a question of great secrecy");
        String everything = relay.seen().toString();
        assertTrue(everything.contains(Messages.secretHash(code.secret())));
        assertFalse(everything.contains(Crypto.base64(code.secret())));
        assertFalse(everything.contains("secrecy"));
    }

    @Test
    void aDeviceOfTheRelaysOwnIsNotOurs() {
        String forged = payload.substring(0, 10) + "AAAA" + payload.substring(14);
        relay.then(200, active(forged));
        assertThrows(GeneralSecurityException.class, () -> platform.awaitPairing(ONE_LOOK));
        relay.then(200, "{\"pair_id\":\"" + PAIR + "\",\"status\":\"active\"}");
        assertThrows(GeneralSecurityException.class, () -> platform.awaitPairing(ONE_LOOK));
    }

    @Test
    void anAnswerThatThePhoneDidNotSignIsNone() throws Exception {
        Question question = asked("Deploy 2.1?");
        Response answer = device.respond(question, true, "");
        String other = device.respond(question, true, "").signature();
        for (String signature : List.of("", other, Crypto.base64(new byte[64]))) {
            Response forged = new Response(answer.requestId(), answer.nonce(), answer.ciphertext(), signature);
            assertThrows(GeneralSecurityException.class, () -> answered(question.requestId(), forged));
        }
    }

    @Test
    void theAnswerToAnotherQuestionIsNone() throws Exception {
        Question harmless = asked("Say hello?");
        Question grave = asked("Delete everything?");
        Response yes = device.respond(harmless, true, "");
        assertThrows(GeneralSecurityException.class, () -> answered(grave.requestId(), yes));
    }

    @Test
    void anAnswerToOtherWordsUnderTheSameIdIsNone() throws Exception {
        Question shown = asked("Say hello?");
        platform.seal(shown.requestId(), "Delete everything?");
        assertThrows(
                GeneralSecurityException.class, () -> answered(shown.requestId(), device.respond(shown, true, "")));
    }

    @Test
    void aQuestionThatNoPlatformWroteIsNotShown() throws Exception {
        Envelope envelope = platform.seal(RequestIds.now(), "Deploy 2.1?");
        Envelope underAnotherId = new Envelope(RequestIds.now(), envelope.nonce(), envelope.ciphertext());
        relay.then(200, "{\"requests\":[" + item(underAnotherId) + "," + item(envelope) + "],\"cursor\":\"1\"}");
        var inbox = device.list(ONE_LOOK);
        assertEquals(List.of(underAnotherId.requestId()), inbox.undecipherable());
        assertEquals(
                List.of("Deploy 2.1?"),
                inbox.questions().stream().map(Question::text).toList());
    }

    @Test
    void aWithdrawnQuestionDisappearsAndAResetIsPassedOn() throws Exception {
        relay.then(
                        200,
                        "{\"requests\":[{\"request_id\":\"r\",\"pair_id\":\"" + PAIR
                                + "\",\"state\":\"cancelled\"}],\"cursor\":\"2\"}")
                .then(200, "{\"requests\":[],\"cursor\":\"3\",\"reset\":true}");
        var changes = device.list(ONE_LOOK, "1");
        assertEquals(List.of("r"), changes.withdrawn());
        assertFalse(changes.reset());
        var whole = device.list(ONE_LOOK, changes.cursor());
        assertEquals(
                "/v1/devices/dev_a/requests?after=2&wait=0",
                relay.seen().getLast().path());
        assertTrue(whole.reset());
        assertEquals("3", whole.cursor());
    }

    @Test
    void aLostAnswerIsFetchedBySubmittingTheSameEnvelopeAgain() throws Exception {
        relay.thenHangUp().then(200, "{}");
        String id = platform.ask("Deploy 2.1?", TTL);
        var sent = relay.seen().stream()
                .filter(seen -> seen.path().equals("/v1/requests"))
                .toList();
        assertEquals(2, sent.size());
        assertEquals(sent.getFirst(), sent.getLast());
        assertTrue(sent.getFirst().body().contains(id));
    }

    @Test
    void aLostRevocationOrRemovalIsDoneWhenItIsFoundDone() throws Exception {
        relay.thenHangUp().then(410, "{\"code\":\"pair_revoked\"}");
        platform.revoke();
        relay.thenHangUp().then(401, "{\"code\":\"unauthorized\"}");
        device.delete();
    }

    @Test
    void cancellingTooLateTellsHowItEnded() throws Exception {
        Question question = asked("Deploy 2.1?");
        relay.then(409, "{\"code\":\"already_decided\"}");
        relay.then(200, "{\"state\":\"expired\"}");
        assertInstanceOf(Outcome.Expired.class, platform.cancel(question.requestId()));
    }

    @Test
    void everyOtherEndIsToldApart() throws Exception {
        relay.then(200, "{\"state\":\"cancelled\"}")
                .then(200, "{\"state\":\"delivered\"}")
                .then(401, "{}");
        assertInstanceOf(Outcome.Cancelled.class, platform.awaitOutcome("r", ONE_LOOK));
        assertEquals(new Outcome.Open("delivered"), platform.awaitOutcome("r", ONE_LOOK));
        assertThrows(RelayRefusal.class, () -> platform.awaitOutcome("r", ONE_LOOK));
    }

    @Test
    void aPhoneKeepsNoKeyOfAPairingThatRefusedIt() throws Exception {
        relay.then(201, "{\"pair_id\":\"pair_000000000000\",\"platform_token\":\"hpt_b\"}");
        HarpPlatform second = HarpPlatform.open(http, Optional.empty(), TTL);
        relay.then(409, "{\"code\":\"already_paired\"}");
        assertEquals(
                "already_paired",
                assertThrows(RelayRefusal.class, () -> device.scan(second.qrText()))
                        .code());
        Question question = new Question("r", second.pairId(), "?", Instant.EPOCH, Instant.EPOCH);
        assertThrows(GeneralSecurityException.class, () -> device.respond(question, true, ""));
    }

    /** Has the platform ask and the device read it. */
    private Question asked(String text) throws Exception {
        relay.then(201, "{}");
        String id = platform.ask(text, TTL);
        JsonObject sent = last();
        Envelope envelope = new Envelope(id, sent.getString("nonce"), sent.getString("ciphertext"));
        relay.then(200, item(envelope));
        return device.read(id);
    }

    /** Has the platform find this answer. */
    private Outcome answered(String requestId, Response response) throws Exception {
        JsonObject body = Json.createObjectBuilder()
                .add("nonce", response.nonce())
                .add("ciphertext", response.ciphertext())
                .add("signature", response.signature())
                .build();
        relay.then(200, "{\"state\":\"responded\",\"response\":" + body + "}");
        return platform.awaitOutcome(requestId, ONE_LOOK);
    }

    private JsonObject last() {
        String body = relay.seen().getLast().body();
        try (var reader = Json.createReader(new StringReader(body))) {
            return reader.readObject();
        }
    }

    private static String active(String payload) {
        return "{\"pair_id\":\"" + PAIR + "\",\"status\":\"active\",\"payload\":\"" + payload + "\"}";
    }

    private static String item(Envelope envelope) {
        return Json.createObjectBuilder()
                .add("request_id", envelope.requestId())
                .add("pair_id", PAIR)
                .add("nonce", envelope.nonce())
                .add("ciphertext", envelope.ciphertext())
                .add("created_at", 1)
                .add("expires_at", 301)
                .add("state", "pending")
                .build()
                .toString();
    }
}
