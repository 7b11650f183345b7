package dev.harp.relay.wait;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Shares;
import dev.harp.relay.store.Seen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code docs/protocol.md}, section 8: where long polls wait. */
@Timeout(300)
class WaitingRoomTest extends WaitingRoomRig {
    @Test
    void signalBeforeTheWaitIsKept() {
        try (Waiter waiter = enter(TOPIC)) {
            room.raise(TOPIC);
            assertThat(waiter.await(room.deadline(HOUR)), is(WakeReason.SIGNALED));
        }
    }

    @Test
    void signalIsUsedUpByOneWait() {
        try (Waiter waiter = enter(TOPIC)) {
            room.raise(TOPIC);
            room.raise(TOPIC);
            assertThat(waiter.await(room.deadline(HOUR)), is(WakeReason.SIGNALED));
            assertThat(waiter.await(room.deadline(Duration.ZERO)), is(WakeReason.DEADLINE));
        }
    }

    @Test
    void signalDuringTheWaitEndsIt() throws Exception {
        Parked parked = park(TOPIC);
        room.raise(TOPIC);
        assertThat(parked.wake(), is(WakeReason.SIGNALED));
    }

    @Test
    void aSignalIsKnownToHaveComeAfterAMark() {
        long before = room.mark();
        assertThat(room.raisedSince(TOPIC, before), is(false));
        room.raise(TOPIC);
        assertThat(room.raisedSince(TOPIC, before), is(true));
        assertThat(room.raisedSince(OTHER, before), is(false));
        assertThat(room.raisedSince(TOPIC, room.mark()), is(false));
        long later = room.mark();
        room.raiseAll();
        assertThat(room.raisedSince(OTHER, later), is(true));
    }

    /** A later signal that has seen nothing does not make what an earlier one has seen untrue. */
    @Test
    void whatASignalHasSeenIsToldOnce() {
        Seen seen = Optional::empty;
        try (Waiter waiter = enter(TOPIC)) {
            room.raise(TOPIC, seen);
            room.raise(TOPIC);
            assertThat(waiter.seen(), is(seen));
            assertThat(waiter.seen(), is(Seen.NOTHING));
        }
    }

    @Test
    void signalBetweenTwoWaitsIsKept() throws Exception {
        try (Waiter waiter = enter(TOPIC)) {
            for (int i = 0; i < 3; i++) {
                Future<WakeReason> wake = await(waiter).future();
                room.raise(TOPIC);
                assertThat(wake.get(60, TimeUnit.SECONDS), is(WakeReason.SIGNALED));
            }
        }
    }

    @Test
    void signalOfAnotherTopicIsIgnored() {
        try (Waiter waiter = enter(TOPIC)) {
            room.raise(OTHER);
            room.raise(new Topic.OfPairing(Samples.pair(2)));
            room.raise(new Topic.OfRequest(Samples.key(1, 1)));
            assertThat(waiter.await(room.deadline(Duration.ZERO)), is(WakeReason.DEADLINE));
        }
    }

    @Test
    void signalWakesAllWaiters() throws Exception {
        List<Parked> all = List.of(park(TOPIC), park(TOPIC), park(TOPIC), park(TOPIC));
        room.raise(new Topic.OfPairing(Samples.pair(1)));
        for (Parked one : all) {
            assertThat(one.wake(), is(WakeReason.SIGNALED));
        }
    }

    @Test
    void signalWithoutWaitersDoesNothing() {
        room.raise(TOPIC);
        assertThat(room.waiters(), is(0));
    }

    /** A signal between two relays can be lost. */
    @Test
    void waiterWithoutSignalReadsAgainAfterTheInterval() {
        AtomicLong ticking = new AtomicLong();
        WaitingRoom shared = new WaitingRoom(
                4,
                4,
                Shares.NONE,
                () -> ticking.getAndAdd(Duration.ofSeconds(11).toNanos()),
                Duration.ofSeconds(10),
                _ -> {
                    throw new AssertionError("nobody has rung");
                },
                ClientWatch.NONE);
        try (Waiter waiter = shared.enter(TOPIC, Opener.NONE).waiter().orElseThrow()) {
            assertThat(waiter.await(shared.deadline(HOUR)), is(WakeReason.SIGNALED));
            assertThat(waiter.await(shared.deadline(HOUR)), is(WakeReason.SIGNALED));
            assertThat(waiter.await(shared.deadline(Duration.ofSeconds(5))), is(WakeReason.DEADLINE));
        }
    }

