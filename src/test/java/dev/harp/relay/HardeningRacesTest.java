package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.relay.TestRelay.Phone;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Races between those who may, and polls that race for their places. */
@SuppressWarnings("CanonicalDuration") // seconds, as the protocol counts
class HardeningRacesTest extends Hardening {
    private static List<HttpAnswer> all(List<CompletableFuture<HttpAnswer>> calls) {
        return calls.stream().map(CompletableFuture::join).toList();
    }

    // --- races ---

    /** A hundred phones that have all seen the code. */
    @Test
    void hundredDevicesForOnePairing() {
        TestRelay relay = start();
        Pair session = relay.session();
        List<Phone> phones =
                IntStream.range(0, 100).mapToObj(i -> relay.phone()).toList();
        CompletableFuture<HttpAnswer> platform = relay.park("/v1/pairs/" + session.id(), session.platform());
        List<HttpAnswer> answers = all(phones.stream()
                .map(phone -> relay.later("PUT", "/v1/pairs/" + session.id() + "/device", phone.token(), OPENING))
                .toList());
        List<Phone> bound = IntStream.range(0, 100)
                .filter(i -> answers.get(i).status() == 200)
                .mapToObj(phones::get)
                .toList();
        assertThat(bound, hasSize(1));
        assertThat(
                answers.stream()
                        .filter(answer -> answer.code().equals("already_paired"))
                        .count(),
                is(99L));
        assertThat(
                platform.join().is(200).text("device_id"), is(bound.getFirst().id()));
        assertThat(
                relay.get("/v1/pairs/" + session.id(), session.platform()).text("device_id"),
                is(bound.getFirst().id()));
    }

