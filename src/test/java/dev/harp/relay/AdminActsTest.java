package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.relay.TestRelay.Phone;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.LogCapture;
import dev.harp.testing.RedisServer;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** The operator's acts on the admin listener. */
class AdminActsTest extends AdminRig {
    /** So that a test can call from any address. */
    private static final String TRUSTING = "TRUSTED_PROXIES=127.0.0.1";

    private static final String GREEDY = "X-Forwarded-For: 2001:db8:7:1::9";
    private static final String NEAR = "X-Forwarded-For: 2001:db8:7:2::9";
    private static final String FAR = "X-Forwarded-For: 203.0.113.8";

    private final LogCapture log = LogCapture.of("dev.harp");

    @TempDir
    private Path directory;

    @AfterEach
    void endCapture() {
        log.close();
    }

    // --- hostile ---

    /** Whoever may read the metrics of a listener that is open to a network must not end anything. */
    @Test
    void nothingIsEndedFromElsewhere() throws IOException {
        InetAddress own = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst()
                .orElse(null);
        assumeTrue(own != null, "this machine has no address but the loopback one");
        TestRelay relay = start("ADMIN_HOST=0.0.0.0");
        Pair pair = relay.pair();
        for (String call : List.of(
                "DELETE /pairs/" + pair.id(),
                "DELETE /devices/" + pair.phone().id(),
                "DELETE /networks?network=127.0.0.1",
                "GET /holders")) {
            String[] words = call.split(" ", -1);
            try (Socket socket = new Socket(own, relay.relay().adminPort().orElseThrow(), own, 0)) {
                socket.getOutputStream().write(TestRelay.request(words[0], words[1], "", NO_BODY, "Connection: close"));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(answer, startsWith("HTTP/1.1 404 "));
                assertThat(answer, containsString("from this machine only"));
            }
        }
        stands(relay, pair);
    }

