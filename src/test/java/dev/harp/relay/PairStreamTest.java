package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.EventClient.Event;
import dev.harp.relay.TestRelay.Pair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A platform's stream of events ({@code docs/protocol.md}, 15.4). */
@Timeout(300)
class PairStreamTest {

    private static String target(Pair pair) {
        return "/v1/pairs/" + pair.id() + "/events";
    }

    private static EventClient open(TestRelay relay, Pair pair, String lastId) {
        EventClient stream = EventClient.open(relay.port(), target(pair), pair.platform(), lastId);
        relay.note("GET", target(pair), stream.head().is(200));
        return stream;
    }

    private static String fact(Event event) {
        return switch (event.name()) {
            case "request" -> event.fact();
            case "pairing" -> "pairing " + event.text("status");
            case "ended" -> "ended " + event.text("code");
            default -> event.name();
        };
    }

    private static List<String> facts(EventClient stream, int count) {
        List<String> facts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            facts.add(fact(stream.event()));
        }
        return facts;
    }

    /** From the QR code to the response on one stream. */
    @Test
    void sendsThePairingAndItsRequests() {
        try (TestRelay relay = TestRelay.start()) {
            Pair session = relay.session();
            try (EventClient stream = open(relay, session, "")) {
                assertThat(facts(stream, 2), contains("pairing pending", "current"));
                TestRelay.Phone phone = relay.phone();
                relay.bind(session, phone).is(200);
                assertThat(fact(stream.event()), is("pairing active"));
                Pair pair = new Pair(session.id(), session.platform(), phone);
                String id = relay.submitted(pair);
                assertThat(fact(stream.event()), is(id + " pending"));
                relay.list(phone).is(200);
                assertThat(fact(stream.event()), is(id + " delivered"));
                relay.respond(pair, id).is(200);
                Event answered = stream.event();
                assertThat(fact(answered), is(id + " responded"));
                assertThat(
                        answered.json(),
                        is(relay.get("/v1/requests/" + id, pair.platform()).json()));
                String other = relay.submitted(pair);
                relay.delete("/v1/requests/" + other, pair.platform()).is(204);
                String told = fact(stream.event());
                if (told.equals(other + " pending")) {
                    told = fact(stream.event());
                }
                assertThat(told, is(other + " cancelled"));
            }
        }
    }

    /** A client that returns gets what has changed, and the pairing only if it has. */
    @Test
    void resumes() {
        try (TestRelay relay = TestRelay.start()) {
            Pair session = relay.session();
            String pending;
            try (EventClient stream = open(relay, session, "")) {
                assertThat(facts(stream, 2), contains("pairing pending", "current"));
                pending = stream.lastId();
            }
            TestRelay.Phone phone = relay.phone();
            relay.bind(session, phone).is(200);
            Pair pair = new Pair(session.id(), session.platform(), phone);
            String first = relay.submitted(pair);
            String second = relay.submitted(pair);
            relay.respond(pair, second).is(200);
            String active;
            try (EventClient stream = open(relay, pair, pending)) {
                assertThat(
                        facts(stream, 4),
                        contains("pairing active", first + " pending", second + " responded", "current"));
                active = stream.lastId();
            }
            relay.respond(pair, first).is(200);
            try (EventClient stream = open(relay, pair, active)) {
                assertThat(facts(stream, 2), contains(first + " responded", "current"));
            }
            // From the start: all requests, in the order of their latest changes.
            try (EventClient stream = open(relay, pair, "")) {
                assertThat(
                        facts(stream, 4),
                        contains("pairing active", second + " responded", first + " responded", "current"));
            }
        }
    }

    /** An expiry is sent, whichever call stores it. */
    @Test
    void expiryIsSent() {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.pair();
            String id = relay.submitted(pair, 10);
            try (EventClient stream = open(relay, pair, "")) {
                assertThat(facts(stream, 3), contains("pairing active", id + " pending", "current"));
                relay.advance(Duration.ofSeconds(10));
                assertThat(fact(stream.event()), is(id + " expired"));
            }
            String late = relay.submitted(pair, 10);
            relay.advanceUnnoticed(Duration.ofSeconds(10));
            try (EventClient stream = open(relay, pair, "")) {
                assertThat(facts(stream, 4), contains("pairing active", id + " expired", late + " expired", "current"));
            }
        }
    }

    /** A removed request cannot be listed: the stream sends a reset and starts anew. */
    @Test
    void resetIsSent() {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.pair();
            String gone = relay.submitted(pair, 10);
            String last;
            try (EventClient stream = open(relay, pair, "")) {
                facts(stream, 3);
                last = stream.lastId();
            }
            String kept = relay.submitted(pair, 86_400);
            relay.advance(Duration.ofHours(2));
            try (EventClient stream = open(relay, pair, last)) {
                assertThat(facts(stream, 4), contains("reset", "pairing active", kept + " pending", "current"));
            }
            assertThat(gone.isEmpty(), is(false));
            try (EventClient stream = open(relay, pair, "a999999")) {
                assertThat(fact(stream.event()), is("reset"));
            }
        }
    }

    /** A revoked pairing's stream sends its requests' ends and one last event, and ends. A new one is refused. */
    @Test
    void revocationEndsIt() throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.pair();
            List<String> cancelled = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                cancelled.add(relay.submitted(pair) + " cancelled");
            }
            try (EventClient stream = open(relay, pair, "")) {
                facts(stream, 32);
                relay.delete("/v1/pairs/" + pair.id(), pair.phone().token()).is(204);
                List<String> told = facts(stream, 31);
                assertThat(told.getLast(), is("ended pair_revoked"));
                assertThat(new java.util.TreeSet<>(told.subList(0, 30)), is(new java.util.TreeSet<>(cancelled)));
                assertThat(stream.next(), is(Optional.empty()));
                assertThat(stream.comments(), contains("over"));
            }
            relay.get(target(pair), pair.platform()).is(410, "pair_revoked");
        }
    }

    /** A session that no device joins in time. */
    @Test
    void sessionRunsOut() throws Exception {
        try (TestRelay relay = TestRelay.start()) {
            Pair session = relay.session();
            try (EventClient stream = open(relay, session, "")) {
                assertThat(facts(stream, 2), contains("pairing pending", "current"));
                relay.advance(Duration.ofMinutes(5));
                assertThat(fact(stream.event()), is("ended pairing_expired"));
                assertThat(stream.next(), is(Optional.empty()));
            }
            relay.get(target(session), session.platform()).is(410, "pairing_expired");
            relay.advance(Duration.ofMinutes(5));
            relay.get(target(session), session.platform()).is(401, "unauthorized");
        }
    }

    /** A refusal is a problem document, and no stream. */
    @Test
    void refusals() {
        try (TestRelay relay = TestRelay.start()) {
            Pair pair = relay.pair();
            String target = target(pair);
            for (String id : List.of("17", "b17", "a", "a-1", "a5-3", "p99999999999999999999", "aa1")) {
                relay.call("GET", target, pair.platform(), NO_BODY, "Last-Event-ID: " + id)
                        .is(400, "invalid_parameter");
            }
            relay.get(target, NO_TOKEN).is(401, "unauthorized");
            relay.get(target, pair.phone().token()).is(401, "unauthorized");
            relay.get(target(relay.pair()), pair.platform()).is(401, "unauthorized");
            relay.get("/v1/pairs/x/events", pair.platform()).is(401, "unauthorized");
            relay.call("HEAD", target, pair.platform(), NO_BODY).is(405);
            relay.assertWell();
        }
    }
}
