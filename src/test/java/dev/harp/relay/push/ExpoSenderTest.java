package dev.harp.relay.push;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.outbound.Post;
import dev.harp.relay.outbound.TargetUrl;
import dev.harp.testing.FakeClock;
import dev.harp.testing.LogCapture;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Expo's push service over real sockets, in order and out of it. */
@Timeout(60)
class ExpoSenderTest {
    private static final PushOutcome ACCEPTED = new PushOutcome.Accepted();
    private static final String CANARY = "expo-access-token-canary";

    private final FakeClock time = new FakeClock();
    private final LogCapture log = LogCapture.of("dev.harp.relay.push");
    private final List<String> dead = new CopyOnWriteArrayList<>();
    private final List<ExpoSender> senders = new ArrayList<>();
    private ExpoDouble expo;

    @BeforeEach
    void start() throws IOException {
        expo = new ExpoDouble();
    }

    @AfterEach
    void stop() {
        expo.close();
        senders.forEach(ExpoSender::close);
        log.close();
    }

    /** The limit is not what these tests are about: a busy machine may take its time. */
    private ExpoSender sender() {
        return sender(post(Duration.ofMinutes(1)), Optional.of(CANARY));
    }

    private Post post(Duration limit) {
        TargetUrl url = ((TargetUrl.Good) TargetUrl.parse(expo.url())).url();
        return ExpoSender.post(url, _ -> List.of(), Post::publicTrust, limit);
    }

    private ExpoSender sender(Post post, Optional<String> accessToken) {
        ExpoSender sender = new ExpoSender(
                expo.url(),
                accessToken,
                post,
                time,
                time,
                time::after,
                (device, token) -> dead.add(device + " " + token));
        senders.add(sender);
        return sender;
    }

    /**
     * With a limit that a test can wait for, and in which the request has gone out whatever pauses the machine makes.
     */
    private ExpoSender impatient() {
        return sender(post(Duration.ofSeconds(4)), Optional.empty());
    }

    private static CompletableFuture<PushOutcome> offered(ExpoSender sender, int number) {
        return Wakes.offered(sender, Wakes.wake(number, Wakes.token(number)));
    }

