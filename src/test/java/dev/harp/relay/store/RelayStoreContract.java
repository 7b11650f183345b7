package dev.harp.relay.store;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.device;
import static dev.harp.relay.protocol.Samples.key;
import static dev.harp.relay.protocol.Samples.pair;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import dev.harp.relay.protocol.Footprint;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Sha256;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * The contract of {@link RelayStore}, with those that this one extends. One subclass for each store; none may override
 * a test.
 */
public abstract class RelayStoreContract extends ScheduleContract {
    // --- sums

    @Test
    void levelsAreTheSumsOfTheRecords() {
        put(Samples.phone(1, T0).withPushToken(Optional.of("push")));
        put(Samples.active(1, 1, T0));
        put(Samples.pending(2, T0));
        put(open(1, 1));
        put(open(1, 2));
        Request ended = put(Samples.in(open(1, 2), new Request.Expired()));
        long bytes = Footprint.of(store.device(device(1)).orElseThrow())
                + Footprint.of(Samples.active(1, 1, T0))
                + Footprint.of(Samples.pending(2, T0))
                + Footprint.of(open(1, 1), TERMS)
                + Footprint.of(ended, TERMS);
        assertThat(store.levels(), is(new Levels(bytes, 2, 1, 1, 0, 1)));
    }

    /** After all records are removed, in whatever order, no sum and no index has anything left. */
    @Test
    void nothingIsLeftAfterAllRemovals() {
        for (int seed = 1; seed <= 50; seed++) {
            Random random = new Random(seed);
            List<Runnable> removals = new ArrayList<>();
            for (int i = 1; i <= 4; i++) {
                int number = i;
                put(Samples.phone(i, T0).withPushToken(Optional.of("push")));
                put(random.nextBoolean() ? Samples.active(i, i, T0) : Samples.active(i, 1, T0));
                removals.add(() -> forgetDevice(number));
                removals.add(() -> forgetPairing(number));
                int owner = store.pairing(pair(i))
                                .flatMap(Pairing::device)
                                .orElseThrow()
                                .equals(device(1))
                        ? 1
                        : i;
                for (int j = 1; j <= 4; j++) {
                    int request = j;
                    Request open = put(Samples.open(key(i, j), owner, T0, MINUTE));
                    switch (random.nextInt(4)) {
                        case 0 -> put(Samples.in(open, new Request.Cancelled(T0)));
                        case 1 -> put(Samples.in(open, new Request.Responded(Samples.answer(1), T0)));
                        case 2 -> put(Samples.in(open, new Request.Expired()));
                        default -> {}
                    }
                    removals.add(() -> forget(key(number, request)));
                }
            }
            Collections.shuffle(removals, random);
            removals.forEach(Runnable::run);
            assertThat("seed " + seed, store.levels(), is(new Levels(0, 0, 0, 0, 0, 0)));
            assertThat("seed " + seed, store.due(FAR, 1000), is(empty()));
            for (int i = 1; i <= 4; i++) {
                assertThat(store.pairingsOf(device(i)), is(empty()));
                assertThat(
                        store.inbox(device(i), Optional.empty(), 10, ANY_TEXT).requests(), is(empty()));
                assertThat(store.pairingByToken(Sha256.of("hpt" + i)), is(Optional.empty()));
                assertThat(store.deviceByToken(Sha256.of("hdt" + i)), is(Optional.empty()));
            }
        }
    }

    // --- secrets

    @Test
    void theFirstKeyPairIsKept() {
        assertThat(store.secret(StoreSecret.OPENERS, "another"), is("another"));
        assertThat(store.secret(StoreSecret.VAPID, "first"), is("first"));
        assertThat(store.secret(StoreSecret.VAPID, "second"), is("first"));
        assertThat(store.secret(StoreSecret.OPENERS, "second"), is("another"));
        assertThat(opened(ROOMY).secret(StoreSecret.VAPID, "of another store"), is("of another store"));
    }

    @Test
    void aFullStoreTakesAKeyPair() {
        store = opened(new Capacity(0, 0, 0));
        assertThat(tryPut(Samples.phone(1, T0)), is(new StoreResult.Full<>(StoreResult.Bound.WHOLE)));
        assertThat(store.secret(StoreSecret.VAPID, "first"), is("first"));
        assertThat(store.levels(), is(new Levels(0, 0, 0, 0, 0, 0)));
    }

