package dev.harp.relay.push;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.not;

import dev.harp.testing.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Expo's push service over real sockets, in order and out of it. */
@Timeout(300)
class ExpoSenderTest extends ExpoRig {
    private record Row(String name, ExpoDouble.Fault fault, PushOutcome expected) {}

    /** Each fault on a sender of its own; the ledger is printed, so that a reader need not believe the code. */
    @Test
    void theLedgerOfFaults() throws Exception {
        String ok = "{\"status\":\"ok\",\"id\":\"x\"}";
        List<Row> rows = List.of(
                new Row(
                        "429, pause asked",
                        ExpoDouble.says(429, "{\"errors\":[{\"code\":\"TOO_MANY_REQUESTS\"}]}", "Retry-After", "20"),
                        new PushOutcome.NotNow("status 429", Optional.of(Duration.ofSeconds(20)))),
                new Row("429", ExpoDouble.says(429, ""), notNow("status 429")),
                new Row("500", ExpoDouble.says(500, "oops"), notNow("status 500")),
                new Row(
                        "503, pause asked",
                        ExpoDouble.says(503, "", "Retry-After", "7"),
                        new PushOutcome.NotNow("status 503", Optional.of(Duration.ofSeconds(7)))),
                new Row(
                        "503, pause as a date",
                        ExpoDouble.says(503, "", "Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"),
                        notNow("status 503")),
                new Row("connection closed", ExpoDouble.resets(), notNow("closed")),
                new Row("no answer", expo.hangs(), notNow("no answer in time")),
                new Row("empty 200", ExpoDouble.says(200, ""), notNow("malformed answer")),
                new Row("not JSON", ExpoDouble.says(200, "<html>ok</html>"), notNow("malformed answer")),
                new Row("half of JSON", ExpoDouble.says(200, "{\"data\":[" + ok), notNow("malformed answer")),
                new Row("data is no array", ExpoDouble.says(200, "{\"data\":" + ok + "}"), notNow("malformed answer")),
                new Row("no ticket", ExpoDouble.tickets(0), notNow("malformed answer")),
                new Row("a ticket too many", ExpoDouble.tickets(2), notNow("malformed answer")),
                new Row(
                        "errors in a 200",
                        ExpoDouble.says(200, "{\"errors\":[{\"code\":\"X\"}]}"),
                        notNow("malformed answer")),
                new Row(
                        "ticket without id",
                        ExpoDouble.says(200, "{\"data\":[{\"status\":\"ok\"}]}"),
                        notNow("malformed tickets")),
                new Row(
                        "ticket with a number as id",
                        ExpoDouble.says(200, "{\"data\":[{\"status\":\"ok\",\"id\":7}]}"),
                        notNow("malformed tickets")),
                new Row(
                        "ticket with a line feed in its id",
                        ExpoDouble.says(200, "{\"data\":[{\"status\":\"ok\",\"id\":\"a\\nb\"}]}"),
                        notNow("malformed tickets")),
                new Row(
                        "ticket without status",
                        ExpoDouble.says(200, "{\"data\":[{\"id\":\"x\"}]}"),
                        notNow("malformed tickets")),
                new Row(
                        "ticket is no object",
                        ExpoDouble.says(200, "{\"data\":[\"ok\"]}"),
                        notNow("malformed tickets")),
                new Row(
                        "JSON 1000 deep",
                        ExpoDouble.says(200, "[".repeat(1000) + "]".repeat(1000)),
                        notNow("malformed answer")),
                new Row(
                        "an endless text",
                        ExpoDouble.says(200, "{\"data\":[\"" + "x".repeat(2_000_000) + "\"]}"),
                        notNow("malformed answer")),
                new Row(
                        "302",
                        ExpoDouble.says(302, "", "Location", "http://127.0.0.1:1/"),
                        new PushOutcome.Refused("status 302")),
                new Row(
                        "400",
                        ExpoDouble.says(400, "{\"errors\":[{\"code\":\"VALIDATION_ERROR\"}]}"),
                        new PushOutcome.Refused("status 400")),
                new Row(
                        "401",
                        ExpoDouble.says(401, "{\"errors\":[{\"code\":\"UNAUTHORIZED\"}]}"),
                        new PushOutcome.Refused("status 401")),
                new Row("403", ExpoDouble.says(403, ""), new PushOutcome.Refused("status 403")),
                new Row("404", ExpoDouble.says(404, ""), new PushOutcome.Refused("status 404")),
                new Row("413", ExpoDouble.says(413, ""), new PushOutcome.Refused("status 413")),
                new Row(
                        "several projects, one message",
                        ExpoDouble.says(400, "{\"errors\":[{\"code\":\"PUSH_TOO_MANY_EXPERIENCE_IDS\"}]}"),
                        new PushOutcome.Refused("several projects for one token")),
                ticket("DeviceNotRegistered", new PushOutcome.TokenDead()),
                ticket("MessageTooBig", new PushOutcome.Refused("ticket MessageTooBig")),
                ticket("InvalidCredentials", new PushOutcome.Refused("ticket InvalidCredentials")),
                ticket("MismatchSenderId", new PushOutcome.Refused("ticket MismatchSenderId")),
                ticket("MessageRateExceeded", notNow("ticket MessageRateExceeded")),
                ticket("ProviderError", notNow("ticket ProviderError")),
                ticket("<script>", new PushOutcome.Refused("ticket with another error")),
                ticket("", new PushOutcome.Refused("ticket with another error")),
                new Row("ok", ExpoDouble.says(200, "{\"data\":[" + ok + "]}"), ACCEPTED));
        List<String> wrong = new ArrayList<>();
        System.out.printf("%-34s | %-62s | %s%n", "fault", "the double answered", "the sender concluded");
        for (Row row : rows) {
            expo.next(row.fault());
            boolean hangs = row.name().equals("no answer");
            ExpoSender sender = hangs ? impatient() : sender();
            int before = expo.came.size();
            PushOutcome outcome = Wakes.outcome(offered(sender, 1));
            until(() -> expo.came.size() > before);
            System.out.printf(
                    "%-34s | %-62s | %s%n", row.name(), expo.came.getLast().answered(), outcome);
            boolean closed = row.name().equals("connection closed") && outcome instanceof PushOutcome.NotNow;
            if (!closed && !outcome.equals(row.expected())) {
                wrong.add(row.name() + ": " + outcome);
            }
            sender.close();
        }
        assertThat(wrong, is(empty()));
        assertThat(log.lines().toString(), not(containsString("ExponentPushToken")));
        assertThat(log.lines().toString(), not(containsString(CANARY)));
        assertThat(log.lines().toString(), not(containsString("script")));
    }

