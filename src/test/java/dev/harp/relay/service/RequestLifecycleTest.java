package dev.harp.relay.service;

import static dev.harp.relay.service.Rig.MINUTE;
import static dev.harp.relay.service.Rig.ok;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestEvent;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Levels;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.memory.MemoryStore;
import dev.harp.relay.wait.Topic;
import dev.harp.testing.FakeClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@code docs/protocol.md}, sections 5.4 and 7.10: everything expires and is removed on time; it is stored first, then
 * signalled.
 */
@Timeout(300)
class RequestLifecycleTest {
    private final Rig rig = new Rig();

    @Test
    void everythingIsRemovedInTheEnd() {
        Rig.Pair pair = rig.pair();
        rig.session();
        rig.phone();
        for (int i = 1; i <= 5; i++) {
            rig.submitted(pair, i);
        }
        assertThat(ok(rig.respond(pair, rig.id(1), 1)).stateName(), is("responded"));
        assertThat(ok(rig.requests.cancel(pair.platform(), rig.id(2))).stateName(), is("cancelled"));
        rig.clock.advance(Duration.ofHours(1));
        rig.lifecycle.processDue();
        assertThat(rig.store.levels(), is(new Levels(rig.store.levels().bytes(), 1, 1, 0, 0, 0)));
        assertThat(ok(rig.pairings.revoke(pair.platform(), pair.id())).id(), is(pair.id()));
        rig.clock.advance(Duration.ofDays(2));
        rig.lifecycle.processDue();
        assertThat(rig.store.levels(), is(new Levels(0, 0, 0, 0, 0, 0)));
        assertThat(rig.store.nextDue(), is(Optional.empty()));
    }

    @Test
    void processingBeforeAnythingIsDueChangesNothing() {
        Rig.Pair pair = rig.pair();
        RequestId id = rig.submitted(pair, 1);
        Levels before = rig.store.levels();
        rig.clock.advance(MINUTE.minusMillis(1));
        rig.lifecycle.processDue();
        assertThat(rig.store.levels(), is(before));
        assertThat(rig.state(pair, id), is("pending"));
        rig.clock.advance(Duration.ofMillis(1));
        rig.lifecycle.processDue();
        assertThat(rig.store.levels().openRequests(), is(0));
        assertThat(rig.store.levels().endedRequests(), is(1));
    }

    /** More than one batch, all due at once. */
    @Test
    void moreThanOneBatchIsProcessed() {
        for (int i = 0; i < 1000; i++) {
            rig.session();
        }
        rig.clock.advance(Duration.ofHours(1));
        rig.lifecycle.processDue();
        assertThat(rig.store.levels().pairings(), is(0));
    }

    private static Rig withThreeOverdue(HookedStore hooked) {
        Rig rig = new Rig(hooked.store(), Samples.TERMS, 0, 10);
        Rig.Pair pair = rig.pair();
        for (int i = 1; i <= 3; i++) {
            rig.submitted(pair, i);
        }
        rig.clock.advance(MINUTE);
        return rig;
    }

    /** Such as a damaged one. The failure is thrown after the others are processed. */
    @Test
    void unreadableRecordDoesNotBlockOthers() {
        HookedStore hooked = new HookedStore(new MemoryStore(Samples.TERMS, Rig.ROOMY));
        Rig damaged = withThreeOverdue(hooked);
        hooked.before("changeRequest", () -> {
            throw new StoreUnavailable("a damaged record");
        });
        assertThrows(StoreUnavailable.class, damaged.lifecycle::processDue);
        assertThat(damaged.store.levels().openRequests(), is(0));
    }

    /** Otherwise the call would wait for a timeout for each record. */
    @Test
    void unreachableStoreIsTriedOnce() {
        HookedStore hooked = new HookedStore(new MemoryStore(Samples.TERMS, Rig.ROOMY));
        Rig away = withThreeOverdue(hooked);
        hooked.before("changeRequest", () -> {
            throw new StoreUnavailable("out of reach");
        });
        hooked.instead("reachable", false);
        assertThrows(StoreUnavailable.class, away.lifecycle::processDue);
        assertThat(away.store.levels().openRequests(), is(3));
    }

