package dev.harp.relay;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.store.redis.RedisChangeSignal;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;

/** Two relays on one Redis behave as one. */
@Timeout(300)
class RelaysOnRedisTest {
    private TestRelay one;
    private TestRelay other;

    @BeforeEach
    void start() {
        try (Jedis redis = RedisServer.shared().client()) {
            redis.flushAll();
        }
        one = TestRelay.start("STORE=" + RedisServer.shared().url(), "MAX_STORED_BYTES=1000000000");
        other = TestRelay.start("STORE=" + RedisServer.shared().url(), "MAX_STORED_BYTES=1000000000");
    }

    @AfterEach
    void stop() {
        one.close();
        other.close();
    }

    @Test
    void aPlatformPollsAtOneWhileItsDeviceJoinsAtTheOther() throws Exception {
        TestRelay.Phone phone = other.phone();
        TestRelay.Pair session = one.session();
        CompletableFuture<HttpAnswer> poll = one.park("/v1/pairs/" + session.id(), session.platform());
        other.bind(session, phone).is(200);
        assertThat(poll.get().is(200).text("status"), is("active"));
    }

    @Test
    void aDevicePollsAtOneAndAPlatformAtTheOther() throws Exception {
        TestRelay.Pair pair = one.pair();
        CompletableFuture<HttpAnswer> list = one.park(
                "/v1/devices/" + pair.phone().id() + "/requests", pair.phone().token());
        String id = other.submitted(pair);
        assertThat(list.get().is(200).body(), containsString(id));
        CompletableFuture<HttpAnswer> outcome = other.park("/v1/requests/" + id, pair.platform());
        one.respond(pair, id).is(200);
        assertThat(outcome.get().is(200).text("state"), is("responded"));
    }

    @Test
    void aRevocationAtOneWakesAPollAtTheOther() throws Exception {
        TestRelay.Pair pair = one.pair();
        String id = one.submitted(pair);
        CompletableFuture<HttpAnswer> outcome = other.park("/v1/requests/" + id, pair.platform());
        one.delete("/v1/pairs/" + pair.id(), pair.platform()).is(204);
        assertThat(outcome.get().is(200).text("state"), is("cancelled"));
    }

    /** Signals that were missed while the subscription was down are made up for when it is back. */
    @Test
    void aMissedSignalIsMadeUpForByTheNextSubscription() throws Exception {
        TestRelay.Pair pair = one.pair();
        String id = one.submitted(pair);
        CompletableFuture<HttpAnswer> outcome = one.park("/v1/requests/" + id, pair.platform());
        // No signal gets through: the user may not use the channel. Then the subscription is cut.
        try (Jedis redis = RedisServer.shared().client()) {
            String user = redis.aclSetUser("default", "resetchannels");
            other.respond(pair, id).is(200);
            assertThat(outcome.isDone(), is(false));
            assertThat(user + redis.aclSetUser("default", "allchannels"), is("OKOK"));
            redis.sendCommand(Protocol.Command.CLIENT, "KILL", "TYPE", "pubsub");
        }
        assertThat(outcome.get().is(200).text("state"), is("responded"));
    }

    /**
     * The other relay's signal is lost: Redis refuses to publish it, while all connections are up. A waiter reads again
     * after the interval, and not before, so nothing else can have woken it.
     */
    @Test
    void aWaiterReadsAgainWithoutASignal() throws Exception {
        try (Jedis redis = RedisServer.shared().client()) {
            assertThat(redis.aclSetUser("mute", "on", ">mute", "allkeys", "allcommands", "resetchannels"), is("OK"));
            String url = RedisServer.shared().url().replace("redis://", "redis://mute:mute@");
            try (TestRelay mute = TestRelay.start("STORE=" + url, "MAX_STORED_BYTES=1000000000");
                    TestRelay listens = TestRelay.start(
                            "STORE=" + RedisServer.shared().url(),
                            "MAX_STORED_BYTES=1000000000",
                            "STREAM_HEARTBEAT=1")) {
                TestRelay.Pair pair = mute.pair();
                try (EventClient stream = EventClient.of(listens, pair.phone())) {
                    assertThat(stream.event().name(), is("current"));
                    String listeners = listeners(redis);
                    redis.configResetStat(); // after the starts, at which each relay checks its right to publish
                    String id = mute.submitted(pair);
                    until("refused", () -> publishes(redis, "rejected_calls") > 0);
                    // Comments only; an event before them fails.
                    stream.comment();
                    stream.comment();
                    assertThat("nothing was published", publishes(redis, "calls"), is(0L));
                    listens.pass(RedisChangeSignal.REREAD);
                    assertThat(stream.event().fact(), is(id + " delivered"));
                    assertThat("no subscription was renewed", listeners(redis), is(listeners));
                }
            } finally {
                redis.aclDelUser("mute");
            }
        }
    }

