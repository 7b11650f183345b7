package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.EventClient.Event;
import dev.harp.relay.TestRelay.Pair;
import dev.harp.relay.TestRelay.Phone;
import java.io.EOFException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A device's stream of events ({@code docs/protocol.md}, section 15). */
@Timeout(300)
class DeviceStreamTest {

    private static String target(Phone phone) {
        return "/v1/devices/" + phone.id() + "/events";
    }

    private static EventClient open(TestRelay relay, Phone phone, String lastId) {
        EventClient stream = EventClient.open(relay.port(), target(phone), phone.token(), lastId);
        relay.note("GET", target(phone), stream.head().is(200));
        return stream;
    }

    private static String fact(Event event) {
        return event.name().equals("request") ? event.fact() : event.name();
    }

    /** The open requests, the end of the list, and then each change at once. Reading delivers. */
    @Test
    void sendsOpenRequestsAndChanges() {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.pair();
            String first = relay.submitted(pair);
            try (EventClient stream = open(relay, pair.phone(), "")) {
                assertThat(stream.head().header("Content-Type").orElse(""), is("text/event-stream"));
                assertThat(stream.head().header("X-Accel-Buffering").orElse(""), is("no"));
                Event told = stream.event();
                assertThat(fact(told), is(first + " delivered"));
                assertThat(told.text("ciphertext"), is("Y2lwaGVydGV4dA"));
                assertThat(stream.retry(), is("2000"));
                assertThat(fact(stream.event()), is("current"));
                assertThat(relay.state(pair, first), is("delivered"));
                String second = relay.submitted(pair);
                assertThat(fact(stream.event()), is(second + " delivered"));
                relay.respond(pair, first).is(200);
                relay.delete("/v1/requests/" + second, pair.platform()).is(204);
                assertThat(fact(stream.event()), is(second + " cancelled"));
                assertThat(
                        relay.list(pair.phone(), stream.lastId()).is(200).json().getJsonArray("requests"),
                        is(List.of()));
            }
        }
    }

    /** Also an empty list has an event id, so that a client whose connection breaks now resumes there. */
    @Test
    void emptyListHasAnId() {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.pair();
            String id = relay.submitted(pair);
            relay.list(pair.phone()).is(200);
            relay.respond(pair, id).is(200);
            String last;
            try (EventClient stream = open(relay, pair.phone(), "")) {
                Event current = stream.event();
                assertThat(fact(current), is("current"));
                last = current.id();
            }
            String next = relay.submitted(pair);
            relay.delete("/v1/requests/" + next, pair.platform()).is(204);
            try (EventClient stream = open(relay, pair.phone(), last)) {
                assertThat(fact(stream.event()), is(next + " cancelled"));
                assertThat(fact(stream.event()), is("current"));
            }
        }
    }

    /** A long list is sent in pages, and a stream can resume within them. */
    @Test
    void longListIsResumedAnywhere() {
        try (TestRelay relay = TestRelay.start("MAX_OPEN_REQUESTS=200")) {
            Pair pair = relay.pair();
            List<String> facts = new ArrayList<>();
            for (int i = 0; i < 70; i++) {
                facts.add(relay.submitted(pair) + " delivered");
            }
            facts.add("current");
            List<String> told = new ArrayList<>();
            String last = "";
            while (told.size() < facts.size()) {
                try (EventClient stream = open(relay, pair.phone(), last)) {
                    for (int i = 0; i < 7 && told.size() < facts.size(); i++) {
                        told.add(fact(stream.event()));
                    }
                    last = stream.lastId();
                }
            }
            assertThat(told, is(facts));
        }
    }

    /** A removed cancellation cannot be listed: the stream sends a reset and starts anew. */
    @Test
    void resetIsSent() {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.pair();
            String gone = relay.submitted(pair, 86_400);
            String open = relay.submitted(pair, 86_400);
            String last;
            try (EventClient stream = open(relay, pair.phone(), "")) {
                stream.event();
                last = stream.event().id();
            }
            relay.delete("/v1/requests/" + gone, pair.platform()).is(204);
            relay.advance(Duration.ofHours(1));
            try (EventClient stream = open(relay, pair.phone(), last)) {
                assertThat(fact(stream.event()), is("reset"));
                assertThat(fact(stream.event()), is(open + " delivered"));
                assertThat(fact(stream.event()), is("current"));
            }
            try (EventClient stream = open(relay, pair.phone(), "999999")) {
                assertThat(fact(stream.event()), is("reset"));
            }
        }
    }

    /** A refusal is a problem document, and no stream. */
    @Test
    void refusals() {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.pair();
            String target = target(pair.phone());
            String token = pair.phone().token();
            for (String id : List.of("x", "-1", "5-3", "17 ", "99999999999999999999", "p17")) {
                if (!id.equals("17 ")) {
                    relay.call("GET", target, token, NO_BODY, "Last-Event-ID: " + id)
                            .is(400, "invalid_parameter");
                }
            }
            relay.call("GET", target, token, NO_BODY, "Last-Event-ID: 1", "Last-Event-ID: 2")
                    .is(400, "invalid_parameter");
            relay.get(target, NO_TOKEN).is(401, "unauthorized");
            relay.get(target, pair.platform()).is(401, "unauthorized");
            relay.get(target(relay.phone()), token).is(401, "unauthorized");
            relay.call("HEAD", target, token, NO_BODY).is(405);
            relay.call("POST", target, token, "{}").is(405, "method_not_allowed");
            relay.assertWell();
        }
    }

    /** Like a poll, a stream takes one of four places. The newest displaces the oldest, which ends in order. */
    @Test
    void oldestIsDisplaced() throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.pair();
            List<EventClient> streams = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                EventClient stream = open(relay, pair.phone(), "");
                assertThat(fact(stream.event()), is("current"));
                streams.add(stream);
            }
            assertThat(streams.getFirst().next(), is(Optional.empty()));
            assertThat(streams.getFirst().comments(), contains("a newer call has taken this one's place"));
            assertThat(streams.getFirst().isClosedByServer(), is(true));
            assertThat(relay.relay().waiters(), is(4));
            String id = relay.submitted(pair);
            for (EventClient stream : streams.subList(1, 5)) {
                assertThat(fact(stream.event()), is(id + " delivered"));
            }
            streams.forEach(EventClient::close);
        }
    }

    /** A full waiting room refuses, unless the topic has a stream to displace. */
    @Test
    void noRoomToWait() {
        try (TestRelay relay = TestRelay.start("MAX_WAITERS=1")) {
            Pair pair = relay.pair();
            try (EventClient stream = open(relay, relay.phone(), "")) {
                assertThat(fact(stream.event()), is("current"));
                relay.get(target(pair.phone()), pair.phone().token()).is(503, "relay_full");
            }
        }
    }

    /** A removed device's stream sends the cancellations, and ends. */
    @Test
    void removalEndsIt() throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.pair();
            try (EventClient stream = open(relay, pair.phone(), "")) {
                assertThat(fact(stream.event()), is("current"));
                relay.delete("/v1/devices/" + pair.phone().id(), pair.phone().token())
                        .is(204);
                Optional<Event> next = stream.next();
                while (next.isPresent()) {
                    next = stream.next();
                }
                assertThat(stream.comments(), contains("over"));
                relay.get(target(pair.phone()), pair.phone().token()).is(401, "unauthorized");
            }
        }
    }

    /** The stream of a device that the relay removes ends. */
    @Test
    void removedDeviceEndsIt() throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            Phone phone = relay.phone();
            try (EventClient stream = open(relay, phone, "")) {
                assertThat(fact(stream.event()), is("current"));
                relay.advance(Duration.ofMinutes(10));
                assertThat(stream.next(), is(Optional.empty()));
            }
        }
    }

    /** A revoked pairing's requests are cancelled, and the stream continues for the others. */
    @Test
    void revocationSendsCancellations() {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.pair();
            Pair other = relay.pair(pair.phone());
            String id = relay.submitted(pair);
            try (EventClient stream = open(relay, pair.phone(), "")) {
                stream.event();
                stream.event();
                relay.delete("/v1/pairs/" + pair.id(), pair.platform()).is(204);
                assertThat(fact(stream.event()), is(id + " cancelled"));
                String next = relay.submitted(other);
                assertThat(fact(stream.event()), is(next + " delivered"));
            }
        }
    }

    /** At shutdown each stream ends in order and at once, and a new one is refused. */
    @Test
    void drained() throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.pair();
            String id = relay.submitted(pair);
            try (EventClient stream = open(relay, pair.phone(), "")) {
                assertThat(fact(stream.event()), is(id + " delivered"));
                assertThat(fact(stream.event()), is("current"));
                CompletableFuture<?> closing = relay.closing();
                assertThat(stream.next(), is(Optional.empty()));
                assertThat(stream.comments(), contains("the relay is shutting down"));
                assertThat(stream.isClosedByServer(), is(true));
                closing.join();
            }
        }
    }

    /** Without updates there are heartbeats. */
    @Test
    void heartbeat() {
        try (TestRelay relay = TestRelay.start("STREAM_HEARTBEAT=1");
                EventClient stream = open(relay, relay.phone(), "")) {
            assertThat(fact(stream.event()), is("current"));
            assertThat(stream.comment(), is(""));
            assertThat(stream.comment(), is(""));
        }
    }

    /** After its maximum lifetime a stream ends in order. */
    @Test
    void longestLife() throws Exception {
        try (TestRelay relay = TestRelay.start("MAX_STREAM=1");
                EventClient stream = open(relay, relay.phone(), "")) {
            assertThat(fact(stream.event()), is("current"));
            assertThat(stream.next(), is(Optional.empty()));
            assertThat(stream.comments(), contains("come again"));
        }
    }

    /** A heartbeat detects a client that has vanished, and its place and connection are freed. */
    @Test
    void vanishedReaderIsNoticed() throws Exception {
        try (TestRelay relay = TestRelay.start("STREAM_HEARTBEAT=1")) {
            Pair pair = relay.pair();
            EventClient stream = open(relay, pair.phone(), "");
            assertThat(fact(stream.event()), is("current"));
            stream.close();
            until(() -> relay.relay().waiters() == 0);
            relay.assertWell();
        }
    }

    /** A client that does not read is closed when its write deadline has passed; an idle stream is not. */
    @Test
    void slowReaderIsClosed() throws Exception {
        try (TestRelay relay = TestRelay.start("MAX_OPEN_REQUESTS=1000")) {
            Pair pair = relay.pair();
            Phone other = relay.phone();
            try (EventClient slow = EventClient.open(
                            relay.port(),
                            4096,
                            target(pair.phone()),
                            pair.phone().token(),
                            "");
                    EventClient idle = open(relay, other, "")) {
                assertThat(fact(idle.event()), is("current"));
                String big = "A".repeat(1 << 16);
                for (int i = 0; i < 256; i++) {
                    String id = relay.newId();
                    relay.post(
                                    "/v1/requests",
                                    pair.platform(),
                                    "{\"request_id\":\"" + id + "\",\"pair_id\":\"" + pair.id()
                                            + "\",\"nonce\":\"bm9uY2U\",\"ciphertext\":\"" + big + "\"}")
                            .is(201);
                }
                until("blocked", () -> relay.waitingFor("ANSWER") == 1);
                relay.pass(Duration.ofMinutes(10));
                until(() -> relay.relay().waiters() == 1);
                until("only the idle one is left", () -> relay.connections() == 1);
                boolean ended = false;
                try {
                    while (slow.next().isPresent()) {}
                } catch (EOFException closed) {
                    ended = true;
                }
                assertThat("cut, and not as if it were over", ended, is(true));
                // The idle one is closed by the client: otherwise only two heartbeats would show that its client
                // has gone.
                relay.delete("/v1/devices/" + other.id(), other.token()).is(204);
                assertThat(idle.next(), is(Optional.empty()));
            }
            relay.assertWell();
        }
    }

    /** A stream counts as one call of the limit, however long it lasts. */
    @Test
    void countsAsOneCall() {
        try (TestRelay relay = TestRelay.start("RATE_LIMIT_CLIENT=100")) {
            Pair pair = relay.pair();
            try (EventClient stream = open(relay, pair.phone(), "")) {
                String before = stream.head().header("RateLimit").orElse("");
                assertThat(before.startsWith("\"client\";r=9"), is(true));
            }
        }
    }
}
