package dev.harp.relay;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.push.VapidKeys;
import dev.harp.testing.LogCapture;
import dev.harp.testing.RedisServer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/** The key pair that a relay makes itself: one for all relays on a store, for as long as the store lasts. */
@Timeout(300)
class VapidKeyTest {
    private static final String PUBLIC = "PUBLIC_URL=https://relay.example.org";

    @TempDir
    private Path directory;

    private static Optional<String> told(TestRelay relay) {
        return Optional.of(relay.get("/v1/about", TestRelay.NO_TOKEN).is(200).json())
                .filter(about -> about.containsKey("vapid_public_key"))
                .map(about -> about.getString("vapid_public_key"));
    }

    @Test
    void anInMemoryRelayHasOneForItsLife() {
        Set<Optional<String>> keys = new HashSet<>();
        for (int start = 0; start < 2; start++) {
            try (TestRelay relay = TestRelay.start(PUBLIC)) {
                keys.add(told(relay));
                keys.add(told(relay));
            }
        }
        assertThat(keys, hasSize(2));
        assertThat(keys.contains(Optional.empty()), is(false));
        try (TestRelay relay = TestRelay.start()) {
            assertThat(told(relay), is(Optional.empty()));
        }
        try (TestRelay relay = TestRelay.start(PUBLIC, "PUSH=off")) {
            assertThat(told(relay), is(Optional.empty()));
        }
    }

    @Test
    void aFileKeepsIt() {
        String store = "STORE=file:" + directory.resolve("store");
        Set<Optional<String>> keys = new HashSet<>();
        for (int start = 0; start < 2; start++) {
            try (TestRelay relay = TestRelay.start(store, PUBLIC)) {
                keys.add(told(relay));
            }
        }
        assertThat(keys, hasSize(1));
    }

    /** Whose applications have subscribed with a configured key keeps it, whatever the store has. */
    @Test
    void aConfiguredOneIsUsedInstead() {
        VapidKeys own = VapidKeys.generate();
        String store = "STORE=file:" + directory.resolve("store");
        try (TestRelay relay = TestRelay.start(store, PUBLIC)) {
            assertThat(told(relay).isPresent(), is(true));
        }
        try (TestRelay relay = TestRelay.start(store, PUBLIC, "VAPID_KEY=" + own.text())) {
            assertThat(told(relay), is(Optional.of(own.publicText())));
        }
    }

    @Test
    void relaysOnOneRedisAgree() throws Exception {
        try (RedisServer redis = RedisServer.start("--save", "");
                TestRelay one = TestRelay.start("STORE=" + redis.url(), PUBLIC);
                TestRelay other = TestRelay.start("STORE=" + redis.url(), PUBLIC)) {
            List<TestRelay> both = List.of(one, other);
            Set<Optional<String>> keys = Collections.synchronizedSet(new HashSet<>());
            List<Thread> threads = IntStream.range(0, 20)
                    .mapToObj(number -> Thread.startVirtualThread(() -> keys.add(told(both.get(number % 2)))))
                    .toList();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(keys, hasSize(1));
            try (TestRelay later = TestRelay.start("STORE=" + redis.url(), PUBLIC)) {
                assertThat(Set.of(told(later)), is(keys));
            }
            // A Redis that keeps nothing gets it back from a relay that knows it.
            try (Jedis client = redis.client()) {
                var _ = client.flushAll();
            }
            assertThat(Set.of(told(one)), is(keys));
            assertThat(Set.of(told(other)), is(keys));
        }
    }

    @Test
    void anOutageAtTheStartOnlyDelaysIt() {
        try (RedisServer redis = RedisServer.start("--save", "")) {
            redis.kill();
            try (TestRelay relay = TestRelay.start("STORE=" + redis.url(), PUBLIC)) {
                assertThat(told(relay), is(Optional.empty()));
                redis.restart();
                until(() -> told(relay).isPresent());
                Optional<String> key = told(relay);
                redis.kill();
                assertThat("what is known is told during an outage, too", told(relay), is(key));
            }
        }
    }

    @Test
    void aDamagedOneStopsWebPushAlone() {
        try (RedisServer redis = RedisServer.start("--save", "");
                Jedis client = redis.client();
                LogCapture log = LogCapture.ofEverything();
                TestRelay relay = TestRelay.start("STORE=" + redis.url(), PUBLIC)) {
            var _ = client.set("harp1:vapid", VapidKeys.generate().text() + "x");
            assertThat(told(relay), is(Optional.empty()));
            assertThat(told(relay), is(Optional.empty()));
            relay.submitted(relay.pair());
            assertThat(
                    log.text()
                            .lines()
                            .filter(line -> line.contains("store_corrupt"))
                            .toList(),
                    hasSize(1));
        }
    }

    @Test
    void thePrivatePartIsInTheStoreAlone() {
        try (RedisServer redis = RedisServer.start("--save", "");
                Jedis client = redis.client();
                LogCapture log = LogCapture.ofEverything();
                TestRelay relay = TestRelay.start("STORE=" + redis.url(), PUBLIC)) {
            String key = told(relay).orElseThrow();
            String stored = client.get("harp1:vapid");
            assertThat(VapidKeys.parse(stored).map(VapidKeys::publicText), is(Optional.of(key)));
            assertThat("it expires with its store", client.ttl("harp1:vapid") > 0, is(true));
            String secret = stored.substring(88);
            relay.submitted(relay.pair());
            String about = relay.get("/v1/about", TestRelay.NO_TOKEN).body();
            for (String shown : List.of(log.text(), AdminTest.metrics(relay), about)) {
                assertThat(shown, not(containsString(secret)));
            }
        }
    }
}
