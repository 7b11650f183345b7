package dev.harp.relay.wait;

import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Shares;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * {@code docs/protocol.md}, section 8: no signal is lost. Lincheck runs small random scenarios some hundred times each.
 * When all threads are done, every call that has read an old value must have been woken, and no displaced call waits.
 */
class WaitingRoomLincheckTest {

    @Test
    void noSignalIsLost() {
        bounded(new StressOptions().iterations(8).invocationsPerIteration(600)).check(Room.class);
    }

    /** Half a minute on an idle machine, and many on a busy one: {@code -Dharp.lincheck=deep}. */
    @Test
    @EnabledIfSystemProperty(named = "harp.lincheck", matches = "deep")
    void noSignalIsLostInAnyInterleaving() {
        bounded(new ModelCheckingOptions().iterations(8).invocationsPerIteration(200))
                .check(Room.class);
    }

    private static <O extends Options<O, ?>> O bounded(O options) {
        return options.threads(3).actorsPerThread(2).actorsBefore(1).actorsAfter(1);
    }

    /** A room with two places for its one topic, and a value to wait for. */
    public static class Room {
        private static final Topic TOPIC = new Topic.OfPairing(Samples.pair(1));
        private static final int PLACES = 2;
        private static final int MOST = 32;

        private record Poll(Waiter waiter, int seen) {}

        private final WaitingRoom room =
                new WaitingRoom(PLACES, MOST, Shares.NONE, () -> 0, WaitingRoom.NEVER, _ -> {}, ClientWatch.NONE);
        private final AtomicInteger value = new AtomicInteger();
        private final AtomicInteger polls = new AtomicInteger();
        private final AtomicReferenceArray<Optional<Poll>> inside = new AtomicReferenceArray<>(MOST);
        private final AtomicInteger left = new AtomicInteger();
        private volatile boolean draining;

        public Room() {
            for (int i = 0; i < MOST; i++) {
                inside.set(i, Optional.empty());
            }
        }

        /** Enters, then reads; counts as parked from then on. */
        @Operation
        public void poll() {
            Waiter waiter = room.enter(TOPIC, Opener.NONE).waiter().orElseThrow();
            int seen = value.get();
            inside.set(polls.getAndIncrement(), Optional.of(new Poll(waiter, seen)));
        }

        /** Enters, reads, takes a signal if there is one, and reads again. */
        @Operation
        public void pollTwice() {
            Waiter waiter = room.enter(TOPIC, Opener.NONE).waiter().orElseThrow();
            int seen = value.get();
            if (waiter.await(0) == WakeReason.SIGNALED) {
                seen = value.get();
            }
            inside.set(polls.getAndIncrement(), Optional.of(new Poll(waiter, seen)));
        }

        /** Enters, reads, leaves. */
        @Operation
        public void comeAndGo() {
            try (Waiter waiter = room.enter(TOPIC, Opener.NONE).waiter().orElseThrow()) {
                value.get();
                var _ = waiter.await(0);
            }
            left.incrementAndGet();
        }

        /** Stores, then signals. */
        @Operation
        public void change() {
            value.incrementAndGet();
            room.raise(TOPIC);
        }

        @Operation(runOnce = true)
        public void drain() {
            room.drain();
            draining = true;
        }

        @Validate
        public void nobodyIsForgotten() {
            List<Poll> all = java.util.stream.IntStream.range(0, MOST)
                    .mapToObj(inside::get)
                    .flatMap(Optional::stream)
                    .toList();
            int waiting = 0;
            for (Poll poll : all) {
                WakeReason wake = poll.waiter().await(0);
                if (wake == WakeReason.DEADLINE && (poll.seen() != value.get() || draining)) {
                    throw new IllegalStateException("a lost signal: saw " + poll.seen() + " of " + value.get());
                }
                waiting += wake == WakeReason.DISPLACED || wake == WakeReason.DRAINING ? 0 : 1;
            }
            if (waiting > PLACES
                    || room.waiters() > Math.min(all.size(), PLACES)
                    || room.waiters() < Math.min(waiting, 1)) {
                throw new IllegalStateException(waiting + " wait, the room says " + room.waiters());
            }
            all.forEach(poll -> poll.waiter().close());
            if (room.waiters() != 0) {
                throw new IllegalStateException("left behind: " + room.waiters());
            }
        }
    }
}