    @Test
    void clockThatIsSetBackRemovesNothing() {
        Rig.Pair pair = rig.pair();
        RequestId id = rig.submitted(pair, 1);
        rig.clock.advance(MINUTE);
        rig.lifecycle.processDue();
        rig.clock.advance(Duration.ofDays(-1));
        rig.lifecycle.processDue();
        assertThat(rig.state(pair, id), is("expired"));
    }

    @Test
    void interruptedThreadStopsAfterABatch() {
        for (int i = 0; i < 600; i++) {
            rig.session();
        }
        rig.clock.advance(Duration.ofHours(1));
        Thread.currentThread().interrupt();
        rig.lifecycle.processDue();
        assertThat(Thread.interrupted(), is(true));
        assertThat(rig.store.levels().pairings(), is(600 - 256));
        rig.lifecycle.processDue();
        assertThat(rig.store.levels().pairings(), is(0));
    }

    /** Other threads process, end or remove the same records at the same moment. */
    @Test
    void concurrentProcessingIsSafe() {
        Rig.Pair pair = rig.pair();
        for (int i = 1; i <= 5; i++) {
            rig.submitted(pair, i);
        }
        for (int i = 0; i < 300; i++) {
            rig.session();
        }
        rig.clock.advance(Duration.ofHours(1));
        Crowd.of(8, _ -> {
            rig.lifecycle.processDue();
            return true;
        });
        assertThat(rig.store.levels().pairings(), is(1));
        assertThat(rig.store.levels().endedRequests(), is(0));
    }

    @Test
    void deviceThatJoinsWhileItIsProcessedStays() {
        HookedStore hooked = new HookedStore(new MemoryStore(Samples.TERMS, Rig.ROOMY));
        Rig slow = new Rig(hooked.store(), Samples.TERMS, 0, 10);
        Caller.Device phone = slow.phone();
        slow.clock.advance(Duration.ofMinutes(10));
        PairId id = slow.session();
        hooked.after("pairingsOf", () -> assertThat(ok(slow.join(phone, id)).id(), is(id)));
        slow.lifecycle.processDue();
        assertThat(slow.store.device(phone.device()).isPresent(), is(true));
        assertThat(slow.store.pairing(id).orElseThrow().state() instanceof Pairing.Active, is(true));
    }

    /** The token went with the device, so the client cannot retry the removal. The relay completes it. */
    @Test
    void interruptedRemovalIsCompleted() {
        HookedStore hooked = new HookedStore(new MemoryStore(Samples.TERMS, Rig.ROOMY));
        Rig failing = new Rig(hooked.store(), Samples.TERMS, 0, 10);
        Rig.Pair pair = failing.pair();
        RequestId id = failing.submitted(pair, 1);
        hooked.before("pairingsOf", () -> {
            throw new StoreUnavailable("the store fails, as the test wants it to");
        });
        assertThrows(StoreUnavailable.class, () -> failing.devices.remove(pair.phone()));
        failing.lifecycle.processDue();
        assertThat(failing.store.pairing(pair.id()).orElseThrow().state() instanceof Pairing.Revoked, is(true));
        assertThat(failing.state(pair, id), is("cancelled"));
        assertThat(failing.store.levels().openRequests(), is(0));
    }

