package dev.harp.relay.service;

import static dev.harp.relay.service.Rig.ROOMY;
import static dev.harp.relay.service.Rig.ok;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.delivery.DeliveryListener;
import dev.harp.relay.delivery.PushDelivery;
import dev.harp.relay.limit.LocalRateLimit;
import dev.harp.relay.protocol.PushSchedule;
import dev.harp.relay.protocol.PushState;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Submission;
import dev.harp.relay.protocol.WebhookNotice;
import dev.harp.relay.push.PushNotification;
import dev.harp.relay.push.PushOutcome;
import dev.harp.relay.push.PushSender;
import dev.harp.relay.store.memory.MemoryStore;
import dev.harp.relay.webhook.WebhookOutcome;
import dev.harp.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Push delivery: once, by the relay that took the request or the one that takes over, and without effect on its state.
 */
@Timeout(300)
class PushDeliveryTest {
    private static final Duration TTL = Duration.ofSeconds(600);

    private record Offered(PushNotification wake, Consumer<PushOutcome> told) {}

    /** A push service whose outcomes the test chooses. */
    private static final class Service implements PushSender {
        final BlockingQueue<Offered> offered = new LinkedBlockingQueue<>();
        final AtomicBoolean full = new AtomicBoolean();
        final AtomicReference<Duration> pause = new AtomicReference<>(Duration.ZERO);

        @Override
        public String name() {
            return "test";
        }

        @Override
        public boolean knows(String token) {
            return token.startsWith("test:");
        }

        @Override
        public boolean offer(PushNotification wake, Consumer<PushOutcome> told) {
            return !full.get() && offered.add(new Offered(wake, told));
        }

        @Override
        public Duration pause(String token) {
            return pause.get();
        }

        @Override
        public void close() {}

        Offered next() throws InterruptedException {
            Offered next = offered.poll(60, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing was offered");
            }
            return next;
        }
    }

    private final Rig rig = new Rig(new MemoryStore(Samples.TERMS, ROOMY), Samples.TERMS, 0, 100);
    private final Service service = new Service();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final PushDelivery push =
            new PushDelivery(rig.store, _ -> List.of(service), rig.room, rig.clock, new DeliveryListener() {
                @Override
                public void attempted(WebhookNotice notice, WebhookOutcome outcome) {}

                @Override
                public void attempted(RequestKey request, String name, PushOutcome outcome) {
                    heard.add(name + " " + outcome.getClass().getSimpleName());
                }
            });
    private final RequestLifecycle lifecycle = new RequestLifecycle(
            rig.store, rig.room, Samples.TERMS, rig.clock, RequestListener.NONE, List.of(push), 1000);
    private final Requests requests = requests(push::reaches);

    private Requests requests(Predicate<dev.harp.relay.protocol.DeviceId> wakeable) {
        return new Requests(
                rig.store,
                lifecycle,
                rig.room,
                new LocalRateLimit<>(0, 10, rig.nanoTime::get),
                Samples.TERMS,
                Optional.empty(),
                wakeable,
                rig.clock);
    }

    private Rig.Pair pair(Optional<String> token) {
        Rig.Pair pair = rig.pair();
        var _ = ok(rig.devices.updatePushToken(pair.phone(), token));
        return pair;
    }

    private RequestId submitted(Rig.Pair pair) {
        RequestId id = rig.id(1);
        var _ = ok(requests.submit(pair.platform(), new Submission(pair.key(id), Samples.envelope(1), TTL))
                .result());
        return id;
    }

    private Request stored(Rig.Pair pair, RequestId id) {
        return rig.store.request(pair.key(id)).orElseThrow();
    }

    private void until(Rig.Pair pair, RequestId id, PushState outcome) {
        Await.until("" + outcome, () -> stored(pair, id).push().equals(outcome));
    }

    @Test
    void repeatedSubmissionsNotifyOnce() throws Exception {
        Rig.Pair pair = pair(Optional.of("test:1"));
        RequestId id = submitted(pair);
        Offered offered = service.next();
        assertThat(
                offered.wake(),
                is(new PushNotification(
                        pair.key(id),
                        pair.phone().device(),
                        "test:1",
                        stored(pair, id).expiresAt())));
        assertThat(submitted(pair), is(id));
        lifecycle.processDue();
        offered.told().accept(new PushOutcome.Accepted());
        until(pair, id, new PushState.Accepted());
        lifecycle.processDue();
        assertThat(service.offered.size(), is(0));
        assertThat(heard.take(), is("test Accepted"));
        assertThat(stored(pair, id).stateName(), is("pending"));
    }

    @Test
    void deviceWithoutUsableTokenIsNotNotified() {
        for (Optional<String> token : List.of(Optional.<String>empty(), Optional.of("other:1"))) {
            Rig.Pair pair = pair(token);
            RequestId id = submitted(pair);
            assertThat(stored(pair, id).push(), is(new PushState.None()));
        }
        assertThat(service.offered.size(), is(0));
    }

    @Test
    void invalidTokenIsClearedButNotItsSuccessor() throws Exception {
        Rig.Pair pair = pair(Optional.of("test:old"));
        RequestId id = submitted(pair);
        Offered first = service.next();
        first.told().accept(new PushOutcome.TokenDead());
        until(pair, id, new PushState.TokenDead());
        assertThat(rig.store.device(pair.phone().device()).orElseThrow().pushToken(), is(Optional.empty()));
        var _ = ok(rig.devices.updatePushToken(pair.phone(), Optional.of("test:new")));
        push.clear(pair.phone().device(), "test:old");
        assertThat(rig.store.device(pair.phone().device()).orElseThrow().pushToken(), is(Optional.of("test:new")));
    }

