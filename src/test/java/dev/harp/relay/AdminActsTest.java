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
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** The operator's acts on the admin listener. */
class AdminActsTest extends AdminRig {
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
        for (String target :
                List.of("/pairs/" + pair.id(), "/devices/" + pair.phone().id())) {
            try (Socket socket = new Socket(own, relay.relay().adminPort().orElseThrow(), own, 0)) {
                socket.getOutputStream().write(TestRelay.request("DELETE", target, "", NO_BODY, "Connection: close"));
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

    // --- as it should be, on each store ---

    @Test
    void inMemory() throws Exception {
        TestRelay relay = start();
        revokes(relay, relay);
        removes(relay, relay);
    }

    @Test
    void inAFile() throws Exception {
        TestRelay relay = start("STORE=file:" + directory);
        revokes(relay, relay);
        removes(relay, relay);
    }

    /** The operator acts at one relay; those who wait at another one are told. */
    @Test
    void onRedisForAllRelays() throws Exception {
        try (Jedis redis = RedisServer.shared().client()) {
            redis.flushAll();
        }
        String store = "STORE=" + RedisServer.shared().url();
        TestRelay one = start(store);
        TestRelay other = start(store);
        revokes(one, other);
        removes(one, other);
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
}
