package dev.harp.relay.wait;

import static dev.harp.testing.Await.until;

import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Shares;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A waiting room with a clock that is the test's, so no test waits. */
abstract class WaitingRoomRig {
    static final Topic TOPIC = new Topic.OfPairing(Samples.pair(1));
    static final Topic OTHER = new Topic.OfDevice(Samples.device(1));
    static final Duration HOUR = Duration.ofHours(1);

    final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5);
    final WaitingRoom room =
            new WaitingRoom(4, 10, Shares.NONE, nanoTime::get, WaitingRoom.NEVER, _ -> {}, ClientWatch.NONE);

    Waiter enter(Topic topic) {
        return room.enter(topic, Opener.NONE).waiter().orElseThrow();
    }

    record Parked(Thread thread, CompletableFuture<WakeReason> future) {
        WakeReason wake() throws Exception {
            return future.get(60, TimeUnit.SECONDS);
        }
    }

    Parked park(Topic topic) {
        Waiter waiter = enter(topic);
        Parked parked = await(waiter);
        var _ = parked.future().whenComplete((_, _) -> waiter.close());
        return parked;
    }

    /** Waits in its own thread; that thread is parked when this returns. */
    Parked await(Waiter waiter) {
        CompletableFuture<WakeReason> wake = new CompletableFuture<>();
        Thread thread = Thread.ofVirtual().start(() -> wake.complete(waiter.await(room.deadline(HOUR))));
        until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        return new Parked(thread, wake);
    }
}