    /** A device replaces its token during an attempt: the outcome for the old token does not apply to the new one. */
    @Test
    void tokenReplacedDuringAnAttemptIsTriedNext() throws Exception {
        for (PushOutcome last : List.of(new PushOutcome.TokenDead(), new PushOutcome.Refused("status 400"))) {
            Rig.Pair pair = pair(Optional.of("test:old"));
            RequestId id = submitted(pair);
            Offered first = service.next();
            var _ = ok(rig.devices.updatePushToken(pair.phone(), Optional.of("test:new")));
            first.told().accept(last);
            until(pair, id, new PushState.Due(rig.clock.instant().plusSeconds(2), 1));
            rig.clock.advance(Duration.ofSeconds(2));
            lifecycle.processDue();
            Offered second = service.next();
            assertThat(second.wake().token(), is("test:new"));
            second.told().accept(new PushOutcome.Accepted());
            until(pair, id, new PushState.Accepted());
        }
    }

    /**
     * The relay that took the request dies before it sends anything: another one takes over when the claim has lapsed.
     */
    @Test
    void lapsedClaimIsTakenOver() throws Exception {
        Rig.Pair pair = pair(Optional.of("test:1"));
        RequestId id = submitted(pair);
        var _ = service.next();
        rig.clock.advance(PushSchedule.CLAIM.minusMillis(1));
        lifecycle.processDue();
        assertThat(service.offered.size(), is(0));
        rig.clock.advance(Duration.ofMillis(1));
        lifecycle.processDue();
        service.next().told().accept(new PushOutcome.Accepted());
        until(pair, id, new PushState.Accepted());
    }

    @Test
    void refusalIsFinalAndOtherFailuresAreRetried() throws Exception {
        Rig.Pair pair = pair(Optional.of("test:1"));
        RequestId id = submitted(pair);
        List<Long> pauses = new ArrayList<>();
        for (int attempt = 1; attempt <= PushSchedule.ATTEMPTS; attempt++) {
            Offered offered = service.next();
            PushState before = stored(pair, id).push();
            offered.told().accept(new PushOutcome.NotNow("status 503", Optional.empty()));
            Await.until("not " + before, () -> !stored(pair, id).push().equals(before));
            PushSchedule.dueAt(stored(pair, id)).ifPresent(at -> {
                pauses.add(Duration.between(rig.clock.instant(), at).toSeconds());
                rig.clock.advance(Duration.between(rig.clock.instant(), at));
                lifecycle.processDue();
            });
        }
        assertThat(pauses, is(List.of(2L, 10L, 30L, 60L)));
        assertThat(stored(pair, id).push(), is(new PushState.Failed()));
        assertThat(stored(pair, id).stateName(), is("pending"));
        Rig.Pair other = pair(Optional.of("test:2"));
        RequestId refused = submitted(other);
        service.next().told().accept(new PushOutcome.Refused("status 400"));
        until(other, refused, new PushState.Failed());
    }

    @Test
    void fullQueueIsRetried() throws Exception {
        service.full.set(true);
        Rig.Pair pair = pair(Optional.of("test:1"));
        RequestId id = submitted(pair);
        until(pair, id, new PushState.Due(rig.clock.instant().plusSeconds(2), 1));
        service.full.set(false);
        rig.clock.advance(Duration.ofSeconds(2));
        lifecycle.processDue();
        service.next().told().accept(new PushOutcome.Accepted());
        until(pair, id, new PushState.Accepted());
    }

    /** Otherwise a request would be given up after five attempts that were never made. */
    @Test
    void pauseOfTheProviderUsesUpNoAttempts() throws Exception {
        service.full.set(true);
        service.pause.set(Duration.ofSeconds(45));
        Rig.Pair pair = pair(Optional.of("test:1"));
        RequestId id = submitted(pair);
        for (int i = 0; i < PushSchedule.ATTEMPTS; i++) {
            until(pair, id, new PushState.Due(rig.clock.instant().plusSeconds(45), 0));
            rig.clock.advance(Duration.ofSeconds(45));
            lifecycle.processDue();
        }
        until(pair, id, new PushState.Due(rig.clock.instant().plusSeconds(45), 0));
        rig.clock.advance(Duration.ofSeconds(45));
        service.full.set(false);
        lifecycle.processDue();
        service.next().told().accept(new PushOutcome.Accepted());
        until(pair, id, new PushState.Accepted());
    }

    /** Between two attempts the device has read the request, or removed its token. */
    @Test
    void nothingIsSentWhenItIsNoLongerNeeded() throws Exception {
        Rig.Pair pair = pair(Optional.of("test:1"));
        RequestId id = submitted(pair);
        service.next().told().accept(new PushOutcome.NotNow("status 500", Optional.empty()));
        until(pair, id, new PushState.Due(rig.clock.instant().plusSeconds(2), 1));
        var _ = ok(rig.devices.updatePushToken(pair.phone(), Optional.empty()));
        rig.clock.advance(Duration.ofSeconds(2));
        lifecycle.processDue();
        until(pair, id, new PushState.None());
        Rig.Pair other = pair(Optional.of("test:2"));
        RequestId read = submitted(other);
        service.next().told().accept(new PushOutcome.NotNow("status 500", Optional.empty()));
        until(other, read, new PushState.Due(rig.clock.instant().plusSeconds(2), 1));
        var _ = ok(requests.read(other.phone(), read));
        rig.clock.advance(Duration.ofSeconds(60));
        lifecycle.processDue();
        assertThat(service.offered.size(), is(0));
    }
}
