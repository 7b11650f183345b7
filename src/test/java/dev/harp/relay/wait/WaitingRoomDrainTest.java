package dev.harp.relay.wait;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Shares;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a shutdown, an interrupt, or a client that has gone ends waiting. */
@Timeout(300)
class WaitingRoomDrainTest extends WaitingRoomRig {
    @Test
    void drainWakesAllWaiters() throws Exception {
        List<Parked> all = List.of(park(TOPIC), park(TOPIC), park(OTHER));
        room.drain();
        for (Parked one : all) {
            assertThat(one.wake(), is(WakeReason.DRAINING));
        }
    }

    @Test
    void drainWakesLaterWaiters() {
        room.drain();
        try (Waiter late = enter(TOPIC)) {
            assertThat(late.await(room.deadline(HOUR)), is(WakeReason.DRAINING));
            room.raise(TOPIC);
            assertThat(late.await(room.deadline(HOUR)), is(WakeReason.DRAINING));
        }
    }

    @Test
    void drainWakesWaitersThatEnterMeanwhile() throws Exception {
        for (int round = 0; round < 200; round++) {
            WaitingRoom fresh =
                    new WaitingRoom(4, 100, Shares.NONE, nanoTime::get, WaitingRoom.NEVER, _ -> {}, ClientWatch.NONE);
            CountDownLatch go = new CountDownLatch(1);
            try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<WakeReason>> all = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    Topic topic = new Topic.OfPairing(Samples.pair(i));
                    all.add(executor.submit(() -> {
                        go.await();
                        try (Waiter waiter =
                                fresh.enter(topic, Opener.NONE).waiter().orElseThrow()) {
                            return waiter.await(fresh.deadline(HOUR));
                        }
                    }));
                }
                go.countDown();
                fresh.drain();
                for (Future<WakeReason> one : all) {
                    assertThat(one.get(60, TimeUnit.SECONDS), is(WakeReason.DRAINING));
                }
            }
            assertThat(fresh.waiters(), is(0));
        }
    }

    @Test
    void anInterruptCountsAsDrainingAndIsKept() throws Exception {
        Parked parked = park(TOPIC);
        parked.thread().interrupt();
        assertThat(parked.wake(), is(WakeReason.DRAINING));
        parked.thread().join(); // it leaves the room after it has told why it was called
        Thread.currentThread().interrupt();
        try (Waiter waiter = enter(TOPIC)) {
            assertThat(waiter.await(room.deadline(HOUR)), is(WakeReason.DRAINING));
            assertThat(Thread.interrupted(), is(true));
        }
        assertThat(room.waiters(), is(0));
    }

    /** Its client is watched once it has waited for a second; that it has gone is final, and counts before a signal. */
    @Test
    void aClientThatHasGoneEndsTheWait() {
        List<Runnable> watched = new ArrayList<>();
        WaitingRoom seeing = new WaitingRoom(4, 4, Shares.NONE, nanoTime::get, WaitingRoom.NEVER, _ -> {}, gone -> {
            watched.add(gone);
            gone.run();
        });
        try (Waiter waiter = seeing.enter(TOPIC, Opener.NONE).waiter().orElseThrow()) {
            assertThat(waiter.await(seeing.deadline(Duration.ZERO)), is(WakeReason.DEADLINE));
            assertThat(watched.size(), is(0));
            nanoTime.addAndGet(Waiter.WATCH_AFTER);
            assertThat(waiter.await(seeing.deadline(Duration.ofSeconds(1))), is(WakeReason.GONE));
            seeing.raise(TOPIC);
            assertThat(waiter.await(seeing.deadline(Duration.ofSeconds(1))), is(WakeReason.GONE));
            assertThat(watched.size(), is(1));
        }
    }
}