    /** Stored first, then signalled: a call that reads after a signal finds the change. */
    @Test
    void changeIsStoredBeforeItsSignal() {
        MemoryStore store = new MemoryStore(Samples.TERMS, Rig.ROOMY);
        FakeClock clock = new FakeClock(Samples.T0);
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        List<String> histories = Collections.synchronizedList(new ArrayList<>());
        RequestLifecycle lifecycle = new RequestLifecycle(
                store,
                topic -> {
                    switch (topic) {
                        case Topic.OfPairing(PairId id) ->
                            told.add(store.pairing(id).orElseThrow().toString());
                        case Topic.OfRequest(RequestKey key) ->
                            told.add(store.request(key).orElseThrow().stateName());
                        case Topic.OfDevice _ -> told.add("device");
                        case Topic.OfHistory(PairId id) ->
                            histories.add(store.history(id, Optional.empty(), 100, 1000)
                                    .requests()
                                    .getLast()
                                    .stateName());
                    }
                },
                Samples.TERMS,
                clock,
                RequestListener.NONE,
                List.of(),
                1000);
        store.changePairing(Samples.pair(1), _ -> Change.to(Samples.active(1, 1, Samples.T0), true));
        for (int i = 1; i <= 3; i++) {
            int number = i;
            store.changeRequest(
                    Samples.key(1, i),
                    (_, _, _) -> Change.to(Samples.open(Samples.key(1, number), 1, Samples.T0, MINUTE), true));
        }
        assertThat(lifecycle.apply(Samples.key(1, 9), new RequestEvent.Cancel()), is(Optional.empty()));
        assertThat(
                lifecycle.apply(new RequestKey(Samples.pair(9), rig.id(1)), new RequestEvent.Cancel()),
                is(Optional.empty()));
        assertThat(told, is(empty()));
        lifecycle.apply(Samples.key(1, 1), new RequestEvent.Read());
        assertThat(told, is(empty()));
        assertThat(histories, is(List.of("delivered")));
        lifecycle.apply(Samples.key(1, 1), new RequestEvent.Respond(Samples.answer(1)));
        assertThat(told, is(List.of("responded")));
        lifecycle.apply(Samples.key(1, 2), new RequestEvent.Cancel());
        assertThat(told, is(List.of("responded", "cancelled", "device")));
        clock.advance(MINUTE);
        lifecycle.apply(Samples.key(1, 3), new RequestEvent.Respond(Samples.answer(1)));
        assertThat(told.getLast(), is("expired"));
        told.clear();
        assertThat(
                lifecycle
                        .apply(Samples.pair(1), new dev.harp.relay.protocol.PairingEvent.Revoke())
                        .isPresent(),
                is(true));
        assertThat(told, is(List.of("Pairing[pair_000000000001, Revoked]")));
    }

    /** A record that grows where none may is a defect, and not a refusal. */
    @Test
    void growingRequestIsADefect() {
        Rig.Pair pair;
        Request sample = Samples.open(Samples.key(1, 1), 1, Samples.T0, MINUTE);
        long room = 2L * 1024 + "payload".length() + 1024 + 6 + 11 + 256 + 2000 + 1024;
        Rig full = new Rig(new MemoryStore(Samples.TERMS, new Capacity(room, 9, 9)), Samples.TERMS, 0, 9);
        pair = full.pair();
        RequestId id = full.submitted(pair, 1);
        assertThat(sample.open(), is(true));
        try {
            var _ = full.requests.respond(
                    pair.phone(),
                    id,
                    new dev.harp.relay.protocol.Response(Samples.text(9000), Samples.text(9000), Optional.empty()));
            throw new AssertionError("taken");
        } catch (IllegalStateException expected) {
            assertThat(full.state(pair, id), is("pending"));
        }
    }

    // --- the reaper

    @Test
    void expirerProcessesWhatIsDueAndStops() {
        PairId id = rig.session();
        rig.clock.advance(Duration.ofHours(1));
        Expirer expirer = new Expirer(rig.store, rig.lifecycle, rig.clock);
        expirer.start();
        until(() -> rig.store.pairing(id).isEmpty());
        expirer.close();
    }

    /** One failure of either of the store's two methods does not stop the expirer. */
    @Test
    void expirerSurvivesAStoreFailure() throws InterruptedException {
        for (String method : List.of("due", "nextDue")) {
            HookedStore hooked = new HookedStore(new MemoryStore(Samples.TERMS, Rig.ROOMY));
            Rig failing = new Rig(hooked.store(), Samples.TERMS, 0, 10);
            PairId id = failing.session();
            failing.clock.advance(Duration.ofHours(1));
            CountDownLatch forgotten = new CountDownLatch(1);
            hooked.before(method, () -> {
                hooked.after("changePairing", () -> hooked.after("changePairing", forgotten::countDown));
                throw new IllegalStateException("the store fails, as the test wants it to");
            });
            try (Expirer expirer = new Expirer(hooked.store(), failing.lifecycle, failing.clock)) {
                expirer.start();
                assertThat(method, forgotten.await(60, TimeUnit.SECONDS), is(true));
            }
            assertThat(id.value().isEmpty(), is(false));
        }
    }

    @Test
    void expirerClosedBeforeItStartsDoesNothing() {
        PairId id = rig.session();
        Instant later = rig.clock.instant().plusSeconds(3600);
        Expirer expirer = new Expirer(rig.store, rig.lifecycle, rig.clock);
        expirer.close();
        expirer.start();
        rig.clock.set(later);
        assertThat(rig.store.pairing(id).isPresent(), is(true));
    }
}
