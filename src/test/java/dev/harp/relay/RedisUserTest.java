package dev.harp.relay;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RedisServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;

/**
 * The user that {@code docs/configure.md} creates for the relay has all the rights that the relay needs, and no others.
 */
@Timeout(300)
class RedisUserTest {
    private static final Path OPERATIONS = Path.of("docs/configure.md");
    private static final String PASSWORD = "p@ss:w/rd";

    /** Rights that other servers or addresses need for connecting, but not these. */
    private static final Set<String> OF_CONNECTIONS = Set.of("auth", "hello", "ping", "select", "unsubscribe");

    /** Commands that are used only while a relay connects. */
    private static final Set<String> OF_THE_START = Set.of("client", "info", "subscribe", "zrange");

    private RedisServer redis;

    @BeforeEach
    void start() throws IOException {
        redis = RedisServer.start("--appendonly", "yes", "--appendfsync", "always", "--save", "");
        makeUser();
    }

    @AfterEach
    void stop() {
        redis.close();
    }

    private static String line() throws IOException {
        try (Stream<String> lines = Files.lines(OPERATIONS)) {
            return lines.filter(line -> line.startsWith("ACL SETUSER relay "))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** As in the documentation, except for the password. */
    private void makeUser() throws IOException {
        String[] words = line().substring("ACL ".length())
                .replace(">PASSWORD", ">" + PASSWORD)
                .split(" ", -1);
        try (Jedis admin = redis.client()) {
            assertThat(
                    new String((byte[]) admin.sendCommand(Protocol.Command.ACL, words), StandardCharsets.UTF_8),
                    is("OK"));
        }
    }

    private TestRelay relay() {
        return TestRelay.start(
                "STORE=" + redis.url().replace("redis://", "redis://relay:p%40ss%3Aw%2Frd@") + "/1",
                "RATE_LIMIT_CLIENT=100000",
                "RATE_LIMIT_PAIR=1000",
                "WEBHOOK_ALLOW=127.0.0.1");
    }

    /** A relay is ready only while its user has all rights that it needs. */
    @ParameterizedTest
    @ValueSource(strings = {"evalsha", "eval", "zadd", "hkeys", "publish", "info"})
    void withoutACommandItIsNotReady(String command) {
        try (Jedis admin = redis.client()) {
            admin.aclSetUser("relay", "-" + command);
            try (TestRelay relay = relay()) {
                assertThat(ready(relay), is(503));
                admin.aclSetUser("relay", "+" + command);
                until("ready", () -> ready(relay) == 200);
                TestRelay.Pair pair = relay.pair();
                // A right that is withdrawn later is noticed by the first call that needs it.
                admin.aclSetUser("relay", "-evalsha");
                assertThat(relay.list(pair.phone()).status(), is(503));
                until("not ready", () -> ready(relay) == 503);
            }
        }
    }

    private static int ready(TestRelay relay) {
        return AdminTest.admin(relay, "GET", "/ready").status();
    }

    /** Everything that relays do with Redis: polls, streams, and every end of a request, a pairing and a device. */
    private static void everything(TestRelay one, TestRelay other) throws Exception {
        TestRelay.Phone phone = other.phone();
        TestRelay.Pair session = one.session();
        try (EventClient platform =
                EventClient.open(one.port(), "/v1/pairs/" + session.id() + "/events", session.platform(), "")) {
            CompletableFuture<HttpAnswer> poll = one.park("/v1/pairs/" + session.id(), session.platform());
            other.bind(session, phone).is(200);
            assertThat(poll.join().is(200).text("status"), is("active"));
            TestRelay.Pair pair = new TestRelay.Pair(session.id(), session.platform(), phone);
            try (EventClient device =
                    EventClient.open(other.port(), "/v1/devices/" + phone.id() + "/events", phone.token(), "")) {
                hears(device, "current");
                String answered = one.submitted(pair);
                hears(device, answered + " delivered");
                CompletableFuture<HttpAnswer> outcome = one.park("/v1/requests/" + answered, pair.platform());
                other.respond(pair, answered).is(200);
                assertThat(outcome.join().is(200).text("state"), is("responded"));
                hears(platform, answered + " responded");
                String cancelled = one.submitted(pair);
                one.delete("/v1/requests/" + cancelled, pair.platform()).is(204);
                hears(device, cancelled + " cancelled");
                hears(platform, cancelled + " cancelled");
                String expired = one.newId();
                one.post(
                                "/v1/requests",
                                pair.platform(),
                                TestRelay.envelope(
                                        pair,
                                        expired,
                                        ",\"ttl\":1,\"callback_url\":\"http://127.0.0.1:1/\","
                                                + "\"callback_secret\":\"0123456789abcdef\""))
                        .is(201);
                other.list(phone).is(200);
                other.patch("/v1/devices/" + phone.id(), phone.token(), "{\"push_token\":\"x\"}")
                        .is(200);
                Stream.of(one, other).forEach(relay -> relay.advance(Duration.ofSeconds(2)));
                hears(platform, expired + " expired");
                String last = other.submitted(pair);
                one.delete("/v1/pairs/" + pair.id(), pair.platform()).is(204);
                hears(device, last + " cancelled");
                hears(platform, last + " cancelled");
                hears(platform, "ended");
            }
        }
        other.delete("/v1/devices/" + phone.id(), phone.token()).is(204);
        // All records are forgotten.
        Stream.of(one, other).forEach(relay -> relay.advance(Duration.ofDays(2)));
    }

    private static void hears(EventClient stream, String fact) {
        EventClient.Event event;
        do {
            event = stream.event();
        } while (!event.name().equals(fact)
                && !(event.name().equals("request") && event.fact().equals(fact)));
    }

    @Test
    void everyRightIsNeededAndSufficient() throws Exception {
        try (Jedis admin = redis.client();
                TestRelay one = relay();
                TestRelay other = relay()) {
            String started = admin.info("commandstats");
            admin.configResetStat();
            everything(one, other);
            // The scripts are no longer loaded.
            admin.scriptFlush();
            everything(one, other);
            assertThat("refused", admin.aclLog(), is(empty()));
            Set<String> granted = granted(line());
            Set<String> used = used(started);
            used.retainAll(OF_THE_START);
            used.addAll(used(admin.info("commandstats")));
            Set<String> unused = new TreeSet<>(granted);
            unused.removeAll(used);
            unused.removeAll(OF_CONNECTIONS);
            assertThat("granted, and of no use", unused, is(empty()));
        }
    }

    private static Set<String> used(String statistics) {
        return Pattern.compile("cmdstat_([a-z]+)(?:\\|([a-z]+))?:")
                .matcher(statistics)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> granted(String line) {
        return Stream.of(line.split(" ", -1))
                .filter(word -> word.startsWith("+"))
                .map(word -> word.substring(1).replaceAll("\\|.*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The sentence before the line lists the same commands. */
    @Test
    void theSentenceAndTheLineSayTheSame() throws IOException {
        String text = Files.readString(OPERATIONS);
        int from = text.indexOf("The relay uses these commands:");
        Set<String> named = Pattern.compile("`([A-Z]+)`")
                .matcher(text.substring(from, text.indexOf("ACL SETUSER", from)))
                .results()
                .map(found -> found.group(1).toLowerCase(java.util.Locale.ROOT))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(granted(line()), is(named));
    }

    /** Other keys, channels and commands are denied. */
    @Test
    void itHasNoOtherRights() {
        try (Jedis client = redis.client();
                Jedis admin = redis.client()) {
            assertThat(client.auth("relay", PASSWORD), is("OK"));
            for (List<String> command : List.of(
                    List.of("GET", "other"),
                    List.of("SET", "other", "1"),
                    List.of("PUBLISH", "other", "1"),
                    List.of("EVAL", "return redis.call('GET', 'other')", "0"),
                    List.of("KEYS", "*"),
                    List.of("FLUSHALL"),
                    List.of("CONFIG", "GET", "*"),
                    List.of("ACL", "WHOAMI"),
                    List.of("CLIENT", "LIST"))) {
                String said = "";
                try {
                    client.sendCommand(
                            Protocol.Command.valueOf(command.getFirst()),
                            command.subList(1, command.size()).toArray(String[]::new));
                } catch (redis.clients.jedis.exceptions.JedisException refused) {
                    said = String.valueOf(refused.getMessage());
                }
                assertThat(
                        command.toString(),
                        said.toLowerCase(java.util.Locale.ROOT),
                        anyOf(containsString("permission"), containsString("can't access")));
            }
            assertThat(admin.aclLog().isEmpty(), is(false));
        }
    }

    /** After a restart of Redis, the relay recovers once the user exists again, as with an ACL file. */
    @Test
    void anOutageIsOverOnceTheUserIsBack() throws Exception {
        try (TestRelay one = relay();
                TestRelay other = relay()) {
            TestRelay.Pair pair = one.pair();
            String id = one.submitted(pair);
            CompletableFuture<HttpAnswer> outcome = one.park("/v1/requests/" + id, pair.platform());
            try (EventClient stream = EventClient.of(other, pair.phone())) {
                hears(stream, "current");
                redis.kill();
                until("away", () -> one.list(pair.phone()).status() == 503);
                redis.restart();
                assertThat(one.list(pair.phone()).is(503).code(), is("store_unavailable"));
                makeUser();
                until("back", () -> other.respond(pair, id).status() == 200);
                assertThat(outcome.join().is(200).text("state"), is("responded"));
                until("back", () -> one.list(pair.phone()).status() == 200);
                String next = one.submitted(pair);
                hears(stream, next + " delivered");
            }
            everything(one, other);
            try (Jedis admin = redis.client()) {
                Set<String> reasons = admin.aclLog().stream()
                        .map(entry -> entry.getReason())
                        .collect(Collectors.toCollection(TreeSet::new));
                assertThat("nothing but the unknown user", reasons.stream().allMatch("auth"::equals), is(true));
            }
        }
    }
}
