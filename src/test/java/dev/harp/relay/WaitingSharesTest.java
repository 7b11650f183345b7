package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.relay.TestRelay.Phone;
import dev.harp.testing.HttpAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One address takes every place to wait that it can get ({@code docs/protocol.md}, section 8.4). */
@Timeout(300)
class WaitingSharesTest {
    private static final String GREEDY = "X-Forwarded-For: 203.0.113.7";
    private static final String OTHER = "X-Forwarded-For: 203.0.113.8";

    /** At most half of 8 places are one network's. */
    private static TestRelay start(String... options) {
        List<String> all = new ArrayList<>(List.of("TRUSTED_PROXIES=127.0.0.1", "MAX_WAITERS=8", "NETWORK_SHARE=10"));
        all.addAll(List.of(options));
        return TestRelay.start(all.toArray(String[]::new));
    }

    private static CompletableFuture<HttpAnswer> poll(TestRelay relay, Phone phone, String from) {
        return CompletableFuture.supplyAsync(
                () -> relay.call(
                        "GET", "/v1/devices/" + phone.id() + "/requests?wait=500", phone.token(), NO_BODY, from),
                RelayCalls.THREADS);
    }

    private static List<CompletableFuture<HttpAnswer>> fill(TestRelay relay, String from) {
        List<CompletableFuture<HttpAnswer>> polls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int waiting = relay.relay().waiters();
            polls.add(poll(relay, relay.phone(), from));
            until(() -> relay.relay().waiters() > waiting);
        }
        return polls;
    }

    @Test
    void anotherAddressIsWokenAndAnswered() {
        try (TestRelay relay = start()) {
            Pair pair = relay.pair();
            List<CompletableFuture<HttpAnswer>> greedy = fill(relay, GREEDY);
            HttpAnswer refused = poll(relay, relay.phone(), GREEDY).join().is(503, "relay_full");
            assertThat(
                    refused.text("detail"),
                    allOf(containsString("network or pairing holds its share"), containsString("NETWORK_SHARE")));
            assertThat(refused.header("Retry-After"), is(Optional.of("30")));
            Phone unlucky = relay.phone();
            relay.call("GET", "/v1/devices/" + unlucky.id() + "/events", unlucky.token(), NO_BODY, GREEDY)
                    .is(503, "relay_full");
            relay.call("GET", "/v1/devices/" + unlucky.id() + "/requests", unlucky.token(), NO_BODY, GREEDY)
                    .is(200);
            CompletableFuture<HttpAnswer> waiting = poll(relay, pair.phone(), OTHER);
            until(() -> relay.relay().waiters() == 5);
            String id = relay.submitted(pair);
            assertThat(waiting.join().is(200).body(), containsString(id));
            assertThat(
                    "news needs no place",
                    poll(relay, pair.phone(), GREEDY).join().is(200).body(),
                    containsString(id));
            relay.relay().close();
            greedy.forEach(poll -> poll.join().is(503, "shutting_down"));
        }
    }

    @Test
    void aNetworkThatIsAllowedHasNoShare() {
        try (TestRelay relay = start("SHARE_ALLOW=203.0.113.0/29")) {
            fill(relay, GREEDY);
            fill(relay, GREEDY);
            assertThat(relay.relay().waiters(), is(8));
            relay.relay().close();
        }
    }
}
