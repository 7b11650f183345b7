package dev.harp.relay;

import static dev.harp.relay.RelayCalls.NO_TOKEN;
import static dev.harp.relay.RelayCalls.request;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.relay.limit.InFlight;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Memory for messages that come slowly or are not taken, in a relay whose heap has 8 MiB for them. */
@Timeout(300)
class MessagesUnderWayTest {
    private static final long HEAP = 128L << 20;
    private static final String OTHER = "X-Forwarded-For: 203.0.113.7";
    private static final int BODY = 131_072;
    private static final String LARGE = "{\"x\":\"" + "a".repeat(BODY - 8) + "\"}";

    private final TestRelay relay = TestRelay.inHeap(HEAP);
    private final List<RawClient> clients = new ArrayList<>();

    @AfterEach
    void everythingIsGivenBack() throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
        until(() -> relay.connections() == 0);
        until(() -> relay.inFlight().held() + relay.largeHeads().held() == 0);
        relay.assertWell();
        relay.close();
    }

    private RawClient client(byte[] bytes) throws IOException {
        RawClient client = new RawClient(relay.port(), 4096).send(bytes);
        clients.add(client);
        return client;
    }

    private static byte[] slowBody() {
        byte[] whole = request("POST", "/v1/devices", NO_TOKEN, LARGE);
        return java.util.Arrays.copyOf(whole, whole.length - 1);
    }

    /** Registering a device needs no credential, and its body may have 128 KiB. */
    @Test
    void slowBodiesOfOneClientLeaveRoomForOthers() throws Exception {
        RawClient first = client(slowBody());
        until(() -> relay.inFlight().held() > 2 * BODY);
        long each = relay.inFlight().held();
        fill(relay.inFlight(), () -> client(slowBody()));
        long full = relay.inFlight().held();
        HttpAnswer refused = relay.call("POST", "/v1/devices", NO_TOKEN, LARGE);
        refused.is(503, "relay_full");
        assertThat(refused.header("Retry-After").isPresent(), is(true));
        relay.call("POST", "/v1/devices", NO_TOKEN, "{}").is(201);
        relay.call("POST", "/v1/devices", NO_TOKEN, LARGE, OTHER).is(201);
        assertThat("what has begun is finished", first.send("}").answer().status(), is(201));
        // The relay gives memory back after it has sent the answer.
        until(() -> relay.inFlight().held() == full - each);
        relay.call("POST", "/v1/devices", NO_TOKEN, LARGE).is(201);
    }

    private interface Step {
        void take() throws IOException;
    }

    /** Repeats a step, which has been taken once, until nothing is left of the client's share. */
    private static void fill(InFlight<?> memory, Step step) throws IOException {
        long each = memory.held();
        long fit = memory.most() / 4 / each;
        assertThat(fit, is(greaterThan(3L)));
        for (long i = 2; i <= fit; i++) {
            step.take();
            long expected = i * each;
            until(() -> memory.held() == expected);
        }
    }

    /** A poll that waits keeps its header fields, as bytes and as text. */
    @Test
    void pollsWithLargeHeadsHaveTheShareOfTheirClient() throws Exception {
        String large = "X-Large: " + "a".repeat(15_000);
        Step poll = () -> {
            Pair pair = relay.pair();
            client(request("GET", list(pair) + "?wait=60", pair.phone().token(), "", large));
        };
        poll.take();
        relay.untilWaiting(1);
        fill(relay.largeHeads(), poll);
        Pair pair = relay.pair();
        relay.call("GET", list(pair), pair.phone().token(), "", large).is(503, "relay_full");
        relay.call("GET", list(pair), pair.phone().token(), "", large, OTHER).is(200);
        relay.get(list(pair), pair.phone().token()).is(200);
    }

    private static String list(Pair pair) {
        return "/v1/devices/" + pair.phone().id() + "/requests";
    }
}
