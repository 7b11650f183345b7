package dev.harp.relay.push;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import dev.harp.relay.outbound.Post;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is sent to Expo's push service together, and what its receipts tell afterwards. */
@Timeout(300)
class ExpoBatchesTest extends ExpoRig {
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