    private static PushOutcome.NotNow notNow(String why) {
        return new PushOutcome.NotNow(why, Optional.empty());
    }

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
        for (String token : List.of("ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]", "ExpoPushToken[a-b_C9]")) {
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
                "{\"endpoint\":\"ExpoPushToken[a]\"}")) {
            assertThat(token, sender.knows(token), is(false));
        }
    }

    /** Six calls hang; what comes meanwhile goes out in batches when there is a place, and at Expo's pace. */
    @Test
    void whatComesMeanwhileGoesOutTogether() throws Exception {
        var gate = new java.util.concurrent.CountDownLatch(1);
        for (int i = 0; i < 6; i++) {
            expo.next(size -> {
                gate.await();
                return ExpoDouble.tickets(size).answer(size);
            });
        }
        ExpoSender sender = sender();
        List<CompletableFuture<PushOutcome>> told = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            told.add(offered(sender, i));
            int begun = i + 1;
            until(() -> expo.open() == begun);
        }
        for (int i = 6; i < 257; i++) {
            told.add(offered(sender, i));
        }
        assertThat(sender.queue.waiting(), is(251));
        gate.countDown();
        time.advanceUntil(() -> told.stream().allMatch(CompletableFuture::isDone));
        for (CompletableFuture<PushOutcome> each : told) {
            assertThat(each.get(), is(ACCEPTED));
        }
        until(() -> expo.sends().size() == 9);
        assertThat(
                expo.sends().stream().map(ExpoDouble.Came::size).sorted().toList(),
                contains(1, 1, 1, 1, 1, 1, 51, 100, 100));
        assertThat(expo.mostOpen(), is(lessThanOrEqualTo(6)));
    }

    /** Holds six calls open, so that what is offered then is one batch. */
    private List<CompletableFuture<PushOutcome>> inOneBatch(ExpoSender sender, List<String> tokens) {
        var gate = new java.util.concurrent.CountDownLatch(1);
        var held = new java.util.concurrent.CountDownLatch(6);
        for (int i = 0; i < 6; i++) {
            expo.next(size -> {
                held.countDown();
                gate.await();
                return ExpoDouble.tickets(size).answer(size);
            });
        }
        for (int i = 0; i < 6; i++) {
            var _ = offered(sender, 900 + i);
            int others = 5 - i;
            until(() -> held.getCount() == others);
        }
        List<CompletableFuture<PushOutcome>> told = new ArrayList<>();
        for (int i = 0; i < tokens.size(); i++) {
            told.add(Wakes.offered(sender, Wakes.wake(i, tokens.get(i))));
        }
        gate.countDown();
        time.advanceUntil(() -> told.stream().allMatch(CompletableFuture::isDone));
        return told;
    }

    /**
     * Of all calls but the six that held the places with one message each, the smallest first: calls end in any order.
     */
    private List<Integer> sizesWithoutTheSix() {
        return expo.sends().stream().map(ExpoDouble.Came::size).sorted().skip(6).toList();
    }

    @Test
    void tokensOfSeveralProjectsAreSentApart() throws Exception {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 90; i++) {
            tokens.add(Wakes.token(i));
            expo.projects.put(Wakes.token(i), "@test/app" + i % 3);
        }
        ExpoSender sender = sender();
        for (CompletableFuture<PushOutcome> each : inOneBatch(sender, tokens)) {
            assertThat(each.get(), is(ACCEPTED));
        }
        until(() -> expo.sends().size() == 10);
        assertThat(sizesWithoutTheSix(), contains(30, 30, 30, 90));
        assertThat(sender.breaker.state(), is(CircuitBreaker.State.CLOSED));
    }

    /** What Expo says of the projects need not be of any use. */
    @Test
    void projectsThatAreNotNamedAreFoundByHalving() throws Exception {
        String mixed = "{\"errors\":[{\"code\":\"PUSH_TOO_MANY_EXPERIENCE_IDS\",\"details\":{\"@a/b\":\"no"
                + " array\",\"@c/d\":[7]}}]}";
        ExpoSender sender = sender();
        expo.projects.put(Wakes.token(0), "@test/other");
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            tokens.add(Wakes.token(i));
        }
        ExpoDouble.Fault useless = ExpoDouble.says(400, mixed);
        expo.laterFaults(6, useless, useless, useless);
        for (CompletableFuture<PushOutcome> each : inOneBatch(sender, tokens)) {
            assertThat(each.get(), is(ACCEPTED));
        }
    }

    /** A stranger's token that Expo takes for an invalid one fails the whole call: it must fail nobody else. */
    @Test
    void aBadTokenFailsAlone() throws Exception {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            tokens.add(Wakes.token(i));
        }
        expo.poison.add(Wakes.token(37));
        List<CompletableFuture<PushOutcome>> told = inOneBatch(sender(), tokens);
        for (int i = 0; i < 100; i++) {
            assertThat(told.get(i).get(), is(i == 37 ? new PushOutcome.Refused("status 400") : ACCEPTED));
        }
        assertThat(sizesWithoutTheSix(), hasSize(lessThanOrEqualTo(15)));
    }

    /** Many of them cost a bounded number of calls. */
    @Test
    void manyBadTokensCostABoundedNumberOfCalls() throws Exception {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            tokens.add(Wakes.token(i));
            expo.poison.add(Wakes.token(i));
        }
        for (CompletableFuture<PushOutcome> each : inOneBatch(sender(), tokens)) {
            if (!(each.get() instanceof PushOutcome.Refused)) {
                assertThat(each.get(), is(notNow("too many calls for one batch")));
            }
        }
        assertThat(sizesWithoutTheSix(), hasSize(lessThanOrEqualTo(25)));
    }

    /** One malformed ticket is that one's affair. */
    @Test
    void aMalformedTicketAmongOthers() throws Exception {
        String body = "{\"data\":[{\"status\":\"ok\",\"id\":\"a\"},{\"status\":\"maybe\"},"
                + "{\"status\":\"error\",\"details\":{\"error\":\"DeviceNotRegistered\"}}]}";
        expo.laterFaults(6, ExpoDouble.says(200, body));
        List<CompletableFuture<PushOutcome>> told =
                inOneBatch(sender(), List.of(Wakes.token(1), Wakes.token(2), Wakes.token(3)));
        assertThat(told.get(0).get(), is(ACCEPTED));
        assertThat(told.get(1).get(), is(notNow("malformed ticket")));
        assertThat(told.get(2).get(), is(new PushOutcome.TokenDead()));
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

    @Test
    void aReceiptTellsThatADeviceIsGone() throws Exception {
        expo.receiptErrors.put(Wakes.token(2), "DeviceNotRegistered");
        expo.receiptErrors.put(Wakes.token(3), "InvalidCredentials");
        ExpoSender sender = sender();
        for (int i = 1; i <= 3; i++) {
            assertThat(Wakes.outcome(offered(sender, i)), is(ACCEPTED));
        }
        until(() -> sender.receipts.pending() == 3);
        time.advance(Duration.ofMinutes(14));
        assertThat(expo.receipts(), is(empty()));
        time.advance(Duration.ofMinutes(2));
        until(() -> expo.receipts().size() == 1);
        assertThat(expo.receipts().getFirst().size(), is(3));
        assertThat(dead, contains("dev_000000000002 " + Wakes.token(2)));
        assertThat(log.events("push_credentials_invalid"), hasSize(1));
        assertThat(sender.receipts.pending(), is(0));
        time.advance(Duration.ofHours(30));
        assertThat(expo.receipts(), hasSize(1));
    }

    /** Receipts that there are not yet, or whose call fails, are asked for again, and given up within a day. */
    @Test
    void aMissingReceiptIsAskedForAgain() throws Exception {
        expo.withoutReceipt.add(Wakes.token(1));
        ExpoSender sender = sender();
        assertThat(Wakes.outcome(offered(sender, 1)), is(ACCEPTED));
        assertThat(Wakes.outcome(offered(sender, 2)), is(ACCEPTED));
        expo.receiptsBroken = true;
        time.advance(Duration.ofMinutes(16));
        assertThat(sender.receipts.pending(), is(2));
        expo.receiptsBroken = false;
        time.advance(Duration.ofMinutes(31));
        assertThat(sender.receipts.pending(), is(1));
        expo.withoutReceipt.clear();
        expo.receiptErrors.put(Wakes.token(1), "DeviceNotRegistered");
        time.advance(Duration.ofMinutes(61));
        assertThat(dead, hasSize(1));
        expo.withoutReceipt.add(Wakes.token(3));
        PushNotification later = new PushNotification(
                Wakes.key(3), Wakes.device(3), Wakes.token(3), time.instant().plusSeconds(60));
        assertThat(Wakes.outcome(Wakes.offered(sender, later)), is(ACCEPTED));
        time.advance(Duration.ofHours(24));
        assertThat(sender.receipts.pending(), is(0));
        until(() -> expo.receipts().size() == 3 + 6);
    }

    /** At most 300 a call. */
    @Test
    void receiptsAreAskedForInBoundedCalls() throws Exception {
        ExpoSender sender = sender();
        List<CompletableFuture<PushOutcome>> told = new ArrayList<>();
        AtomicInteger done = new AtomicInteger();
        for (int i = 0; i < 700; i++) {
            told.add(offered(sender, i));
            var _ = told.getLast().thenRun(done::incrementAndGet);
        }
        time.advanceUntil(() -> done.get() == 700);
        assertThat(sender.receipts.pending(), is(700));
        time.advance(Duration.ofMinutes(60));
        assertThat(sender.receipts.pending(), is(0));
        until(() -> expo.receipts().stream().mapToInt(ExpoDouble.Came::size).sum() == 700);
        assertThat(expo.receipts().stream().map(ExpoDouble.Came::size).toList(), everyItem(is(lessThanOrEqualTo(300))));
        assertThat(expo.sends().stream().map(ExpoDouble.Came::size).toList(), everyItem(is(lessThanOrEqualTo(100))));
    }

    @Test
    void receiptsAreNotRememberedWithoutBound() {
        ExpoReceipts receipts = new ExpoReceipts(
                3, time, time::after, _ -> new Post.Unanswered("no"), () -> true, (_, _) -> {}, () -> {});
        for (int i = 0; i < 5; i++) {
            receipts.expect("id" + i, Wakes.wake(i, Wakes.token(i)));
        }
        assertThat(receipts.pending(), is(3));
        receipts.close();
        receipts.expect("late", Wakes.wake(9, Wakes.token(9)));
        assertThat(receipts.pending(), is(0));
        time.advance(Duration.ofHours(1));
    }
}