    /** If the connection for publishing has broken since its last use, the next signal is sent on a new one. */
    @Test
    void aSignalSurvivesABrokenConnection() throws Exception {
        TestRelay.Pair pair = other.pair();
        String id = other.submitted(pair);
        CompletableFuture<HttpAnswer> outcome = one.park("/v1/requests/" + id, pair.platform());
        try (Jedis redis = RedisServer.shared().client()) {
            until("published before", () -> redis.clientList().contains(" cmd=publish "));
            redis.clientList()
                    .lines()
                    .filter(client -> client.contains(" cmd=publish "))
                    .forEach(client -> redis.clientKill(ClientKillParams.clientKillParams()
                            .id(client.substring("id=".length(), client.indexOf(' ')))));
            redis.configResetStat();
            other.respond(pair, id).is(200);
            until("published", () -> publishes(redis, "calls") > 0);
        }
        assertThat(outcome.get().is(200).text("state"), is("responded"));
    }

    private static String listeners(Jedis redis) {
        return redis.clientList(ClientType.PUBSUB)
                .lines()
                .map(line -> line.substring(0, line.indexOf(' ')))
                .sorted()
                .collect(Collectors.joining(" "));
    }

    private static long publishes(Jedis redis, String what) {
        Matcher found =
                Pattern.compile("cmdstat_publish:.*?\\b" + what + "=(\\d+)").matcher(redis.info("commandstats"));
        return found.find() ? Long.parseLong(found.group(1)) : 0;
    }

    @Test
    void ofConcurrentResponsesAtBothExactlyOneWins() throws Exception {
        TestRelay.Pair pair = one.pair();
        for (int i = 0; i < 20; i++) {
            String id = one.submitted(pair);
            List<CompletableFuture<HttpAnswer>> answers = new ArrayList<>();
            for (int j = 0; j < 4; j++) {
                TestRelay at = j % 2 == 0 ? one : other;
                answers.add(at.later(
                        "PUT",
                        "/v1/requests/" + id + "/response",
                        pair.phone().token(),
                        "{\"nonce\":\"bm9uY2U\",\"ciphertext\":\"YW5zd2V" + "ABCD".charAt(j) + "\"}"));
            }
            int won = 0;
            for (CompletableFuture<HttpAnswer> answer : answers) {
                won += answer.get().status() == 200 ? 1 : 0;
            }
            assertThat(won, is(1));
            assertThat(
                    one.get("/v1/requests/" + id, pair.platform()).body(),
                    is(other.get("/v1/requests/" + id, pair.platform()).body()));
        }
    }

    @Test
    void concurrentRetriesAtBothAreOneRequest() throws Exception {
        TestRelay.Pair pair = one.pair();
        String id = one.newId();
        List<CompletableFuture<HttpAnswer>> answers = new ArrayList<>();
        for (int j = 0; j < 10; j++) {
            TestRelay at = j % 2 == 0 ? one : other;
            answers.add(at.later("POST", "/v1/requests", pair.platform(), TestRelay.envelope(pair, id, "")));
        }
        int created = 0;
        for (CompletableFuture<HttpAnswer> answer : answers) {
            created += answer.get().status() == 201 ? 1 : 0;
        }
        assertThat(created, is(1));
    }

    /** Every key has the prefix and expires, and no name of a key is a token. */
    @Test
    void everyKeyHasThePrefixAndExpires() {
        TestRelay.Pair pair = one.pair();
        one.submitted(pair);
        String id = one.submitted(pair);
        other.respond(pair, id).is(200);
        one.delete("/v1/requests/" + one.submitted(pair), pair.platform()).is(204);
        other.list(pair.phone()).is(200);
        try (Jedis redis = RedisServer.shared().client()) {
            for (String key : redis.keys("*")) {
                assertThat(key, key.startsWith("harp1:"), is(true));
                // -2 is a key that has expired meanwhile.
                assertThat(key, redis.pttl(key), is(not(-1L)));
                assertThat(key, not(containsString(pair.platform())));
            }
        }
    }

    @Test
    void anExpiryAtOneIsVisibleAtTheOther() {
        TestRelay.Pair pair = one.pair();
        String id = one.submitted(pair, 1);
        one.advanceUnnoticed(java.time.Duration.ofSeconds(2));
        other.advance(java.time.Duration.ofSeconds(2));
        assertThat(one.state(pair, id), is("expired"));
        assertThat(other.state(pair, id), is("expired"));
    }
}
