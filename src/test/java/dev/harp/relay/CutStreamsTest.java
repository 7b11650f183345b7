package dev.harp.relay;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.EventClient.Event;
import dev.harp.relay.TestRelay.Pair;
import dev.harp.testing.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/**
 * Clients whose connections break at random bytes, twenty times each, while requests are submitted, read, answered and
 * cancelled ({@code docs/protocol.md}, 15.2). No change is lost, and none is sent twice.
 */
@Timeout(300)
class CutStreamsTest {
    private static final int CUTS = 20;
    private static final List<String> ORDER = List.of("pending", "delivered", "responded", "cancelled");

    @TempDir
    private Path directory;

    /** One client that reconnects to one relay after the other. */
    private static final class Follower {
        private final List<TestRelay> relays;
        private final String target;
        private final String token;
        private final Random random;
        private final List<Event> told = new ArrayList<>();
        private final AtomicInteger cuts = new AtomicInteger();
        private volatile String sentinel = "";

        Follower(List<TestRelay> relays, String target, String token, long seed) {
            this.relays = relays;
            this.target = target;
            this.token = token;
            this.random = new Random(seed);
        }

        void follow() {
            String last = "";
            for (int i = 0; ; i++) {
                int port = relays.get(i % relays.size()).port();
                try (EventClient stream = EventClient.open(port, target, token, last)) {
                    stream.head().is(200);
                    try {
                        if (cuts.get() < CUTS) {
                            stream.cutAfter(random.nextInt(1500));
                        }
                        while (true) {
                            Event event = stream.event();
                            told.add(event);
                            if (!sentinel.isEmpty() && event.text("request_id").equals(sentinel)) {
                                return;
                            }
                        }
                    } catch (java.io.UncheckedIOException cut) {
                        cuts.incrementAndGet();
                    }
                    last = stream.lastId();
                }
            }
        }

        /** The changes of requests so far, as {@code id state}, each once. */
        List<String> facts() {
            List<String> facts = told.stream()
                    .filter(event -> event.name().equals("request"))
                    .map(Event::fact)
                    .toList();
            assertThat("sent twice: " + facts, new HashSet<>(facts).size(), is(facts.size()));
            assertThat(told.stream().anyMatch(event -> event.name().equals("reset")), is(false));
            return facts;
        }
    }

    private static void run(long seed, List<TestRelay> relays) throws IOException {
        TestRelay first = relays.getFirst();
        Pair pair = first.pair();
        Follower platform = new Follower(relays, "/v1/pairs/" + pair.id() + "/events", pair.platform(), seed);
        Follower device = new Follower(
                relays,
                "/v1/devices/" + pair.phone().id() + "/events",
                pair.phone().token(),
                seed + 1);
        Map<String, String> ends = new HashMap<>();
        List<String> open = new ArrayList<>();
        Random random = new Random(seed + 2);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<Void> platformFollows = CompletableFuture.runAsync(platform::follow, threads);
            CompletableFuture<Void> deviceFollows = CompletableFuture.runAsync(device::follow, threads);
            while ((platform.cuts.get() < CUTS || device.cuts.get() < CUTS)
                    && !platformFollows.isDone()
                    && !deviceFollows.isDone()) {
                TestRelay at = relays.get(random.nextInt(relays.size()));
                if (open.size() < 3 || (open.size() < 20 && random.nextBoolean())) {
                    open.add(at.submitted(pair));
                } else {
                    String id = open.remove(random.nextInt(open.size()));
                    if (random.nextBoolean()) {
                        at.respond(pair, id).is(200);
                        ends.put(id, "responded");
                    } else {
                        at.delete("/v1/requests/" + id, pair.platform()).is(204);
                        ends.put(id, "cancelled");
                    }
                }
            }
            // A client that has got the last change has got all before it.
            String last = first.newId();
            device.sentinel = last;
            platform.sentinel = last;
            first.submit(pair, last).is(201);
            deviceFollows.join();
            platformFollows.join();
            open.add(last);
        }
        Map<String, String> states = new HashMap<>();
        for (String fact : platform.facts()) {
            String id = fact.substring(0, 36);
            String state = fact.substring(37);
            String before = states.put(id, state);
            assertThat(
                    fact + " after " + before,
                    before == null || ORDER.indexOf(before) < ORDER.indexOf(state),
                    is(true));
        }
        ends.forEach((id, end) -> assertThat(id, states.get(id), is(end)));
        open.forEach(id -> assertThat(id, states.containsKey(id), is(true)));
        Set<String> cards = new TreeSet<>();
        for (String fact : device.facts()) {
            String id = fact.substring(0, 36);
            if (fact.endsWith("cancelled")) {
                cards.remove(id);
            } else {
                cards.add(id);
            }
        }
        ends.forEach((id, end) -> {
            if (end.equals("responded")) {
                cards.remove(id);
            }
        });
        assertThat("seed " + seed, cards, is(new TreeSet<>(open)));
        assertThat(platform.cuts.get() >= CUTS && device.cuts.get() >= CUTS, is(true));
        until(() -> relays.stream().allMatch(relay -> relay.relay().waiters() <= 8));
    }

    @Test
    void inMemory() throws IOException {
        for (long seed = 1; seed <= 3; seed++) {
            try (TestRelay relay = TestRelay.start()) {
                run(seed, List.of(relay));
            }
        }
    }

    @Test
    void inAFile() throws IOException {
        try (TestRelay relay = TestRelay.start("STORE=file:" + directory.resolve("store"))) {
            run(11, List.of(relay));
        }
    }

    /** The client alternates between two relays. */
    @Test
    void atTwoRelays() throws IOException {
        try (Jedis redis = RedisServer.shared().client()) {
            redis.flushAll();
        }
        String store = "STORE=" + RedisServer.shared().url();
        try (TestRelay one = TestRelay.start(store, "MAX_STORED_BYTES=1000000000");
                TestRelay other = TestRelay.start(store, "MAX_STORED_BYTES=1000000000")) {
            run(21, List.of(one, other));
        }
    }
}
