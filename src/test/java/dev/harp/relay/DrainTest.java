package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Shutdown ({@code docs/protocol.md}, 9.6): every call gets an answer, and none a broken connection. */
@Timeout(300)
class DrainTest {
    private static final byte[] REGISTRATION = TestRelay.request("POST", "/v1/devices", NO_TOKEN, "{}");

    /** A call whose last byte is still missing. It delays the shutdown until it is complete. */
    private static RawClient inFlight(TestRelay relay, byte[] request) throws Exception {
        until(() -> relay.connections() == relay.relay().waiters());
        RawClient wire = relay.connect().send(Arrays.copyOf(request, request.length - 1));
        until(() -> relay.connections() == relay.relay().waiters() + 1);
        return wire;
    }

    /** Five hundred polls: each is answered, and its connection is closed. */
    @Test
    void everyPollIsAnswered() throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            List<RawClient> polls = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                Pair session = relay.session();
                polls.add(relay.connect()
                        .send(TestRelay.request(
                                "GET", "/v1/pairs/" + session.id() + "?wait=500", session.platform(), NO_BODY)));
            }
            relay.untilWaiting(500);
            CompletableFuture<?> closing = relay.closing();
            for (RawClient poll : polls) {
                HttpAnswer answer = poll.answer().is(503, "shutting_down");
                relay.note("GET", "/v1/pairs/x", answer);
                assertThat(answer.header("Retry-After").orElse(""), is("1"));
                assertThat(answer.header("Connection").orElse(""), is("close"));
                assertThat(poll.isClosedByServer(), is(true));
                poll.close();
            }
            closing.join();
        }
    }

    /** A call in flight is completed, and stored before it is answered. */
    @Test
    void callInFlightIsFinished() throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.pair();
            String body = TestRelay.envelope(pair, relay.newId(), "");
            byte[] request = TestRelay.request("POST", "/v1/requests", pair.platform(), body);
            try (RawClient wire = inFlight(relay, request)) {
                CompletableFuture<?> closing = relay.closing();
                until(() -> relay.get("/health", NO_TOKEN).status() == 503);
                HttpAnswer answer = wire.send("}").answer().is(201);
                assertThat(answer.header("Connection").orElse(""), is("close"));
                assertThat(wire.isClosedByServer(), is(true));
                closing.join();
            }
        }
    }

    /** Meanwhile {@code /health} reports the shutdown to the load balancer, and a new poll is not parked. */
    @Test
    void newCallsAreRefused() throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.pair();
            Pair session = relay.session();
            String id = relay.submitted(pair);
            try (RawClient holding = inFlight(relay, REGISTRATION)) {
                CompletableFuture<?> closing = relay.closing();
                until(() -> relay.get("/health", NO_TOKEN).status() == 503);
                HttpAnswer health = relay.get("/health", NO_TOKEN).is(503);
                assertThat(health.body(), is("{\"status\":\"unavailable\"}"));
                assertThat(health.header("Connection").orElse(""), is("close"));
                relay.get("/v1/pairs/" + session.id() + "?wait=500", session.platform())
                        .is(503, "shutting_down");
                // A result that is known already is answered all the same.
                assertThat(
                        relay.get(
                                        "/v1/devices/" + pair.phone().id() + "/requests?wait=500",
                                        pair.phone().token())
                                .is(200)
                                .body(),
                        containsString(id));
                relay.respond(pair, id).is(200);
                holding.send("}").answer().is(201);
                closing.join();
            }
        }
    }

    /** Streams of both kinds send their pending updates and end in order. A new one is refused. */
    @Test
    void streamsEndAndNewOnesAreRefused() throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            List<EventClient> streams = new ArrayList<>();
            Pair pair = relay.pair();
            String devices = "/v1/devices/" + pair.phone().id() + "/events";
            String pairs = "/v1/pairs/" + pair.id() + "/events";
            for (int i = 0; i < 100; i++) {
                Pair other = relay.pair();
                streams.add(EventClient.of(relay, other.phone()));
                streams.add(
                        EventClient.open(relay.port(), "/v1/pairs/" + other.id() + "/events", other.platform(), ""));
            }
            try (RawClient holding = inFlight(relay, REGISTRATION)) {
                CompletableFuture<?> closing = relay.closing();
                until(() -> relay.get("/health", NO_TOKEN).status() == 503);
                for (EventClient stream : streams) {
                    assertThat(stream.head().status(), is(200));
                    String last = "";
                    for (Optional<EventClient.Event> next = stream.next(); next.isPresent(); next = stream.next()) {
                        last = next.get().name();
                    }
                    assertThat(last, is("current"));
                    // A heartbeat may come first on a busy machine.
                    assertThat(stream.comments().getLast(), is("the relay is shutting down"));
                    assertThat(stream.isClosedByServer(), is(true));
                    stream.close();
                }
                relay.submitted(pair);
                for (HttpAnswer answer :
                        List.of(relay.get(devices, pair.phone().token()), relay.get(pairs, pair.platform()))) {
                    answer.is(503, "shutting_down");
                    assertThat(answer.header("Retry-After").orElse(""), is("1"));
                    assertThat(answer.header("Connection").orElse(""), is("close"));
                }
                assertThat(relay.relay().waiters(), is(0));
                holding.send("}").answer().is(201);
                closing.join();
            }
        }
    }

    /** A poll whose result comes during the shutdown answers it rather than the shutdown. */
    @Test
    void resultDuringTheShutdownIsAnswered() {
        List<Integer> statuses = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            try (TestRelay relay = TestRelay.start()) {
                Pair pair = relay.pair();
                String id = relay.submitted(pair);
                CompletableFuture<HttpAnswer> poll = relay.park("/v1/requests/" + id, pair.platform());
                relay.respond(pair, id).is(200);
                relay.close();
                statuses.add(poll.join().status());
            }
        }
        assertThat(statuses, everyItem(is(200)));
    }

    /** A client that never completes its call does not delay the shutdown beyond the drain timeout. */
    @Test
    void slowClientIsCutOff() throws Exception {
        try (TestRelay relay = TestRelay.start("DRAIN_TIMEOUT=1");
                RawClient slow = inFlight(relay, REGISTRATION)) {
            relay.closing().join();
            assertThat(slow.isClosedByServer(), is(true));
        }
    }

    /** Neither does a client that does not read its stream, whose updates exceed all buffers on the way. */
    @Test
    void unreadStreamIsCutOff() throws Exception {
        try (TestRelay relay = TestRelay.start("DRAIN_TIMEOUT=1", "MAX_OPEN_REQUESTS=1000")) {
            Pair pair = relay.pair();
            String big = "A".repeat(1 << 16);
            int all = 256;
            for (int i = 0; i < all; i++) {
                String envelope = TestRelay.envelope(pair, relay.newId(), "").replace("Y2lwaGVydGV4dA", big);
                relay.post("/v1/requests", pair.platform(), envelope).is(201);
            }
            try (EventClient deaf = EventClient.open(
                    relay.port(),
                    4096,
                    "/v1/devices/" + pair.phone().id() + "/events",
                    pair.phone().token(),
                    "")) {
                // Longer than any single write takes, unless it is stuck.
                AtomicInteger looks = new AtomicInteger();
                until(() -> relay.waitingFor("ANSWER") == 1 ? looks.incrementAndGet() == 200 : looks.getAndSet(0) < 0);
                relay.close();
                int told = 0;
                try {
                    while (deaf.next().isPresent()) {
                        told++;
                    }
                } catch (IOException cut) {
                    // in the middle of an update
                }
                assertThat(told, lessThan(all));
            }
        }
    }

    /** A second close has no effect. */
    @Test
    void secondCloseDoesNothing() {
        TestRelay relay = TestRelay.start();
        relay.close();
        relay.close();
    }
}
