package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.testing.HttpAnswer;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Sections 6 and 7. */
@SuppressWarnings({"CanonicalDuration", "StringConcatToTextBlock"}) // seconds, as the protocol counts
abstract class RequestCalls extends PairingCalls {
    // --- 6 The device list ---

    /** 6.1, 6.2, 6.6 */
    @Test
    void openRequestsOldestFirst() {
        TestRelay relay = start();
        Pair first = relay.pair();
        Pair second = relay.pair(first.phone());
        String a = relay.submitted(first);
        relay.advance(Duration.ofSeconds(1));
        String b = relay.submitted(second, 60);
        String c = relay.submitted(first);
        relay.respond(first, c).is(200);
        HttpAnswer list = relay.list(first.phone());
        assertThat(ids(list), is(List.of(a, b)));
        JsonObject item = requests(list).get(1);
        assertThat(item.getString("state"), is("delivered"));
        assertThat(item.getString("pair_id"), is(second.id()));
        assertThat(item.getString("nonce"), is("bm9uY2U"));
        assertThat(item.getString("ciphertext"), is("Y2lwaGVydGV4dA"));
        assertThat(item.getInt("created_at"), is((int) NOW + 1));
        assertThat(item.getInt("expires_at"), is((int) NOW + 61));
        assertThat(list.json().containsKey("reset"), is(false));
        relay.advance(Duration.ofSeconds(60));
        assertThat(ids(relay.list(first.phone())), is(List.of(a)));
    }

