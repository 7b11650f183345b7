package dev.harp.relay;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.protocol.Token;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RedisServer;
import dev.harp.testing.RedisTrips;
import dev.harp.testing.RequestIds;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How often the calls of one approval wait for Redis ({@code docs/architecture.md}, "Round trips to Redis"). */
@Timeout(300)
class RedisTripsTest {
    private static final String[] LIMITS = {"RATE_LIMIT_CLIENT=100", "RATE_LIMIT_PAIR=10"};
    private RedisTrips trips;

    @BeforeEach
    void start() throws IOException {
        trips = new RedisTrips(RedisServer.shared());
    }

    @AfterEach
    void stop() {
        trips.close();
    }

    private TestRelay relay(String... options) {
        String[] all = java.util.Arrays.copyOf(options, options.length + 1);
        all[options.length] = "STORE=" + trips.url();
        return TestRelay.start(all);
    }

    /**
     * How many trips there were since the last call for calls of the pairing, which name one of its ids, or a token, or
     * a rate limit. Signals and the relay's own work are not waited for.
     */
    private int count(TestRelay.Pair pair) {
        List<String> names = List.of(
                pair.id(),
                pair.phone().id(),
                new Token(pair.platform()).digest().hex(),
                new Token(pair.phone().token()).digest().hex(),
                "\ng:client:",
                "\ng:pair:");
        return (int) trips.take().stream()
                .filter(trip -> !trip.contains("PUBLISH") && names.stream().anyMatch(trip::contains))
                .count();
    }

    /** The trips of an approval for which both long polls have to wait. */
    private Map<String, Integer> approval(TestRelay platforms, TestRelay devices, TestRelay.Pair pair)
            throws Exception {
        Map<String, Integer> counts = new LinkedHashMap<>();
        trips.take();
        CompletableFuture<HttpAnswer> list = devices.park(
                "/v1/devices/" + pair.phone().id() + "/requests", pair.phone().token());
        devices.untilWaiting(1);
        counts.put("the device's poll, until it waits", count(pair));
        String id = platforms.submitted(pair);
        list.get().is(200);
        counts.put("the submission, and the rest of that poll", count(pair));
        CompletableFuture<HttpAnswer> outcome = platforms.park("/v1/requests/" + id, pair.platform());
        platforms.untilWaiting(1);
        counts.put("the platform's poll, until it waits", count(pair));
        devices.respond(pair, id).is(200);
        assertThat(outcome.get().is(200).text("state"), is("responded"));
        counts.put("the response, and the rest of that poll", count(pair));
        return counts;
    }

    private void assertTrips(TestRelay platforms, TestRelay devices, List<Integer> expected) throws Exception {
        TestRelay.Pair pair = platforms.pair();
        // The first one sends the scripts.
        approval(platforms, devices, pair);
        Map<String, Integer> counts = approval(platforms, devices, pair);
        assertThat(counts.toString(), List.copyOf(counts.values()), is(expected));
    }

    @Test
    void anApprovalTakesEight() throws Exception {
        try (TestRelay relay = relay()) {
            assertTrips(relay, relay, List.of(1, 3, 1, 3));
        }
    }

    @Test
    void rateLimitsTakeNoneOfTheirOwn() throws Exception {
        try (TestRelay relay = relay(LIMITS)) {
            assertTrips(relay, relay, List.of(1, 3, 1, 3));
        }
    }

    /** What is stored in one step with its limit counts as it does in two: only new requests do. */
    @Test
    void onlyWhatIsStoredCountsForThePairingsLimit() throws Exception {
        try (TestRelay relay = relay("RATE_LIMIT_PAIR=2")) {
            TestRelay.Pair pair = relay.pair();
            List<String> ids =
                    List.of(RequestIds.at(relay.now()), RequestIds.at(relay.now()), RequestIds.at(relay.now()));
            assertThat(left(relay.submit(pair, ids.get(0)).is(201)), is("\"pair\";r=1;t=30"));
            assertThat(left(relay.submit(pair, ids.get(0)).is(200)), is("\"pair\";r=1;t=30"));
            assertThat(left(relay.submit(pair, ids.get(1)).is(201)), is("\"pair\";r=0;t=30"));
            assertThat(left(relay.submit(pair, ids.get(2)).is(429, "rate_limited")), is("\"pair\";r=0;t=30"));
            assertThat(left(relay.submit(pair, ids.get(1)).is(200)), is("\"pair\";r=0;t=30"));
            assertThat(relay.get("/v1/requests/" + ids.get(2), pair.platform()).status(), is(401));
        }
    }

    private static String left(HttpAnswer answer) {
        return answer.header("RateLimit").orElseThrow();
    }

    /** The device's relay has not seen the request before it reads the list, and stores that it is delivered then. */
    @Test
    void acrossTwoRelaysItTakesOneMore() throws Exception {
        try (TestRelay platforms = relay(LIMITS);
                TestRelay devices = relay(LIMITS)) {
            assertTrips(platforms, devices, List.of(1, 4, 1, 3));
        }
    }
}