    private static Row ticket(String error, PushOutcome expected) {
        String details = error.isEmpty() ? "" : ",\"details\":{\"error\":\"" + error + "\"}";
        String body = "{\"data\":[{\"status\":\"error\",\"message\":\"m\"" + details + "}]}";
        return new Row(
                "ticket: " + (error.isEmpty() ? "error, no details" : error), ExpoDouble.says(200, body), expected);
    }

    /** Names and a constant, and nothing else. */
    @Test
    void whatIsSent() throws Exception {
        expo.accessToken = Optional.of(CANARY);
        ExpoSender sender = sender();
        assertThat(Wakes.outcome(offered(sender, 7)), is(ACCEPTED));
        until(() -> !expo.came.isEmpty());
        ExpoDouble.Came came = expo.came.getFirst();
        assertThat(
                came.body(),
                is("[{\"to\":\"ExponentPushToken[0000000000000000000007]\",\"title\":\"Approval"
                        + " requested\",\"sound\":\"default\","
                        + "\"priority\":\"high\",\"ttl\":3600,\"data\":{\"pair_id\":\"pair_000000000007\","
                        + "\"request_id\":\"01900000-0000-7000-8000-000000000007\"}}]"));
        assertThat(came.request().headers("Content-Type"), contains("application/json"));
        assertThat(came.request().headers("Authorization"), contains("Bearer " + CANARY));
        assertThat(came.request().headers("Expect"), is(empty()));
        assertThat(sender.receipts.pending(), is(1));
        assertThat(Wakes.wake(7, Wakes.token(7)).toString(), not(containsString("Token[0")));
    }