    /**
     * A thousand times: response, cancellation and the end of the time at once. One of them is the end, and everyone
     * sees the same one.
     */
    @Test
    void thousandRacesForTheEnd() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String[] ends = new String[1000];
        String cursor = relay.list(pair.phone()).text("cursor");
        for (int round = 0; round < ends.length; round++) {
            String id = relay.submitted(pair, 1);
            String request = "/v1/requests/" + id;
            CompletableFuture<HttpAnswer> poll = relay.later("GET", request + "?wait=500", pair.platform(), NO_BODY);
            CompletableFuture<HttpAnswer> response = relay.later(
                    "PUT", request + "/response", pair.phone().token(), "{\"nonce\":\"AAAA\",\"ciphertext\":\"AAAA\"}");
            CompletableFuture<HttpAnswer> cancel = relay.later("DELETE", request, pair.platform(), NO_BODY);
            if (round % 2 == 0) {
                relay.advance(Duration.ofSeconds(1));
            }
            String end = poll.join().is(200).text("state");
            ends[round] = end;
            assertThat(
                    response.join().status() + " " + response.join().code(),
                    is(
                            switch (end) {
                                case "responded" -> "200 ";
                                case "cancelled" -> "410 request_cancelled";
                                default -> "410 request_expired";
                            }));
            assertThat(
                    cancel.join().status() + " " + cancel.join().code(),
                    is(end.equals("cancelled") ? "204 " : "409 already_decided"));
            if (round % 2 == 1) {
                relay.advance(Duration.ofSeconds(1));
            }
            assertThat(relay.state(pair, id), is(end));
            assertThat(relay.get(request, pair.phone().token()).text("state"), is(end));
            JsonObject list = relay.list(pair.phone(), cursor).is(200).json();
            assertThat(list.getJsonArray("requests").size(), is(end.equals("cancelled") ? 1 : 0));
            cursor = list.getString("cursor");
        }
        var counted = Stream.of(ends).collect(Collectors.groupingBy(end -> end, Collectors.counting()));
        System.out.println("ends of a thousand races: " + counted);
        assertThat(counted.size(), greaterThan(1));
    }

    /** Ten different answers to one question at once: the first one stands, and it is told to all alike. */
    @Test
    void racingResponses() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        for (int round = 0; round < 50; round++) {
            String id = relay.submitted(pair);
            List<HttpAnswer> answers = all(IntStream.range(0, 10)
                    .mapToObj(i -> relay.later(
                            "PUT",
                            "/v1/requests/" + id + "/response",
                            pair.phone().token(),
                            "{\"nonce\":\"AAAA\",\"ciphertext\":\"AAA" + i + "\"}"))
                    .toList());
            List<Integer> won = IntStream.range(0, 10)
                    .filter(i -> answers.get(i).status() == 200)
                    .boxed()
                    .toList();
            assertThat(won, hasSize(1));
            JsonObject response =
                    relay.get("/v1/requests/" + id, pair.platform()).json().getJsonObject("response");
            assertThat(response.getString("ciphertext"), is("AAA" + won.getFirst()));
        }
    }

    /** One envelope, sent by twenty impatient clients at once: one request. */
    @Test
    void racingSubmissions() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        for (int round = 0; round < 20; round++) {
            String id = relay.newId();
            List<HttpAnswer> answers = all(IntStream.range(0, 20)
                    .mapToObj(
                            i -> relay.later("POST", "/v1/requests", pair.platform(), TestRelay.envelope(pair, id, "")))
                    .toList());
            assertThat(answers.stream().filter(answer -> answer.status() == 201).count(), is(1L));
            assertThat(answers.stream().filter(answer -> answer.status() == 200).count(), is(19L));
        }
        assertThat(relay.list(pair.phone()).json().getJsonArray("requests").size(), is(20));
    }

    /** Submitting while the pairing is revoked: whatever was accepted is cancelled, nothing stays open. */
    @Test
    void submissionsAgainstRevocation() {
        TestRelay relay = start();
        for (int round = 0; round < 50; round++) {
            Pair pair = relay.pair();
            List<String> ids =
                    IntStream.range(0, 6).mapToObj(i -> relay.newId()).toList();
            List<CompletableFuture<HttpAnswer>> submissions = ids.stream()
                    .map(id -> relay.later("POST", "/v1/requests", pair.platform(), TestRelay.envelope(pair, id, "")))
                    .toList();
            CompletableFuture<HttpAnswer> revocation =
                    relay.later("DELETE", "/v1/pairs/" + pair.id(), pair.phone().token(), NO_BODY);
            List<HttpAnswer> answers = all(submissions);
            revocation.join().is(204);
            for (int i = 0; i < ids.size(); i++) {
                if (answers.get(i).status() == 201) {
                    assertThat(relay.state(pair, ids.get(i)), is("cancelled"));
                } else {
                    answers.get(i).is(410, "pair_revoked");
                }
            }
            assertThat(relay.list(pair.phone()).json().getJsonArray("requests").size(), is(0));
        }
    }

    /** A phone that is removed while it joins must not be left bound: nobody could ever answer. */
    @Test
    void bindingAgainstRemoval() {
        TestRelay relay = start();
        for (int round = 0; round < 50; round++) {
            Pair session = relay.session();
            Phone phone = relay.phone();
            CompletableFuture<HttpAnswer> bind =
                    relay.later("PUT", "/v1/pairs/" + session.id() + "/device", phone.token(), OPENING);
            relay.later("DELETE", "/v1/devices/" + phone.id(), phone.token(), NO_BODY)
                    .join()
                    .is(204);
            int status = bind.join().status();
            String after =
                    relay.get("/v1/pairs/" + session.id(), session.platform()).code();
            assertThat(
                    status + " " + after,
                    Set.of("200 pair_revoked", "401 pair_revoked", "401 ").contains(status + " " + after),
                    is(true));
        }
    }

    /** What happens between a poll's look and its wait must wake it all the same. */
    @Test
    void wakeUpBetweenLookAndWait() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        for (int round = 0; round < 200; round++) {
            CompletableFuture<HttpAnswer> list = relay.later(
                    "GET",
                    "/v1/devices/" + pair.phone().id() + "/requests?wait=500",
                    pair.phone().token(),
                    NO_BODY);
            String id = relay.submitted(pair);
            assertThat(
                    list.join().json().getJsonArray("requests").getJsonObject(0).getString("request_id"), is(id));
            CompletableFuture<HttpAnswer> outcome =
                    relay.later("GET", "/v1/requests/" + id + "?wait=500", pair.platform(), NO_BODY);
            relay.respond(pair, id).is(200);
            assertThat(outcome.join().text("state"), is("responded"));
            Pair session = relay.session();
            CompletableFuture<HttpAnswer> pairing =
                    relay.later("GET", "/v1/pairs/" + session.id() + "?wait=500", session.platform(), NO_BODY);
            relay.bind(session, pair.phone()).is(200);
            assertThat(pairing.join().text("status"), is("active"));
        }
    }

    // --- polls ---

    /** A fifth poll, and a sixth: the oldest goes, as if its time were over. */
    @Test
    void fifthPollDisplacesTheOldest() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        Pair session = relay.session();
        String id = relay.submitted(pair);
        relay.list(pair.phone());
        String after = relay.list(pair.phone()).text("cursor");
        record Poll(String target, String token) {}
        for (Poll poll : List.of(
                new Poll("/v1/pairs/" + session.id(), session.platform()),
                new Poll("/v1/requests/" + id, pair.platform()),
                new Poll(
                        "/v1/devices/" + pair.phone().id() + "/requests?after=" + after,
                        pair.phone().token()))) {
            List<CompletableFuture<HttpAnswer>> polls = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                polls.add(relay.park(poll.target(), poll.token()));
            }
            for (int i = 4; i < 10; i++) {
                polls.add(relay.later(
                        "GET",
                        poll.target() + (poll.target().contains("?") ? "&" : "?") + "wait=500",
                        poll.token(),
                        NO_BODY));
                polls.get(i - 4).join().is(200);
                relay.untilWaiting(4);
            }
            assertThat(polls.stream().filter(CompletableFuture::isDone).count(), is(6L));
            switch (poll.target().substring(0, 6)) {
                case "/v1/pa" ->
                    relay.delete("/v1/pairs/" + session.id(), session.platform())
                            .is(204);
                case "/v1/re" -> relay.respond(pair, id).is(200);
                default -> relay.submitted(pair);
            }
            all(polls);
            relay.untilWaiting(0);
        }
    }

    /** No place is left to wait: who has something to hear hears it, who would have to wait is told. */
    @Test
    void waitersFull() throws Exception {
        TestRelay relay = start("MAX_WAITERS=3");
        Pair pair = relay.pair();
        List<Pair> sessions =
                IntStream.range(0, 3).mapToObj(i -> relay.session()).toList();
        List<RawClient> waiting = new ArrayList<>();
        for (Pair session : sessions) {
            waiting.add(relay.connect()
                    .send(TestRelay.request(
                            "GET", "/v1/pairs/" + session.id() + "?wait=500", session.platform(), NO_BODY)));
        }
        relay.untilWaiting(3);
        String list = "/v1/devices/" + pair.phone().id() + "/requests";
        relay.get(list + "?wait=500", pair.phone().token()).is(503, "relay_full");
        relay.get(
                        "/v1/pairs/" + sessions.getFirst().id() + "?wait=1",
                        sessions.getFirst().platform())
                .is(503, "relay_full");
        relay.get("/v1/pairs/" + pair.id() + "?wait=500", pair.platform()).is(200);
        relay.get(list, pair.phone().token()).is(200);
        String id = relay.submitted(pair);
        relay.get("/v1/requests/" + id + "?wait=500", pair.platform()).is(503, "relay_full");
        assertThat(relay.get(list + "?wait=500", pair.phone().token()).is(200).body(), containsString(id));
        relay.respond(pair, id).is(200);
        relay.get("/v1/requests/" + id + "?wait=500", pair.platform()).is(200);
        for (int i = 0; i < 3; i++) {
            relay.delete("/v1/pairs/" + sessions.get(i).id(), sessions.get(i).platform())
                    .is(204);
            waiting.get(i).answer().is(410, "pair_revoked");
            waiting.get(i).close();
        }
    }

    /** A poll is parked while its pairing is revoked, its phone removed, its time over: it hears of it. */
    @Test
    void pollsOnWhatEnds() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        relay.list(pair.phone());
        Pair session = relay.session();
        CompletableFuture<HttpAnswer> request = relay.park("/v1/requests/" + id, pair.platform());
        CompletableFuture<HttpAnswer> pairing = relay.park("/v1/pairs/" + session.id(), session.platform());
        Phone other = relay.phone();
        CompletableFuture<HttpAnswer> list = relay.park("/v1/devices/" + other.id() + "/requests", other.token());
        relay.delete("/v1/devices/" + other.id(), other.token()).is(204);
        list.join().is(401, "unauthorized");
        relay.advance(Duration.ofSeconds(300));
        assertThat(request.join().is(200).text("state"), is("expired"));
        pairing.join().is(410, "pairing_expired");
    }
}