    /** A page in the operator's own browser, whose name has been made to lead to the loopback address. */
    @Test
    void nothingIsEndedByWebPages() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        for (String origin : List.of("http://evil.example:8788", "null")) {
            admin(relay, "DELETE", "/pairs/" + pair.id(), "Origin: " + origin).is(404);
            admin(relay, "DELETE", "/devices/" + pair.phone().id(), "Origin: " + origin)
                    .is(404);
            admin(relay, "DELETE", "/networks?network=127.0.0.1", "Origin: " + origin)
                    .is(404);
        }
        for (String method : List.of("GET", "HEAD", "POST", "PUT")) {
            assertThat(
                    admin(relay, method, "/pairs/" + pair.id())
                            .is(405)
                            .header("Allow")
                            .orElse(""),
                    is("DELETE"));
        }
        stands(relay, pair);
    }

    private void stands(TestRelay relay, Pair pair) {
        assertThat(relay.get("/v1/pairs/" + pair.id(), pair.platform()).is(200).text("status"), is("active"));
        relay.list(pair.phone()).is(200);
        assertThat(log.text().contains("operator_"), is(false));
    }

    @Test
    void whatIsNotStoredIsNamed() {
        TestRelay relay = start();
        assertThat(
                admin(relay, "DELETE", "/pairs/pair_0123456789ab")
                        .is(404, "not_found")
                        .text("detail"),
                is("No pairing pair_0123456789ab is stored."));
        assertThat(
                admin(relay, "DELETE", "/devices/dev_0123456789ab")
                        .is(404, "not_found")
                        .text("detail"),
                is("No device dev_0123456789ab is stored."));
        for (String wrong : List.of("/pairs/x", "/pairs/dev_0123456789ab", "/devices/DEV_0123456789ab")) {
            assertThat(
                    admin(relay, "DELETE", wrong).is(400, "invalid_parameter").text("detail"),
                    containsString("and 12 hex digits"));
        }
        assertThat(log.text().contains("operator_"), is(false));
    }

    @Test
    void whatIsNoNetworkIsNamed() {
        TestRelay relay = start("SHARE_ALLOW=192.0.2.0/24");
        for (String query : List.of(
                "",
                "?network=",
                "?network=localhost",
                "?network=4-0123456789ABCDEF",
                "?network=5-0123456789abcdef",
                "?network=127.0.0.0/24",
                "?network=2001:db8::/32",
                "?network=192.0.2.7",
                "?network=127.0.0.1&network=127.0.0.2",
                "?network=127.0.0.1&after=x",
                "?network=%zz")) {
            HttpAnswer refused = admin(relay, "DELETE", "/networks" + query).is(400);
            assertThat(query, refused.text("detail").isEmpty(), is(false));
        }
        assertThat(admin(relay, "DELETE", "/networks?network=192.0.2.7").text("detail"), containsString("SHARE_ALLOW"));
        for (String limit : List.of("0", "1001", "x", "-1")) {
            admin(relay, "GET", "/holders?limit=" + limit).is(400, "invalid_parameter");
        }
        assertThat(log.text().contains("operator_"), is(false));
    }

    // --- as it should be, on each store ---

    @Test
    void inMemory() throws Exception {
        TestRelay relay = start(TRUSTING);
        revokes(relay, relay);
        removes(relay, relay);
        ends(relay, relay);
    }

    @Test
    void inAFile() throws Exception {
        TestRelay relay = start("STORE=file:" + directory, TRUSTING);
        revokes(relay, relay);
        removes(relay, relay);
        ends(relay, relay);
    }

    /** The operator acts at one relay; those who wait at another one are told. */
    @Test
    void onRedisForAllRelays() throws Exception {
        try (Jedis redis = RedisServer.shared().client()) {
            redis.flushAll();
        }
        String store = "STORE=" + RedisServer.shared().url();
        TestRelay one = start(store, TRUSTING);
        TestRelay other = start(store, TRUSTING);
        revokes(one, other);
        removes(one, other);
        ends(one, other);
    }

    /** {@code docs/protocol.md}, section 4.5. */
    private void revokes(TestRelay here, TestRelay there) throws Exception {
        Pair pair = there.pair();
        String answered = there.submitted(pair);
        there.respond(pair, answered).is(200);
        String open = there.submitted(pair);
        CompletableFuture<HttpAnswer> platform = there.park("/v1/requests/" + open, pair.platform());
        HttpAnswer done = admin(here, "DELETE", "/pairs/" + pair.id()).is(200);
        assertThat(done.body(), is("{\"pair_id\":\"" + pair.id() + "\",\"open_requests\":1}"));
        assertThat(platform.join().is(200).text("state"), is("cancelled"));
        assertThat(there.list(pair.phone()).is(200).body(), containsString("\"requests\":[]"));
        there.get("/v1/pairs/" + pair.id(), pair.platform()).is(410, "pair_revoked");
        there.respond(pair, open).is(410, "request_cancelled");
        admin(here, "DELETE", "/pairs/" + pair.id()).is(410, "pair_revoked");
        assertThat(
                log.events("operator_revoked").getLast(),
                is("WARNING the operator has revoked a pairing operator_revoked{pair_id=" + pair.id()
                        + ", open_requests=1}"));
    }

    /** {@code docs/protocol.md}, section 5.3. */
    private void removes(TestRelay here, TestRelay there) throws Exception {
        Pair pair = there.pair();
        Phone phone = pair.phone();
        String id = there.submitted(pair);
        String cursor = there.list(phone).is(200).text("cursor");
        CompletableFuture<HttpAnswer> list =
                there.park("/v1/devices/" + phone.id() + "/requests?after=" + cursor, phone.token());
        HttpAnswer done = admin(here, "DELETE", "/devices/" + phone.id()).is(200);
        assertThat(done.body(), is("{\"device_id\":\"" + phone.id() + "\",\"pairings\":1}"));
        list.join();
        until(() -> there.list(phone).status() == 401);
        assertThat(there.state(pair, id), is("cancelled"));
        admin(here, "DELETE", "/devices/" + phone.id()).is(404, "not_found");
        assertThat(
                log.events("operator_removed").getLast(),
                is("WARNING the operator has removed a device operator_removed{device_id=" + phone.id()
                        + ", pairings=1}"));
    }

    /** One network fills the relay. The operator sees it, ends what it has opened, and nobody else notices. */
    private void ends(TestRelay here, TestRelay there) throws Exception {
        List<Pair> greedy = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            greedy.add(pairFrom(there, GREEDY));
        }
        var _ = phoneFrom(there, GREEDY);
        Pair near = pairFrom(there, NEAR);
        Pair far = pairFrom(there, FAR);
        String open = there.submitted(greedy.getFirst());
        CompletableFuture<HttpAnswer> platform =
                there.park("/v1/requests/" + open, greedy.getFirst().platform());
        JsonObject wide = holders(here).stream()
                .filter(each -> each.getString("network").startsWith("48-"))
                .findFirst()
                .orElseThrow();
        assertThat(wide.getInt("pairings"), is(4));
        assertThat(wide.getInt("devices"), is(5));
        JsonObject narrow = holders(here).stream()
                .filter(each -> each.getString("network").startsWith("64-") && each.getInt("pairings") == 3)
                .findFirst()
                .orElseThrow();
        assertThat(narrow.getInt("devices"), is(4));
        JsonObject largest = admin(here, "GET", "/holders")
                .is(200)
                .json()
                .getJsonArray("pairings")
                .getJsonObject(0);
        assertThat(largest.getString("pair_id"), is(greedy.getFirst().id()));

        String name = narrow.getString("network");
        HttpAnswer done =
                admin(here, "DELETE", "/networks?network=2001:db8:7:1::77").is(200);
        assertThat(done.json().getString("network"), is(name));
        assertThat(done.json().getInt("pairings"), is(3));
        assertThat(done.json().getInt("devices"), is(4));
        assertThat(platform.join().is(200).text("state"), is("cancelled"));
        for (Pair each : greedy) {
            there.get("/v1/pairs/" + each.id(), each.platform()).is(410, "pair_revoked");
            there.list(each.phone()).is(401);
        }
        assertThat(there.state(far, there.submitted(far)), is("pending"));
        assertThat(there.state(near, there.submitted(near)), is("pending"));
        assertThat(
                log.events("operator_ended").getLast(),
                startsWith("WARNING the operator has ended what a network has opened operator_ended{network=" + name));
        HttpAnswer again = admin(here, "DELETE", "/networks?network=" + name).is(200);
        assertThat(again.body(), is("{\"network\":\"" + name + "\",\"pairings\":0,\"devices\":0}"));
        HttpAnswer rest =
                admin(here, "DELETE", "/networks?network=2001:db8:7::%2F48").is(200);
        assertThat(rest.json().getInt("devices"), is(1));
        there.get("/v1/pairs/" + near.id(), near.platform()).is(410, "pair_revoked");
        assertThat(there.state(far, there.submitted(far)), is("pending"));
    }

    private static List<JsonObject> holders(TestRelay relay) {
        return admin(relay, "GET", "/holders?limit=9")
                .is(200)
                .json()
                .getJsonArray("networks")
                .getValuesAs(JsonObject.class);
    }

    private static Pair pairFrom(TestRelay relay, String from) {
        Phone phone = phoneFrom(relay, from);
        HttpAnswer opened = relay.call("POST", "/v1/pairs", "", "{\"secret_hash\":\"" + TestRelay.SECRET + "\"}", from)
                .is(201);
        Pair session = new Pair(opened.text("pair_id"), opened.text("platform_token"), phone);
        relay.bind(session, phone).is(200);
        return session;
    }

    private static Phone phoneFrom(TestRelay relay, String from) {
        HttpAnswer registered =
                relay.call("POST", "/v1/devices", "", "{}", from).is(201);
        return new Phone(registered.text("device_id"), registered.text("device_token"));
    }
}