    @Test
    void knowsExposTokens() {
        ExpoSender sender = sender();
        for (String token : List.of(
                "ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]",
                "ExpoPushToken[a-b_C9]",
                "f5741a13-bcda-434b-a316-5dc0e6ffa94f",
                "F5741A13-BCDA-434B-A316-5DC0E6FFA94F")) {
            assertThat(token, sender.knows(token), is(true));
        }
        for (String token : List.of(
                "",
                "ExpoPushToken[]",
                "ExpoPushToken[a",
                "ExpoPushToken[a]b",
                "ExpoPushToken[a\"b]",
                "ExpoPushToken[" + "a".repeat(129) + "]",
                "expopushtoken[a]",
                "f5741a13-bcda-434b-a316-5dc0e6ffa94",
                "f5741a13-bcda-434b-a316-5dc0e6ffa94f0",
                "[f5741a13-bcda-434b-a316-5dc0e6ffa94f]",
                "{\"endpoint\":\"ExpoPushToken[a]\"}")) {
            assertThat(token, sender.knows(token), is(false));
        }
    }

    @Test
    void theBreakerOpensOnADeadProviderAndClosesAgain() throws Exception {
        ExpoSender sender = sender();
        for (int i = 0; i < 5; i++) {
            expo.next(ExpoDouble.says(503, ""));
            assertThat(sender.breaker.state(), is(CircuitBreaker.State.CLOSED));
            assertThat(Wakes.outcome(offered(sender, i)), is(notNow("status 503")));
        }
        until(() -> sender.breaker.state() == CircuitBreaker.State.OPEN);
        assertThat(sender.offer(Wakes.wake(6, Wakes.token(6)), _ -> {}), is(false));
        assertThat(log.events("push_unavailable"), hasSize(1));
        assertThat(log.events("push_unavailable").getFirst(), containsString("provider=expo"));
        time.advance(Duration.ofSeconds(14));
        assertThat(sender.offer(Wakes.wake(6, Wakes.token(6)), _ -> {}), is(false));
        assertThat(sender.pause(Wakes.token(6)), is(Duration.ofSeconds(1)));
        time.advance(Duration.ofSeconds(1));
        expo.next(ExpoDouble.says(500, ""));
        assertThat(Wakes.outcome(offered(sender, 7)), is(notNow("status 500")));
        until(() -> sender.breaker.state() == CircuitBreaker.State.OPEN);
        time.advance(Duration.ofSeconds(29));
        assertThat(sender.offer(Wakes.wake(8, Wakes.token(8)), _ -> {}), is(false));
        time.advance(Duration.ofSeconds(1));
        assertThat(Wakes.outcome(offered(sender, 9)), is(ACCEPTED));
        assertThat(sender.breaker.state(), is(CircuitBreaker.State.CLOSED));
        assertThat(log.events("push_unavailable"), hasSize(1));
        assertThat(log.events("push_recovered"), hasSize(1));
        assertThat(Wakes.outcome(offered(sender, 10)), is(ACCEPTED));
    }

