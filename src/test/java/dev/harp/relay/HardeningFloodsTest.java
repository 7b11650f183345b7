package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.relay.TestRelay.Phone;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import jakarta.json.JsonObject;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Floods of what is stored, read and connected, at every limit. */
@SuppressWarnings("CanonicalDuration") // seconds, as the protocol counts
class HardeningFloodsTest extends Hardening {
    private static final String LARGE = "Q".repeat(1 << 16);
    /** What a stream reads at once, as it is held meanwhile: the event's text, and its bytes. */
    private static final long PIECE = 1 << 20;

    /** As many open requests as a pairing may have, and one more. */
    @Test
    void openRequestsFlood() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        List<String> ids =
                IntStream.range(0, 100).mapToObj(i -> relay.submitted(pair)).toList();
        String more = relay.newId();
        for (int i = 0; i < 10; i++) {
            relay.submit(pair, more).is(429, "too_many_open_requests");
        }
        relay.submit(pair, ids.getFirst()).is(200);
        Pair neighbour = relay.pair();
        relay.submitted(neighbour);
        relay.delete("/v1/requests/" + ids.get(7), pair.platform()).is(204);
        relay.submit(pair, more).is(201);
        relay.submit(pair, relay.newId()).is(429, "too_many_open_requests");
        relay.respond(pair, ids.get(9)).is(200);
        relay.submitted(pair);
        assertThat(relay.list(pair.phone()).json().getJsonArray("requests").size(), is(100));
    }

    /**
     * Memory is full: new work is refused, and everything accepted is answered, with the longest answers, byte for
     * byte.
     */
    @Test
    void storedBytesFull() {
        TestRelay relay = start("MAX_STORED_BYTES=1048576");
        Pair pair = relay.pair();
        List<String> ids = new ArrayList<>();
        String question = "Q".repeat(20_000);
        while (true) {
            String id = relay.newId();
            HttpAnswer answer = relay.post(
                    "/v1/requests",
                    pair.platform(),
                    TestRelay.envelope(pair, id, "").replace("Y2lwaGVydGV4dA", question));
            if (answer.status() != 201) {
                answer.is(503, "relay_full");
                break;
            }
            ids.add(id);
        }
        assertThat(ids.size(), greaterThan(5));
        for (int i = 0; i < 50; i++) {
            relay.post(
                            "/v1/requests",
                            pair.platform(),
                            TestRelay.envelope(pair, relay.newId(), "").replace("Y2lwaGVydGV4dA", question))
                    .is(503, "relay_full");
        }
        for (boolean full = false; !full; ) {
            full = relay.post("/v1/devices", NO_TOKEN, "{}").status() == 503;
        }
        relay.post("/v1/pairs", NO_TOKEN, OPENING).is(503, "relay_full");
        relay.patch(
                        "/v1/devices/" + pair.phone().id(),
                        pair.phone().token(),
                        "{\"push_token\":\"" + "p".repeat(4096) + "\"}")
                .is(503, "relay_full");
        relay.get("/health", NO_TOKEN).is(200);
        relay.submit(pair, ids.getFirst()).is(409, "duplicate_request");
        assertThat(relay.list(pair.phone()).json().getJsonArray("requests").size(), is(ids.size()));
        String nonce = "N".repeat(256);
        for (String id : ids) {
            String answer = "A".repeat(16_380) + id.substring(32).replaceAll("[^a-f0-9]", "0");
            String body = "{\"nonce\":\"" + nonce + "\",\"ciphertext\":\"" + answer + "\",\"signature\":\""
                    + "S".repeat(1024) + "\"}";
            relay.put("/v1/requests/" + id + "/response", pair.phone().token(), body)
                    .is(200);
            JsonObject got = relay.get("/v1/requests/" + id, pair.platform()).json();
            assertThat(got.getJsonObject("response").getString("ciphertext"), is(answer));
            assertThat(
                    relay.get("/v1/requests/" + id, pair.phone().token()).json().containsKey("ciphertext"), is(false));
        }
        relay.advance(Duration.ofSeconds(601));
        relay.post(
                        "/v1/requests",
                        pair.platform(),
                        TestRelay.envelope(pair, relay.newId(), "").replace("Y2lwaGVydGV4dA", question))
                .is(201);
    }

    /**
     * Clients that open streams and never read, each of more than any buffer on the way holds: what the relay holds for
     * each of them is one piece, however much there is to tell and however much comes on top; others have their
     * approvals meanwhile; and in the end their connections are cut, and what they have not been told is told when they
     * come back.
     */
    @Test
    void deafStreams() throws Exception {
        TestRelay relay = start("MAX_OPEN_REQUESTS=1000");
        int each = 160;
        List<Pair> deaf = IntStream.range(0, 4).mapToObj(i -> relay.pair()).toList();
        for (Pair pair : deaf) {
            large(relay, pair, each / 2);
        }
        long before = usedHeap();
        List<EventClient> streams = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            Phone phone = deaf.get(i % 4).phone();
            streams.add(
                    EventClient.open(relay.port(), 4096, "/v1/devices/" + phone.id() + "/events", phone.token(), ""));
        }
        relay.untilWaiting(16);
        until("all are waited for", () -> relay.waitingFor("ANSWER") == 16);
        for (Pair pair : deaf) {
            large(relay, pair, each / 2);
        }
        until("all are waited for", () -> relay.waitingFor("ANSWER") == 16);
        // By so much what is stored has grown; whole answers of all of it would be eight times as much on top.
        long stored = 4L * (each / 2) * LARGE.length();
        until("one piece each", () -> usedHeap() - before < stored + 16 * 2 * PIECE);
        System.out.println("sixteen deaf streams of " + each * LARGE.length() + " characters, MiB of heap: "
                + (usedHeap() - before - stored) / (1 << 20));

        Pair other = relay.pair();
        try (EventClient well = EventClient.of(relay, other.phone())) {
            assertThat(well.event().name(), is("current"));
            for (int i = 0; i < 50; i++) {
                String id = relay.submitted(other);
                assertThat(well.event().fact(), is(id + " delivered"));
                CompletableFuture<HttpAnswer> outcome =
                        relay.later("GET", "/v1/requests/" + id + "?wait=500", other.platform(), NO_BODY);
                relay.respond(other, id).is(200);
                assertThat(outcome.join().is(200).text("state"), is("responded"));
            }
            relay.pass(Duration.ofMinutes(10));
            relay.untilWaiting(1);
            until("cut", () -> relay.connections() == 1);
            relay.delete("/v1/devices/" + other.phone().id(), other.phone().token())
                    .is(204);
            assertThat(well.next().isPresent(), is(false));
        }
        List<String> told = new ArrayList<>();
        try (EventClient first = streams.getFirst()) {
            assertThrows(EOFException.class, () -> collect(first, told));
            assertThat(told.size(), lessThan(each));
            Phone phone = deaf.getFirst().phone();
            try (EventClient again = EventClient.open(
                    relay.port(), "/v1/devices/" + phone.id() + "/events", phone.token(), first.lastId())) {
                while (told.size() < each) {
                    told.add(again.event().text("request_id"));
                }
                assertThat(again.event().name(), is("current"));
                relay.delete("/v1/devices/" + phone.id(), phone.token()).is(204);
                while (again.next().isPresent()) {
                    // what the removal withdraws
                }
            }
        }
        assertThat(Set.copyOf(told).size(), is(each));
        streams.forEach(EventClient::close);
    }

    private static void collect(EventClient stream, List<String> told) throws IOException {
        for (Optional<EventClient.Event> next = stream.next(); next.isPresent(); next = stream.next()) {
            told.add(next.get().text("request_id"));
        }
    }

    private static void large(TestRelay relay, Pair pair, int count) {
        for (int i = 0; i < count; i++) {
            String envelope = TestRelay.envelope(pair, relay.newId(), "").replace("Y2lwaGVydGV4dA", LARGE);
            relay.post("/v1/requests", pair.platform(), envelope).is(201);
        }
    }

    /** After a collection, so that only what is held counts. */
    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** As many pairings as fit, and more; those that are there go on, and forgotten ones make room. */
    @Test
    void pairingsFull() {
        TestRelay relay = start("MAX_PAIRINGS=5");
        Pair pair = relay.pair();
        for (int i = 0; i < 4; i++) {
            relay.session();
        }
        for (int i = 0; i < 20; i++) {
            relay.post("/v1/pairs", NO_TOKEN, OPENING).is(503, "relay_full");
        }
        String id = relay.submitted(pair);
        relay.respond(pair, id).is(200);
        relay.advance(Duration.ofSeconds(601));
        relay.session();
        relay.get("/v1/pairs/" + pair.id(), pair.platform()).is(200);
    }

    /** As many phones as fit, and more; unused ones make room. */
    @Test
    void devicesFull() {
        TestRelay relay = start("MAX_DEVICES=5");
        Pair pair = relay.pair();
        for (int i = 0; i < 4; i++) {
            relay.phone();
        }
        for (int i = 0; i < 20; i++) {
            relay.post("/v1/devices", NO_TOKEN, "{}").is(503, "relay_full");
        }
        relay.list(pair.phone()).is(200);
        relay.advance(Duration.ofSeconds(600));
        relay.phone();
        relay.list(pair.phone()).is(200);
    }

    /** A crowd that connects and says nothing: others still get through. */
    @Test
    void connectionsFull() throws Exception {
        TestRelay relay = start("MAX_CONNECTIONS=20");
        List<RawClient> crowd = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            RawClient wire = relay.connect();
            crowd.add(i % 2 == 0 ? wire : wire.send("GET /health HTTP/1.1\r\nHost: r\r\n\r\n"));
        }
        relay.get("/health", NO_TOKEN).is(200);
        relay.phone();
        for (RawClient wire : crowd) {
            wire.close();
        }
    }
}
