package dev.harp.relay;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.store.redis.RedisChangeSignal;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RedisServer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Jedis;

/** {@code STORE=redis+sentinel://}: a failover with a real Sentinel, a master and a replica. */
@Timeout(300)
class RedisSentinelTest {

    @Test
    void theRelayFollowsAFailover() throws Exception {
        try (RedisServer master = RedisServer.start("--save", "");
                RedisServer replica = RedisServer.start("--save", "", "--replicaof", "127.0.0.1", "" + master.port());
                RedisServer sentinel = RedisServer.startSentinel(master);
                Jedis asked = sentinel.client()) {
            until(
                    "the Sentinel knows both",
                    () -> !asked.sentinelReplicas("main").isEmpty());
            String store = "STORE=redis+sentinel://127.0.0.1:" + sentinel.port() + "/main";
            try (TestRelay one = TestRelay.start(store, "MAX_STORED_BYTES=10000000");
                    TestRelay other = TestRelay.start(store, "MAX_STORED_BYTES=10000000")) {
                TestRelay.Pair pair = one.pair();
                String id = other.submitted(pair);
                CompletableFuture<HttpAnswer> outcome = one.park("/v1/requests/" + id, pair.platform());
                try (EventClient stream = EventClient.of(other, pair.phone());
                        Jedis client = master.client()) {
                    assertThat(stream.event().fact(), is(id + " delivered"));
                    assertThat(stream.event().name(), is("current"));
                    until("the replica has all", () -> client.waitReplicas(1, 1000) == 1);
                    master.kill();
                    until("away", () -> one.list(pair.phone()).status() == 503);
                    until("taken again", () -> one.respond(pair, id).status() == 200);
                    assertThat(told(one, outcome).is(200).text("state"), is("responded"));
                    String next = one.newId();
                    until("taken again", () -> one.submit(pair, next).status() < 300);
                    CompletableFuture<EventClient.Event> event = CompletableFuture.supplyAsync(stream::event);
                    assertThat(told(other, event).fact(), is(next + " delivered"));
                }
                try (Jedis second = replica.client()) {
                    assertThat(second.exists("harp1:r:" + pair.id() + ":" + id), is(true));
                }
            }
        }
    }

    /**
     * Waits for an answer. Sentinel closes all connections to the new master once more after the promotion. A waiter
     * that was signalled just then could not read and reads again after the interval, which this lets pass.
     */
    private static <T> T told(TestRelay relay, CompletableFuture<T> waiting) throws Exception {
        while (true) {
            try {
                return waiting.get(1, TimeUnit.SECONDS);
            } catch (TimeoutException _) {
                relay.pass(RedisChangeSignal.REREAD);
            }
        }
    }
}