    @Test
    void inARaceAllGetTheSameKeyPair() throws Exception {
        for (int round = 0; round < 5; round++) {
            store = opened(ROOMY);
            List<String> told = Collections.synchronizedList(new ArrayList<>());
            atOnce(20, number -> told.add(store.secret(StoreSecret.VAPID, "of " + number)));
            assertThat(new HashSet<>(told), is(Set.of(store.secret(StoreSecret.VAPID, "late"))));
            assertThat(told, hasSize(20));
        }
    }

    // --- many at once

    /** A rule gets what the previous one has stored: no update is lost. */
    @Test
    void changesOfOneRecordExcludeEachOther() throws Exception {
        put(Samples.phone(1, T0));
        atOnce(16, _ -> {
            for (int i = 0; i < 100; i++) {
                store.changeDevice(
                        device(1),
                        phone -> Change.to(
                                phone.orElseThrow()
                                        .keptUntil(
                                                phone.orElseThrow().keptUntil().plusMillis(1)),
                                true));
            }
        });
        assertThat(
                store.device(device(1)).orElseThrow().keptUntil(),
                is(T0.plus(ProtocolLimits.UNPAIRED_DEVICE).plusMillis(1600)));
        assertThat(store.due(FAR, 100), hasSize(1));
    }

    @Test
    void concurrentAddsOfOneIdAddOnce() throws Exception {
        put(Samples.active(1, 1, T0));
        AtomicInteger added = new AtomicInteger();
        atOnce(50, number -> {
            Optional<StoreResult<Boolean>> stored = store.changeRequest(
                    key(1, 1),
                    (_, known, _) -> new Change<>(
                            known.or(() -> Optional.of(Request.submitted(
                                    key(1, 1), device(1), Samples.envelope(number), T0, T0.plus(MINUTE)))),
                            known.isEmpty()));
            if (stored.equals(Optional.of(new StoreResult.Done<>(true)))) {
                added.incrementAndGet();
            }
        });
        assertThat(added.get(), is(1));
        assertThat(store.levels().openRequests(), is(1));
    }

    /** The number of open requests that a rule gets is still right when its record is stored. */
    @Test
    void theMaximumOfOpenRequestsHoldsInARace() throws Exception {
        put(Samples.active(1, 1, T0));
        atOnce(
                50,
                number -> store.changeRequest(
                        key(1, number),
                        (_, known, open) -> new Change<>(open < 5 ? Optional.of(open(1, number)) : known, open)));
        assertThat(store.openRequests(pair(1)), hasSize(5));
    }

    @Test
    void theCapacityHoldsInARace() throws Exception {
        long room = 20L * Footprint.RECORD;
        store = opened(new Capacity(room, 7, 9));
        atOnce(40, number -> {
            var _ = tryPut(Samples.pending(number, T0));
            var _ = tryPut(Samples.phone(number, T0));
        });
        assertThat(store.levels(), is(new Levels(16L * Footprint.RECORD, 7, 9, 0, 0, 0)));
        atOnce(40, number -> tryPut(Samples.phone(number, T0).withPushToken(Optional.of("x".repeat(1000)))));
        assertThat(store.levels().bytes(), is(lessThanOrEqualTo(room)));
    }

    /**
     * Every later read sees a change: a revoked pairing accepts no request, and none of its open requests is missed.
     */
    @Test
    void pairingAndRequestsChangeInOneOrder() throws Exception {
        for (int round = 1; round <= 50; round++) {
            int number = round;
            put(Samples.active(number, 1, T0));
            List<RequestKey> taken = Collections.synchronizedList(new ArrayList<>());
            List<RequestKey> found = Collections.synchronizedList(new ArrayList<>());
            atOnce(5, who -> {
                if (who == 3) {
                    put(Samples.revoked(Samples.active(number, 1, T0), T0));
                    found.addAll(store.openRequests(pair(number)));
                } else {
                    Optional<StoreResult<Boolean>> stored =
                            store.changeRequest(key(number, who), (pairing, known, _) -> {
                                boolean active = pairing.state() instanceof Pairing.Active;
                                return new Change<>(active ? Optional.of(open(number, who)) : known, active);
                            });
                    if (stored.equals(Optional.of(new StoreResult.Done<>(true)))) {
                        taken.add(key(number, who));
                    }
                }
            });
            assertThat(found, containsInAnyOrder(taken.toArray()));
        }
    }

    private static void atOnce(int threads, java.util.function.IntConsumer work)
            throws InterruptedException, ExecutionException {
        CountDownLatch go = new CountDownLatch(1);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 1; i <= threads; i++) {
                int number = i;
                all.add(executor.submit(() -> {
                    go.await();
                    work.accept(number);
                    return true;
                }));
            }
            go.countDown();
            for (Future<Boolean> one : all) {
                assertThat(one.get(), is(true));
            }
        }
    }
}
