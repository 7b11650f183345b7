package dev.harp.relay;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import dev.harp.testing.HttpAnswer;
import dev.harp.testing.LogCapture;
import dev.harp.testing.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;

/**
 * Outages of Redis of every kind: calls end with 503, {@code /ready} fails, {@code /live} does not, parked polls
 * survive, and the relay recovers by itself.
 */
@Timeout(300)
class RedisOutageTest {
    private RedisServer redis;
    private TestRelay relay;
    private TestRelay.Pair pair;
    private String id;
    private CompletableFuture<HttpAnswer> waiting;

    @BeforeEach
    void start() {
        redis = RedisServer.start("--appendonly", "yes", "--appendfsync", "always", "--save", "");
        relay = TestRelay.start("STORE=" + redis.url());
        pair = relay.pair();
        id = relay.submitted(pair);
        long before = reads();
        waiting = relay.park("/v1/requests/" + id, pair.platform());
        // The poll has read once, so it is parked. A poll that is not parked yet is refused like any other call.
        until("read", () -> reads() > before);
        assertThat(reads() > before, is(true));
    }

    /** How often the number of open requests of a pairing was read. */
    private long reads() {
        try (Jedis client = redis.client()) {
            Matcher calls = Pattern.compile("cmdstat_scard:calls=(\\d+)").matcher(client.info("commandstats"));
            return calls.find() ? Long.parseLong(calls.group(1)) : 0;
        }
    }

    @AfterEach
    void stop() {
        relay.close();
        redis.close();
    }

    @Test
    void itHangs() throws Exception {
        redis.pause();
        isAway();
        redis.resume();
        isBack();
    }

    @Test
    void itCrashesAndIsStartedAgain() throws Exception {
        redis.kill();
        isAway();
        redis.restart();
        isBack();
    }

    /** A change that takes no more room, such as a response to an accepted request, still succeeds. */
    @Test
    void itHasNoMemoryLeft() throws Exception {
        command("CONFIG", "SET", "maxmemory", "1");
        until("not ready", () -> status("/ready") == 503);
        assertThat(status("/live"), is(200));
        refused(relay.submit(pair, relay.newId()));
        relay.respond(pair, id).is(200);
        assertThat(waiting.get().is(200).text("state"), is("responded"));
        command("CONFIG", "SET", "maxmemory", "0");
        until("ready again", () -> status("/ready") == 200);
        relay.submit(pair, relay.newId()).is(201);
    }

    @Test
    void itBecomesAReplicaThatCannotBeWritten() throws Exception {
        command("CONFIG", "SET", "replica-serve-stale-data", "yes");
        command("REPLICAOF", "127.0.0.1", "1");
        until("not ready", () -> status("/ready") == 503);
        refused(relay.submit(pair, relay.newId()));
        refused(relay.respond(pair, id));
        command("REPLICAOF", "NO", "ONE");
        isBack();
    }

    /** Eviction would lose accepted requests. */
    @Test
    void itWouldEvict() throws Exception {
        command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        command("CONFIG", "SET", "maxmemory", "1000000000");
        isAway();
        command("CONFIG", "SET", "maxmemory-policy", "noeviction");
        isBack();
    }

    /** Pairings would work in it, and the removal of a device would not. */
    @Test
    void itIsAServerOfACluster() {
        try (RedisServer cluster = RedisServer.startCluster();
                LogCapture log = LogCapture.ofEverything();
                TestRelay other = TestRelay.start("STORE=" + cluster.url())) {
            assertThat(status(other, "/ready"), is(503));
            refused(other.post("/v1/devices", TestRelay.NO_TOKEN, "{}"));
            assertThat(log.text(), containsString("reason=cluster"));
            assertThat(log.text(), containsString("set cluster-enabled to no"));
        }
    }

    @Test
    void itIsNotThereYetWhenTheRelayStarts() {
        redis.kill();
        try (TestRelay early = TestRelay.start("STORE=" + redis.url())) {
            refused(early.post("/v1/devices", TestRelay.NO_TOKEN, "{}"));
            redis.restart();
            until("ready", () -> status(early, "/ready") == 200);
            early.phone();
        }
    }

    /** A damaged record is neither returned nor changed. Other records are not affected. */
    @Test
    void itHoldsADamagedRecord() {
        try (Jedis client = redis.client()) {
            client.hset("harp1:r:" + pair.id() + ":" + id, "d", "damaged");
        }
        refused(relay.get("/v1/requests/" + id, pair.platform()));
        refused(relay.respond(pair, id));
        String next = relay.newId();
        relay.submit(pair, next).is(201);
        relay.respond(pair, next).is(200);
        assertThat(status("/ready"), is(200));
    }

    private void isAway() {
        until("not ready", () -> status("/ready") == 503);
        until("refused", () -> relay.get("/v1/requests/" + id, pair.platform()).status() == 503);
        refused(relay.get("/v1/requests/" + id, pair.platform()));
        refused(relay.submit(pair, relay.newId()));
        assertThat(status("/live"), is(200));
        assertThat(status("/ready"), is(503));
        // What needs no store is served.
        relay.get("/openapi.yaml", TestRelay.NO_TOKEN).is(200);
        relay.get("/app/", TestRelay.NO_TOKEN).is(200);
        assertThat(relay.get("/health", TestRelay.NO_TOKEN).status(), is(200));
        assertThat(waiting.isDone(), is(false));
    }

    private void isBack() throws Exception {
        until("ready again", () -> status("/ready") == 200);
        until("answered again", () -> relay.respond(pair, id).status() == 200);
        assertThat(waiting.get().is(200).text("state"), is("responded"));
    }

    private static void refused(HttpAnswer answer) {
        assertThat(answer.is(503).text("code"), is("store_unavailable"));
    }

    private void command(String first, String... more) {
        try (Jedis client = redis.client()) {
            client.sendCommand(Protocol.Command.valueOf(first), more);
        }
    }

    private int status(String path) {
        return status(relay, path);
    }

    private static int status(TestRelay of, String path) {
        try {
            URI uri = URI.create("http://127.0.0.1:" + of.relay().adminPort().orElseThrow() + path);
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
            try {
                return connection.getResponseCode();
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
