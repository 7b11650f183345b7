package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.testing.RawClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that vanish while their call waits ({@code docs/protocol.md}, 8.3): their places are free soon after. */
@Timeout(300)
class GoneClientsTest {
    /** What a client does to its connection. */
    enum Departure {
        FIN,
        RESET,
        /** It closes its sending half only, and goes on reading. */
        HALF_CLOSED;

        void of(RawClient client) throws IOException {
            switch (this) {
                case FIN -> client.close();
                case RESET -> client.reset();
                case HALF_CLOSED -> client.endOfRequest();
            }
        }
    }

    private final TestRelay relay = TestRelay.start("MAX_WAITERS=20");

    @AfterEach
    void isWell() {
        relay.assertWell();
        relay.close();
    }

    private static byte[] poll(Pair pair) {
        return TestRelay.request(
                "GET",
                "/v1/devices/" + pair.phone().id() + "/requests?wait=500",
                pair.phone().token(),
                NO_BODY);
    }

    private static byte[] stream(Pair pair) {
        return TestRelay.request(
                "GET",
                "/v1/devices/" + pair.phone().id() + "/events",
                pair.phone().token(),
                NO_BODY);
    }

    /** Prints how long it takes. */
    private void untilNobodyWaits(String what) {
        long before = System.nanoTime();
        relay.untilWaiting(0);
        System.out.printf("%s: no place is taken after %d ms%n", what, (System.nanoTime() - before) / 1_000_000);
    }

    /** Every kind of waiting call; nothing moves the clock, so no wait ends by itself. */
    @ParameterizedTest
    @EnumSource
    void everyKindOfCallEnds(Departure departure) throws IOException {
        Pair pair = relay.pair();
        Pair session = relay.session();
        Pair asking = relay.pair();
        String asked = relay.submitted(asking);
        List<byte[]> calls = List.of(
                poll(pair),
                stream(pair),
                TestRelay.request("GET", "/v1/pairs/" + session.id() + "?wait=500", session.platform(), NO_BODY),
                TestRelay.request("GET", "/v1/requests/" + asked + "?wait=500", asking.platform(), NO_BODY),
                TestRelay.request("GET", "/v1/pairs/" + pair.id() + "/events", pair.platform(), NO_BODY));
        List<RawClient> clients = new ArrayList<>();
        for (byte[] call : calls) {
            clients.add(relay.connect().send(call));
        }
        relay.untilWaiting(calls.size());
        for (RawClient client : clients) {
            departure.of(client);
        }
        untilNobodyWaits(departure + " of three polls and two streams");
        until(() -> relay.connections() == 0);
        for (RawClient client : clients) {
            client.close();
        }
    }

    /** Nothing is told to a client that is not there: its request is not delivered by that. */
    @Test
    void nothingIsDeliveredToIt() throws IOException {
        Pair pair = relay.pair();
        RawClient gone = relay.connect().send(poll(pair));
        relay.untilWaiting(1);
        gone.close();
        relay.untilWaiting(0);
        String id = relay.submitted(pair);
        assertThat(relay.state(pair, id), is("pending"));
        assertThat(relay.list(pair.phone()).is(200).body(), containsString(id));
        assertThat(relay.state(pair, id), is("delivered"));
    }

    /** A relay that is full of clients which have gone is not full. */
    @Test
    void theirPlacesAreFree() throws IOException {
        List<RawClient> all = new ArrayList<>();
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            pairs.add(relay.pair());
            all.add(relay.connect().send(poll(pairs.get(i))));
        }
        relay.untilWaiting(20);
        Pair other = relay.pair();
        try (RawClient refused = relay.connect().send(poll(other))) {
            refused.answer().is(503, "relay_full");
        }
        for (RawClient client : all) {
            client.close();
        }
        untilNobodyWaits("FIN of all 20 that may wait");
        try (RawClient waiting = relay.connect().send(poll(other))) {
            relay.untilWaiting(1);
            String id = relay.submitted(other);
            assertThat(waiting.answer().is(200).body(), containsString(id));
        }
    }

    /**
     * A request that comes while the poll waits, whole or in halves, is answered after it, and none of its bytes is
     * lost.
     */
    @Test
    void aRequestBehindThePollIsAnsweredAfterIt() throws IOException {
        Pair pair = relay.pair();
        byte[] health = TestRelay.request("GET", "/health", NO_TOKEN, NO_BODY);
        for (int cut : new int[] {1, 20, health.length}) {
            try (RawClient client = relay.connect().send(poll(pair))) {
                relay.untilWaiting(1);
                client.send(Arrays.copyOf(health, cut));
                String id = relay.submitted(pair);
                assertThat(client.answer().is(200).body(), containsString(id));
                client.send(Arrays.copyOfRange(health, cut, health.length));
                client.answer().is(200);
                relay.delete("/v1/requests/" + id, pair.platform());
            }
        }
    }

    /** The connection is used on after a poll, and is watched again in the next one. */
    @Test
    void aConnectionIsUsedOnAfterAPoll() throws IOException {
        Pair pair = relay.pair();
        RawClient client = relay.connect();
        for (int round = 0; round < 5; round++) {
            client.send(poll(pair));
            relay.untilWaiting(1);
            String id = relay.submitted(pair);
            assertThat(client.answer().is(200).body(), containsString(id));
            client.send(TestRelay.request("GET", "/health", NO_TOKEN, NO_BODY))
                    .answer()
                    .is(200);
            relay.delete("/v1/requests/" + id, pair.platform());
        }
        client.send(poll(pair));
        relay.untilWaiting(1);
        client.close();
        untilNobodyWaits("FIN of a poll on a connection that was used before");
    }

    /** A body that is announced and has not come is none of the poll's business, and is still read as one. */
    @Test
    void aBodyOnItsWayIsReadAsOne() throws IOException {
        Pair pair = relay.pair();
        byte[] call = TestRelay.request(
                "GET",
                "/v1/devices/" + pair.phone().id() + "/requests?wait=500",
                pair.phone().token(),
                NO_BODY,
                "Content-Length: 5");
        try (RawClient client = relay.connect().send(call)) {
            relay.untilWaiting(1);
            client.send("12345" + "GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
            String id = relay.submitted(pair);
            assertThat(client.answer().is(200).body(), containsString(id));
            client.answer().is(200);
        }
    }
}