    /** While the one probe is under way nobody else is let in; who waited when it opened has been told. */
    @Test
    void whoWaitsWhenItOpensIsTold() throws Exception {
        ExpoSender sender = sender();
        var gate = new java.util.concurrent.CountDownLatch(1);
        for (int i = 0; i < 6; i++) {
            expo.next(size -> {
                gate.await();
                return ExpoDouble.says(500, "").answer(size);
            });
        }
        List<CompletableFuture<PushOutcome>> told = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            expo.next(ExpoDouble.says(500, ""));
            told.add(offered(sender, i));
        }
        gate.countDown();
        for (CompletableFuture<PushOutcome> each : told) {
            assertThat(Wakes.outcome(each), is(org.hamcrest.Matchers.instanceOf(PushOutcome.NotNow.class)));
        }
        assertThat(sender.queue.waiting(), is(0));
    }

    /** A pause that Expo asks for is kept. */
    @Test
    void aPauseThatIsAskedForIsKept() throws Exception {
        ExpoSender sender = sender();
        expo.next(ExpoDouble.says(429, "", "Retry-After", "60"));
        var _ = Wakes.outcome(offered(sender, 1));
        time.advance(Duration.ofSeconds(59));
        assertThat(sender.offer(Wakes.wake(2, Wakes.token(2)), _ -> {}), is(false));
        time.advance(Duration.ofSeconds(1));
        assertThat(Wakes.outcome(offered(sender, 3)), is(ACCEPTED));
    }

    /** A provider that never answers holds six calls and a bounded queue, and no thread of whoever offers. */
    @Test
    void aHangingProviderIsBounded() {
        for (int i = 0; i < 6; i++) {
            expo.next(expo.hangs());
        }
        ExpoSender sender = sender();
        for (int i = 0; i < 6; i++) {
            int begun = i + 1;
            assertThat(sender.offer(Wakes.wake(i, Wakes.token(i)), _ -> {}), is(true));
            until(() -> expo.open() == begun);
        }
        int taken = 0;
        for (int i = 0; i < 12_000; i++) {
            taken += sender.offer(Wakes.wake(i, Wakes.token(i)), _ -> {}) ? 1 : 0;
        }
        assertThat(taken, is(10_000));
        assertThat(sender.queue.waiting(), is(10_000));
        assertThat(expo.mostOpen(), is(lessThanOrEqualTo(6)));
        sender.close();
        assertThat(sender.queue.waiting(), is(0));
        assertThat(sender.offer(Wakes.wake(1, Wakes.token(1)), _ -> {}), is(false));
    }

    @Test
    void aRefusedAccessTokenIsSaidOnceInAWhile() throws Exception {
        expo.accessToken = Optional.of("another");
        ExpoSender sender = sender();
        for (int i = 0; i < 20; i++) {
            assertThat(Wakes.outcome(offered(sender, i)), is(new PushOutcome.Refused("status 401")));
            time.advance(Duration.ofSeconds(1));
        }
        assertThat(log.events("push_refused"), hasSize(1));
        assertThat(log.events("push_refused").getFirst(), containsString("EXPO_ACCESS_TOKEN"));
        assertThat(log.events("push_refused").getFirst(), containsString("SEVERE"));
        time.advance(Duration.ofMinutes(10));
        var _ = Wakes.outcome(offered(sender, 21));
        assertThat(log.events("push_refused"), hasSize(2));
        assertThat(sender.breaker.state(), is(CircuitBreaker.State.CLOSED));
    }

    @Test
    void aRequestThatHasEndedWakesNobody() throws Exception {
        ExpoSender sender = sender();
        PushNotification ended = new PushNotification(Wakes.key(1), Wakes.device(1), Wakes.token(1), FakeClock.START);
        assertThat(Wakes.outcome(Wakes.offered(sender, ended)), is(new PushOutcome.Refused("the request has ended")));
        assertThat(expo.came, is(empty()));
    }

    /** What cannot be noted is logged, and the next one is told all the same. */
    @Test
    void whoeverIsToldMayFail() throws Exception {
        ExpoSender sender = sender();
        assertThat(
                sender.offer(Wakes.wake(1, Wakes.token(1)), _ -> {
                    throw new IllegalStateException("store");
                }),
                is(true));
        assertThat(Wakes.outcome(offered(sender, 2)), is(ACCEPTED));
        until(() -> log.lines().size() == 1);
    }
}