    /** A stream waits anew after each heartbeat, which must not postpone its re-read for ever. */
    @Test
    void shortWaitsDoNotPostponeTheReRead() {
        WaitingRoom shared =
                new WaitingRoom(4, 4, Shares.NONE, nanoTime::get, Duration.ofSeconds(10), _ -> {}, ClientWatch.NONE);
        try (Waiter waiter = shared.enter(TOPIC, Opener.NONE).waiter().orElseThrow()) {
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 3; i++) {
                    long deadline = shared.deadline(Duration.ofSeconds(3));
                    nanoTime.addAndGet(Duration.ofSeconds(3).toNanos());
                    assertThat(waiter.await(deadline), is(WakeReason.DEADLINE));
                }
                nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
                assertThat(waiter.await(shared.deadline(Duration.ofSeconds(3))), is(WakeReason.SIGNALED));
            }
            // A signal restarts the interval.
            nanoTime.addAndGet(Duration.ofSeconds(9).toNanos());
            shared.raise(TOPIC);
            assertThat(waiter.await(shared.deadline(HOUR)), is(WakeReason.SIGNALED));
            nanoTime.addAndGet(Duration.ofSeconds(9).toNanos());
            assertThat(waiter.await(shared.deadline(Duration.ZERO)), is(WakeReason.DEADLINE));
            nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
            assertThat(waiter.await(shared.deadline(HOUR)), is(WakeReason.SIGNALED));
        }
    }

    /** After an outage any signal may have been missed. */
    @Test
    void raiseAllWakesEveryWaiter() throws Exception {
        Parked one = park(TOPIC);
        Parked other = park(OTHER);
        room.raiseAll();
        assertThat(one.wake(), is(WakeReason.SIGNALED));
        assertThat(other.wake(), is(WakeReason.SIGNALED));
    }

    @Test
    void deadlineIsOfTheRoomsClock() {
        try (Waiter waiter = enter(TOPIC)) {
            long deadline = room.deadline(Duration.ofNanos(10));
            nanoTime.addAndGet(10);
            assertThat(waiter.await(deadline), is(WakeReason.DEADLINE));
        }
    }

    /** The deadline lies beyond the largest long here: monotonic clocks may overflow. */
    @Test
    void aClockThatOverflowsEndsNoWait() throws Exception {
        Parked parked = park(TOPIC);
        assertThat(nanoTime.get() + HOUR.toNanos() < 0, is(true));
        room.raise(TOPIC);
        assertThat(parked.wake(), is(WakeReason.SIGNALED));
    }

    /** Section 8.3: only the oldest is displaced. */
    @Test
    void theFifthDisplacesTheOldest() throws Exception {
        List<Parked> four = List.of(park(TOPIC), park(TOPIC), park(TOPIC), park(TOPIC));
        Parked fifth = park(TOPIC);
        assertThat(four.get(0).wake(), is(WakeReason.DISPLACED));
        Parked sixth = park(TOPIC);
        assertThat(four.get(1).wake(), is(WakeReason.DISPLACED));
        room.raise(TOPIC);
        for (Parked one : List.of(four.get(2), four.get(3), fifth, sixth)) {
            assertThat(one.wake(), is(WakeReason.SIGNALED));
        }
    }

    @Test
    void waitersOfOtherTopicsAreNotDisplaced() {
        try (Waiter other = enter(OTHER)) {
            List<Waiter> five = List.of(enter(TOPIC), enter(TOPIC), enter(TOPIC), enter(TOPIC), enter(TOPIC));
            assertThat(other.await(room.deadline(Duration.ZERO)), is(WakeReason.DEADLINE));
            five.forEach(Waiter::close);
        }
    }

    @Test
    void leavingFreesThePlace() {
        try (Waiter oldest = enter(TOPIC)) {
            for (int i = 0; i < 20; i++) {
                enter(TOPIC).close();
            }
            assertThat(oldest.await(room.deadline(Duration.ZERO)), is(WakeReason.DEADLINE));
        }
    }

    @Test
    void displacementIsFinal() {
        Waiter oldest = enter(TOPIC);
        List<Waiter> next = List.of(enter(TOPIC), enter(TOPIC), enter(TOPIC), enter(TOPIC));
        room.raise(TOPIC);
        room.drain();
        assertThat(oldest.await(room.deadline(HOUR)), is(WakeReason.DISPLACED));
        assertThat(oldest.await(room.deadline(HOUR)), is(WakeReason.DISPLACED));
        oldest.close();
        next.forEach(Waiter::close);
    }

    @Test
    void displacementOverridesAPendingSignal() {
        Waiter oldest = enter(TOPIC);
        room.raise(TOPIC);
        List<Waiter> next = List.of(enter(TOPIC), enter(TOPIC), enter(TOPIC), enter(TOPIC));
        assertThat(oldest.await(room.deadline(HOUR)), is(WakeReason.DISPLACED));
        oldest.close();
        next.forEach(Waiter::close);
    }

    /** Section 8.4. */
    @Test
    void roomHoldsExactlyItsMaximum() {
        List<Waiter> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            all.add(enter(new Topic.OfPairing(Samples.pair(i))));
        }
        assertThat(room.waiters(), is(10));
        assertThat(room.enter(OTHER, Opener.NONE).waiter(), is(Optional.empty()));
        assertThat(room.waiters(), is(10));
        all.removeLast().close();
        enter(OTHER).close();
        all.forEach(Waiter::close);
        assertThat(room.waiters(), is(0));
    }

    /** Section 8.4: a poll that finds the room full displaces no poll of another topic. */
    @Test
    void refusedWaiterDisplacesNobody() {
        WaitingRoom small =
                new WaitingRoom(1, 1, Shares.NONE, nanoTime::get, WaitingRoom.NEVER, _ -> {}, ClientWatch.NONE);
        try (Waiter only = small.enter(TOPIC, Opener.NONE).waiter().orElseThrow()) {
            assertThat(small.enter(OTHER, Opener.NONE).waiter(), is(Optional.empty()));
            assertThat(only.await(small.deadline(Duration.ZERO)), is(WakeReason.DEADLINE));
        }
    }

    /**
     * Section 8.4: in a full room a device that has lost its connections still gets the place of its own oldest poll.
     */
    @Test
    void fullRoomDisplacesTheTopicsOldest() {
        WaitingRoom small =
                new WaitingRoom(1, 1, Shares.NONE, nanoTime::get, WaitingRoom.NEVER, _ -> {}, ClientWatch.NONE);
        Waiter lost = small.enter(TOPIC, Opener.NONE).waiter().orElseThrow();
        try (Waiter next = small.enter(TOPIC, Opener.NONE).waiter().orElseThrow()) {
            assertThat(lost.await(small.deadline(Duration.ZERO)), is(WakeReason.DISPLACED));
            assertThat(small.waiters(), is(1));
            lost.close();
            assertThat(small.waiters(), is(1));
            assertThat(next.await(small.deadline(Duration.ZERO)), is(WakeReason.DEADLINE));
        }
        assertThat(small.waiters(), is(0));
    }

    /** Whatever the order of entering, displacing and leaving: no waiter and no queue is left behind. */
    @Test
    void nothingIsLeftBehind() throws Exception {
        Random random = new Random(11);
        List<Waiter> inside = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            if (random.nextInt(3) > 0) {
                room.enter(new Topic.OfPairing(Samples.pair(random.nextInt(3))), Opener.NONE)
                        .waiter()
                        .ifPresent(inside::add);
            } else if (!inside.isEmpty()) {
                inside.remove(random.nextInt(inside.size())).close();
            }
            assertThat(room.waiters(), is(lessThanOrEqualTo(10)));
        }
        inside.forEach(Waiter::close);
        assertThat(room.waiters(), is(0));
        assertThat(queues(), is(0));
    }

    @Test
    void nothingIsLeftBehindByConcurrentWaiters() throws Exception {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                Topic topic = new Topic.OfPairing(Samples.pair(i % 3));
                all.add(executor.submit(() -> {
                    for (int j = 0; j < 300; j++) {
                        room.enter(topic, Opener.NONE).waiter().ifPresent(waiter -> {
                            try (waiter) {
                                room.raise(topic);
                                var _ = waiter.await(room.deadline(HOUR));
                            }
                        });
                    }
                    return true;
                }));
            }
            for (Future<Boolean> one : all) {
                assertThat(one.get(60, TimeUnit.SECONDS), is(true));
            }
        }
        assertThat(room.waiters(), is(0));
        assertThat(queues(), is(0));
    }

    /** The map of queues is private, and a queue that stays is a leak that only the map shows. */
    private int queues() throws ReflectiveOperationException {
        var field = WaitingRoom.class.getDeclaredField("queues");
        field.setAccessible(true);
        return ((java.util.Map<?, ?>) field.get(room)).size();
    }

    @Test
    void queuesAreSharedByEqualTopics() {
        List<Topic> topics = List.of(
                new Topic.OfRequest(Samples.key(1, 1)),
                new Topic.OfDevice(Samples.device(2)),
                new Topic.OfPairing(Samples.pair(3)));
        assertThat(topics, hasSize(3));
        for (Topic topic : topics) {
            try (Waiter waiter = enter(topic)) {
                room.raise(topic);
                assertThat(waiter.await(room.deadline(HOUR)), is(WakeReason.SIGNALED));
            }
        }
    }
}
