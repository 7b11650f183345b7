package dev.harp.relay;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import dev.harp.testing.LogCapture;
import dev.harp.testing.RedisServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Protocol;

/**
 * What is planted in a relay that keeps it elsewhere: ciphertexts are there, since that is what a store is for; bearer
 * tokens and the registration key are not, in no form that anybody could use; and of all of it nothing gets into log,
 * metrics and errors, whatever the store says when it fails.
 */
@Timeout(300)
class CanaryStoresTest {
    @TempDir
    private Path directory;

    private static TestRelay start(String store) {
        TestRelay relay = TestRelay.start(
                "STORE=" + store, "REGISTRATION_KEY=" + Planter.REGISTRATION_KEY, "WEBHOOK_ALLOW=127.0.0.1");
        relay.advance(Duration.between(relay.now(), Instant.now()));
        return relay;
    }

    private static void assertSilent(LogCapture log, TestRelay relay, Planter planter) {
        planter.assertNoneIn("the log", log.text());
        planter.assertNoneIn("the metrics", AdminTest.metrics(relay));
        planter.assertNoneIn("an error", String.join("\n", planter.errors));
        assertThat(log.size(), greaterThan(30));
        assertThat(planter.errors.size(), greaterThan(30));
    }

    /** Bytes as characters, one each; a text may be there as it is, or with two bytes a character. */
    private static void assertAtRest(String what, String bytes, Planter planter, List<String> ciphertexts) {
        for (String ciphertext : ciphertexts) {
            assertThat(what + ": the search finds what is there", bytes, containsString(ciphertext));
        }
        for (String token : planter.tokens) {
            assertThat(what, bytes.contains(token), is(false));
            assertThat(what, bytes.contains(wide(token)), is(false));
            // Without the part that says what it is for.
            assertThat(what, bytes.contains(token.substring(token.indexOf('_') + 1)), is(false));
        }
        assertThat("there were tokens", planter.tokens.size(), greaterThan(5));
    }

    private static String wide(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_16BE), StandardCharsets.ISO_8859_1);
    }

    private static String contentOf(Path folder) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return all.toString();
    }

    @Test
    void inAFile() throws Exception {
        Path store = directory.resolve("store");
        try (LogCapture log = LogCapture.ofEverything()) {
            Planter planter;
            List<String> ciphertexts;
            try (TestRelay relay = start("file:" + store)) {
                planter = new Planter(relay.port());
                planter.plant();
                ciphertexts = planter.leave();
                assertAtRest("the files, open", contentOf(store), planter, ciphertexts);
                assertSilent(log, relay, planter);
            }
            assertAtRest("the files, closed", contentOf(store), planter, ciphertexts);
            planter.assertNoneIn("the log", log.text());
        }
    }

    /**
     * Keys and values, the append-only file with every command that has written, and the log of slow commands, which is
     * set to hold the reads, too.
     */
    @Test
    void inRedis() throws Exception {
        try (RedisServer redis = RedisServer.start(
                        "--appendonly",
                        "yes",
                        "--appendfsync",
                        "always",
                        "--aof-use-rdb-preamble",
                        "no",
                        "--slowlog-log-slower-than",
                        "0",
                        "--slowlog-max-len",
                        "100000");
                LogCapture log = LogCapture.ofEverything();
                TestRelay relay = start(redis.url());
                Jedis client = redis.client()) {
            Planter planter = new Planter(relay.port());
            planter.plant();
            List<String> ciphertexts = planter.leave();
            assertAtRest("keys and values", dump(client), planter, ciphertexts);
            Path folder = Path.of(client.configGet("dir").get("dir"));
            assertAtRest("Redis' files", contentOf(folder), planter, ciphertexts);
            String commands = text(client.sendCommand(Protocol.Command.SLOWLOG, "GET", "100000"));
            assertThat(commands, containsString("EVALSHA"));
            assertAtRest("the log of commands", commands, planter, List.of());
            assertSilent(log, relay, planter);

            // Redis fails in ways in which it quotes what it was asked, or holds.
            client.configSet("maxmemory", "1");
            failing(planter);
            client.configSet("maxmemory", "0");
            for (String key : client.keys("harp1:r:*")) {
                client.hset(key, "d", "CanaryTextDamaged");
            }
            failing(planter);
            for (String key : client.keys("harp1:r:*")) {
                client.del(key);
                client.set(key, "CanaryTextOfAnotherType");
            }
            failing(planter);
            client.aclSetUser("default", "-hmget");
            failing(planter);
            client.aclSetUser("default", "+@all");
            for (String failure : List.of("OOM", "store_corrupt", "WRONGTYPE", "NOPERM")) {
                assertThat(tail(log.text()), log.text().contains(failure), is(true));
            }
            assertSilent(log, relay, planter);
        }
    }

    private static String tail(String text) {
        return text.substring(Math.max(0, text.length() - 2000));
    }

    /**
     * Calls of every kind, as somebody makes them who has been there before; what is answered is looked at by the
     * caller.
     */
    private static void failing(Planter planter) throws IOException {
        int before = planter.errors.size();
        planter.again();
        assertThat(planter.errors.size(), greaterThan(before));
    }

    private static String dump(Jedis client) {
        StringBuilder all = new StringBuilder();
        for (String key : client.keys("*")) {
            all.append(key).append('\n').append(text(value(client, key))).append('\n');
        }
        return all.toString();
    }

    private static Object value(Jedis client, String key) {
        return switch (client.type(key)) {
            case "string" -> client.sendCommand(Protocol.Command.GET, key);
            case "hash" -> client.sendCommand(Protocol.Command.HGETALL, key);
            case "set" -> client.sendCommand(Protocol.Command.SMEMBERS, key);
            case "zset" -> client.sendCommand(Protocol.Command.ZRANGE, key, "0", "-1", "WITHSCORES");
            case "list" -> client.sendCommand(Protocol.Command.LRANGE, key, "0", "-1");
            default -> throw new AssertionError("a type that the relay does not use at " + key);
        };
    }

    private static String text(Object answer) {
        if (answer instanceof List<?> list) {
            return String.join("\n", list.stream().map(CanaryStoresTest::text).toList());
        }
        return answer instanceof byte[] bytes ? new String(bytes, StandardCharsets.ISO_8859_1) : String.valueOf(answer);
    }
}