    /** 6.3 */
    @Test
    void changesPastACursor() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String a = relay.submitted(pair);
        String cursor = relay.list(pair.phone()).text("cursor");
        assertThat(requests(relay.list(pair.phone(), cursor)), is(empty()));
        String b = relay.submitted(pair);
        relay.delete("/v1/requests/" + a, pair.platform()).is(204);
        HttpAnswer changes = relay.list(pair.phone(), cursor);
        assertThat(ids(changes), is(List.of(b, a)));
        assertThat(requests(changes).get(1).getString("state"), is("cancelled"));
        assertThat(ids(relay.list(pair.phone(), cursor)), is(List.of(b, a)));
        relay.respond(pair, b).is(200);
        assertThat(ids(relay.list(pair.phone(), changes.text("cursor"))), is(List.of()));
    }

    /** 6.1, 6.4: a list that is cut, read to its end. */
    @Test
    void longList() {
        TestRelay relay = start("MAX_OPEN_REQUESTS=1000");
        Pair pair = relay.pair();
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            all.add(relay.submitted(pair));
        }
        List<String> read = new ArrayList<>();
        HttpAnswer page = relay.list(pair.phone());
        while (!requests(page).isEmpty()) {
            read.addAll(ids(page));
            page = relay.list(pair.phone(), page.text("cursor"));
        }
        assertThat(read, is(all));
    }

    /** 6.4 */
    @Test
    void reset() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String cursor = relay.list(pair.phone()).text("cursor");
        String id = relay.submitted(pair);
        relay.delete("/v1/requests/" + id, pair.platform()).is(204);
        relay.advance(Duration.ofSeconds(306));
        HttpAnswer anew = relay.get(
                        "/v1/devices/" + pair.phone().id() + "/requests?wait=500&after=" + cursor,
                        pair.phone().token())
                .is(200);
        assertThat(anew.json().getBoolean("reset"), is(true));
        assertThat(requests(anew), is(empty()));
        assertThat(relay.list(pair.phone(), anew.text("cursor")).json().containsKey("reset"), is(false));
        assertThat(relay.list(pair.phone(), "999").json().getBoolean("reset"), is(true));
        relay.list(pair.phone(), "x").is(400, "invalid_parameter");
    }

    /** 6.5 */
    @Test
    void waitingForRequests() {
        TestRelay relay = start("MAX_WAIT=1");
        Pair pair = relay.pair();
        CompletableFuture<HttpAnswer> poll = relay.later(
                "GET",
                "/v1/devices/" + pair.phone().id() + "/requests?wait=1",
                pair.phone().token(),
                NO_BODY);
        assertThat(requests(poll.join()), is(empty()));
        TestRelay patient = start();
        Pair other = patient.pair();
        CompletableFuture<HttpAnswer> list = patient.park(
                "/v1/devices/" + other.phone().id() + "/requests", other.phone().token());
        String id = patient.submitted(other);
        assertThat(ids(list.join()), is(List.of(id)));
        String cursor = list.join().text("cursor");
        CompletableFuture<HttpAnswer> changes = patient.park(
                "/v1/devices/" + other.phone().id() + "/requests?after=" + cursor,
                other.phone().token());
        patient.delete("/v1/requests/" + id, other.platform()).is(204);
        assertThat(ids(changes.join()), is(List.of(id)));
    }

    // --- 7 Requests ---

    /** 7.1, 7.5, 7.6, 7.7: the whole of it, with every time on it. */
    @Test
    void timeline() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.newId().toUpperCase(Locale.ROOT);
        HttpAnswer submitted = relay.post(
                        "/v1/requests", pair.platform(), TestRelay.envelope(pair, id, ",\"ttl\":60,\"unknown\":{}"))
                .is(201);
        String lower = id.toLowerCase(Locale.ROOT);
        assertThat(submitted.header("Location").orElse(""), is("/v1/requests/" + lower));
        assertThat(submitted.text("request_id"), is(lower));
        assertThat(submitted.number("expires_at"), is(NOW + 60));
        JsonObject pending =
                relay.get("/v1/requests/" + id, pair.platform()).is(200).json();
        assertThat(pending.keySet(), is(Set.of("request_id", "pair_id", "state", "created_at", "expires_at", "push")));
        assertThat(pending.getString("push"), is("none"));
        relay.advance(Duration.ofSeconds(2));
        relay.get("/v1/requests/" + id + "?wait=500", pair.phone().token()).is(200);
        assertThat(relay.get("/v1/requests/" + id + "?wait=0", pair.platform()).number("delivered_at"), is(NOW + 2));
        relay.advance(Duration.ofSeconds(3));
        CompletableFuture<HttpAnswer> poll = relay.park("/v1/requests/" + id, pair.platform());
        String signed = "{\"nonce\":\"AA==\",\"ciphertext\":\"+/+/\",\"signature\":\"_-_-\"}";
        assertThat(
                relay.put("/v1/requests/" + id + "/response", pair.phone().token(), signed)
                        .is(200)
                        .text("state"),
                is("responded"));
        JsonObject responded = poll.join().is(200).json();
        assertThat(responded.getString("state"), is("responded"));
        assertThat(responded.getInt("delivered_at"), is((int) NOW + 2));
        assertThat(responded.getInt("responded_at"), is((int) NOW + 5));
        assertThat(responded.getJsonObject("response").toString(), is(signed));
        assertThat(relay.get("/v1/requests/" + id, pair.phone().token()).text("state"), is("responded"));
    }

    /** 7.2 */
    @Test
    void submittingAgain() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair, 60);
        relay.advance(Duration.ofSeconds(30));
        HttpAnswer again = relay.post("/v1/requests", pair.platform(), TestRelay.envelope(pair, id, ",\"ttl\":600"))
                .is(200);
        assertThat(again.number("expires_at"), is(NOW + 60));
        assertThat(again.header("Location").orElse(""), is("/v1/requests/" + id));
        relay.list(pair.phone());
        assertThat(relay.submit(pair, id).is(200).text("state"), is("delivered"));
        relay.advance(Duration.ofSeconds(329));
        assertThat(relay.submit(pair, id).is(200).text("state"), is("expired"));
        relay.post(
                        "/v1/requests",
                        pair.platform(),
                        TestRelay.envelope(pair, id, "").replace("bm9uY2U", "AAAA"))
                .is(409, "duplicate_request");
        relay.submit(relay.session(), relay.newId()).is(409, "not_paired");
        relay.submit(pair, "00000000-0000-7000-8000-000000000000").is(400, "stale_request_id");
    }

    /** 7.7 */
    @Test
    void answeringAgain() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair, 60);
        relay.respond(pair, id).is(200);
        relay.respond(pair, id).is(200);
        relay.respond(pair, id, "b3RoZXI").is(409, "already_responded");
        relay.put(
                        "/v1/requests/" + id + "/response",
                        pair.phone().token(),
                        "{\"nonce\":\"bm9uY2U\",\"ciphertext\":\"YW5zd2Vy\",\"signature\":\"AAAA\"}")
                .is(409, "already_responded");
        relay.advance(Duration.ofSeconds(61));
        relay.respond(pair, id).is(200);
        assertThat(relay.state(pair, id), is("responded"));
    }

    /** 7.8 */
    @Test
    void cancelling() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair, 60);
        CompletableFuture<HttpAnswer> poll = relay.park("/v1/requests/" + id, pair.platform());
        relay.delete("/v1/requests/" + id, pair.platform()).is(204);
        assertThat(poll.join().text("state"), is("cancelled"));
        assertThat(
                relay.delete("/v1/requests/" + id, pair.platform())
                        .is(409, "already_decided")
                        .text("detail"),
                containsString("cancelled"));
        relay.respond(pair, id).is(410, "request_cancelled");
        String answered = relay.submitted(pair);
        relay.respond(pair, answered).is(200);
        assertThat(
                relay.delete("/v1/requests/" + answered, pair.platform())
                        .is(409, "already_decided")
                        .text("detail"),
                containsString("responded"));
    }

    /** 7.9: the time counts, whether anything has noticed or not. */
    @Test
    void expiry() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair, 60);
        CompletableFuture<HttpAnswer> poll = relay.park("/v1/requests/" + id, pair.platform());
        relay.advanceUnnoticed(Duration.ofMillis(59_999));
        assertThat(relay.state(pair, id), is("pending"));
        relay.advanceUnnoticed(Duration.ofMillis(1));
        relay.respond(pair, id).is(410, "request_expired");
        assertThat(poll.join().text("state"), is("expired"));
        relay.delete("/v1/requests/" + id, pair.platform()).is(409, "already_decided");
        assertThat(requests(relay.list(pair.phone())), is(empty()));
        assertThat(relay.get("/v1/requests/" + id, pair.phone().token()).text("state"), is("expired"));
    }

    /** 7.10 */
    @Test
    void howLongARequestIsKept() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String responded = relay.submitted(pair, 600);
        String cancelled = relay.submitted(pair, 600);
        relay.respond(pair, responded).is(200);
        relay.advance(Duration.ofSeconds(100));
        relay.delete("/v1/requests/" + cancelled, pair.platform()).is(204);
        relay.advance(Duration.ofSeconds(299));
        relay.get("/v1/requests/" + cancelled, pair.platform()).is(200);
        relay.advance(Duration.ofSeconds(1));
        relay.get("/v1/requests/" + cancelled, pair.platform()).is(401, "unauthorized");
        relay.advance(Duration.ofSeconds(499));
        relay.get("/v1/requests/" + responded, pair.platform()).is(200);
        relay.advance(Duration.ofSeconds(1));
        relay.get("/v1/requests/" + responded, pair.platform()).is(401, "unauthorized");
        relay.get("/v1/requests/" + responded, pair.phone().token()).is(401, "unauthorized");
    }
}
