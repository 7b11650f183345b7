package dev.harp.relay.crash;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.crash.PatientClient.Reply;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The audit believes an honest relay, and finds each kind of lie. */
class AuditTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
    private static final long LATER = NOW.getEpochSecond() + 60;
    private static final long BEFORE = NOW.getEpochSecond() - 60;
    private static final Claim.Response YES = new Claim.Response("bm8", "eWVz", "c2ln");
    private static final Claim.Response NO = new Claim.Response("bm8", "bm8", "c2ln");
    private static final String DENIED = "{\"code\":\"unauthorized\"}";

    private final ClientLedger lifecycle = new ClientLedger();
    private final Phone phone = new Phone("dev_1", "hdt_1");
    private final Pair pair = new Pair("pair_1", "hpt_1", phone, "5e", "cGF5", new AtomicBoolean());
    private final Asked asked = lifecycle.asking(pair, "bm9uY2U", "Y2lwaGVy", 60, false);

    /** What the relay says, by token and path. */
    private final Map<String, Reply> relay = new HashMap<>();

    @BeforeEach
    void pairAndAsk() {
        lifecycle.claim(phone, new Claim.Registered());
        lifecycle.claim(pair, new Claim.Opened());
        lifecycle.claim(pair, new Claim.Joined());
        lifecycle.claim(asked, new Claim.Taken(LATER));
        says("hdt_1 /v1/devices/dev_1/requests", 200, "{\"requests\":[]}");
        says("hpt_1 /v1/pairs/pair_1", 200, "{\"status\":\"active\",\"device_id\":\"dev_1\",\"payload\":\"cGF5\"}");
        stands("pending", LATER, "");
    }

    private void says(String question, int status, String body) {
        relay.put(question, new Reply(status, json(body), Optional.empty()));
    }

    private static JsonObject json(String text) {
        return Json.createReader(new StringReader(text)).readObject();
    }

    /** What both sides see of the request. */
    private void stands(String state, long expiresAt, String more) {
        says(
                "hpt_1 " + asked.path(),
                200,
                "{\"state\":\"" + state + "\",\"expires_at\":" + expiresAt + more + ",\"push\":\"none\"}");
        boolean open = state.equals("pending") || state.equals("delivered");
        says(
                "hdt_1 " + asked.path(),
                200,
                "{\"state\":\"" + state + "\"" + (open ? ",\"nonce\":\"bm9uY2U\",\"ciphertext\":\"Y2lwaGVy\"}" : "}"));
    }

    private void responded(Claim.Response response) {
        stands(
                "responded",
                LATER,
                ",\"response\":{\"nonce\":\"" + response.nonce() + "\",\"ciphertext\":\"" + response.ciphertext()
                        + "\",\"signature\":\"" + response.signature() + "\"}");
    }

    private JsonObject timeline() {
        return Optional.ofNullable(relay.get("hpt_1 " + asked.path()))
                .orElseThrow()
                .body();
    }

    private Findings audit() throws InterruptedException {
        Reply denied = new Reply(401, json(DENIED), Optional.empty());
        return Audit.of(
                lifecycle,
                (path, token) -> relay.getOrDefault(token + " " + path, denied),
                InstantSource.fixed(NOW),
                0);
    }

    private void assertHonest() throws InterruptedException {
        Findings findings = audit();
        assertThat(findings.missing(), is(empty()));
        assertThat(findings.contradicted(), is(empty()));
        assertThat(findings.found(), is(findings.acknowledged()));
    }

    private void assertContradicted(String what) throws InterruptedException {
        Findings findings = audit();
        assertThat(findings.missing(), is(empty()));
        assertThat(findings.contradicted(), contains(containsString(what)));
    }

    @Test
    void anHonestRelay() throws Exception {
        assertHonest();
        asked.attempting(YES);
        responded(YES);
        lifecycle.claim(asked, new Claim.Responded(YES));
        lifecycle.claim(asked, new Claim.Seen(timeline()));
        assertHonest();
        assertThat(audit().acknowledged(), is(6L));
    }

    @Test
    void aRelayThatForgetsAllOrOneThing() throws Exception {
        relay.remove("hpt_1 " + asked.path());
        assertThat(audit().missing(), contains(containsString("Taken")));
        relay.clear();
        assertThat(audit().missing().size(), is(4));
        assertThat(audit().found(), is(0L));
    }

    /** What was never acknowledged may be there or not. */
    @Test
    void nobodyKnows() throws Exception {
        Asked lost = lifecycle.asking(pair, "bm9uY2U", "Y2lwaGVy", 60, false);
        assertHonest();
        asked.attempting(YES);
        responded(YES);
        assertHonest();
        assertThat(lifecycle.claims(lost), is(empty()));
    }

    @Test
    void anotherResponseThanTheOneThatWasTaken() throws Exception {
        asked.attempting(YES);
        asked.attempting(NO);
        lifecycle.claim(asked, new Claim.Responded(YES));
        responded(NO);
        assertContradicted("Responded");
    }

    @Test
    void aResponseThatNobodyGave() throws Exception {
        asked.attempting(YES);
        responded(NO);
        assertContradicted("cannot be so");
    }

    @Test
    void twoResponsesTaken() throws Exception {
        asked.attempting(YES);
        asked.attempting(NO);
        lifecycle.claim(asked, new Claim.Responded(YES));
        lifecycle.claim(asked, new Claim.Responded(NO));
        responded(YES);
        assertContradicted("Responded");
    }

    @Test
    void aResponseThatIsGone() throws Exception {
        asked.attempting(YES);
        lifecycle.claim(asked, new Claim.Responded(YES));
        assertContradicted("Responded");
    }

    @Test
    void anEndThatBecomesAnother() throws Exception {
        asked.attempting(YES);
        asked.withdrawing();
        lifecycle.claim(asked, new Claim.Ended("cancelled"));
        responded(YES);
        assertContradicted("Ended");
    }

    @Test
    void oneByteOfTheTimeline() throws Exception {
        asked.attempting(YES);
        responded(YES);
        lifecycle.claim(asked, new Claim.Seen(timeline()));
        says("hpt_1 " + asked.path(), 200, timeline().toString().replace("none", "nona"));
        assertContradicted("Seen");
    }

    @Test
    void aDenialOutOfNothing() throws Exception {
        stands("cancelled", LATER, "");
        assertContradicted("cannot be so");
        pair.revoking().set(true);
        assertHonest();
    }

    @Test
    void timesThatCannotBe() throws Exception {
        stands("expired", LATER, "");
        assertContradicted("cannot be so");
        Asked late = lifecycle.asking(pair, "bm9uY2U", "Y2lwaGVy", 60, false);
        stands("pending", LATER, "");
        says("hpt_1 " + late.path(), 200, "{\"state\":\"delivered\",\"expires_at\":" + BEFORE + "}");
        says(
                "hdt_1 " + late.path(),
                200,
                "{\"state\":\"delivered\",\"nonce\":\"bm9uY2U\",\"ciphertext\":\"Y2lwaGVy\"}");
        assertContradicted(late.id());
        stands("pending", LATER + 1, "");
        assertThat(audit().contradicted().size(), is(2));
    }

    @Test
    void anotherEnvelope() throws Exception {
        says(
                "hdt_1 " + asked.path(),
                200,
                "{\"state\":\"pending\",\"nonce\":\"bm9uY2U\",\"ciphertext\":\"Y2hhbmdlZA\"}");
        assertContradicted("something else for its phone");
    }

    /** A request that has ended shows nothing of what was asked. */
    @Test
    void anEnvelopeThatOutlivesItsRequest() throws Exception {
        asked.attempting(YES);
        responded(YES);
        says(
                "hdt_1 " + asked.path(),
                200,
                "{\"state\":\"responded\",\"nonce\":\"bm9uY2U\",\"ciphertext\":\"Y2lwaGVy\"}");
        assertContradicted("something else for its phone");
    }

    @Test
    void aDeliveryThatIsGone() throws Exception {
        lifecycle.claim(asked, new Claim.Delivered());
        assertContradicted("Delivered");
    }

    @Test
    void aPairingThatIsOtherwise() throws Exception {
        says("hpt_1 /v1/pairs/pair_1", 200, "{\"status\":\"pending\"}");
        assertContradicted("Joined");
        says("hpt_1 /v1/pairs/pair_1", 200, "{\"status\":\"active\",\"device_id\":\"dev_2\",\"payload\":\"cGF5\"}");
        assertContradicted("Joined");
        says("hpt_1 /v1/pairs/pair_1", 410, "{\"code\":\"pair_revoked\"}");
        assertThat(audit().contradicted().size(), is(2));
    }

    @Test
    void aRevocationThatIsGone() throws Exception {
        pair.revoking().set(true);
        lifecycle.claim(pair, new Claim.Revoked());
        assertThat(audit().contradicted().size(), is(3));
        says("hpt_1 /v1/pairs/pair_1", 410, "{\"code\":\"pair_revoked\"}");
        assertHonest();
    }

    @Test
    void aListThatHasWhatIsOver() throws Exception {
        asked.withdrawing();
        lifecycle.claim(asked, new Claim.Ended("cancelled"));
        stands("cancelled", LATER, "");
        assertHonest();
        says("hdt_1 /v1/devices/dev_1/requests", 200, "{\"requests\":[{\"request_id\":\"" + asked.id() + "\"}]}");
        assertContradicted("listed as open");
    }

    /** What clients have seen while they worked counts as well. */
    @Test
    void whatClientsHaveSeen() throws Exception {
        lifecycle.missing("gone for a while");
        lifecycle.contradicted("said otherwise for a while");
        assertThat(audit().missing(), contains("gone for a while"));
        assertThat(audit().contradicted(), contains("said otherwise for a while"));
    }
}
