package dev.harp.relay.service;

import static dev.harp.relay.service.Rig.LONG;
import static dev.harp.relay.service.Rig.NO_WAIT;
import static dev.harp.relay.service.Rig.ok;
import static dev.harp.relay.service.Rig.parked;
import static dev.harp.relay.service.Rig.refused;
import static dev.harp.relay.service.Rig.soon;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.memory.MemoryStore;
import dev.harp.relay.wait.Topic;
import dev.harp.relay.wait.WaitingRoom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code docs/protocol.md}, sections 8 and 9.6: the way of a long poll. */
@Timeout(60)
class LongPollTest {
    private static final Topic TOPIC = new Topic.OfPairing(Samples.pair(1));
    private final Rig rig = new Rig();
    private final Rig.Pair pair = rig.pair();

    /** Register before reading: a change between the first read and the wait is not missed. */
    @Test
    void aChangeBetweenTheReadAndTheWaitIsNotMissed() {
        LongPoll waits = new LongPoll(rig.room);
        AtomicInteger value = new AtomicInteger();
        Result<Integer> result = waits.until(TOPIC, LONG, () -> {
            int seen = value.getAndIncrement();
            rig.room.raise(TOPIC);
            return LongPoll.View.of(seen, seen == 3);
        });
        assertThat(result, is(Result.ok(3)));
        assertThat(rig.room.waiters(), is(0));
    }

    @Test
    void withoutAWaitThereIsOneReadAndNoPlaceTaken() {
        AtomicInteger reads = new AtomicInteger();
        Result<Integer> result = new LongPoll(new WaitingRoom(4, 0, rig.nanoTime::get))
                .until(TOPIC, NO_WAIT, () -> LongPoll.View.of(reads.incrementAndGet(), false));
        assertThat(result, is(Result.ok(1)));
    }

    /** Section 8.2: when the time is over, the unchanged representation; read once more, because a ring may be lost. */
    @Test
    void whenTheTimeIsOverTheLastWordIsTrue() {
        AtomicLong ticking = new AtomicLong();
        LongPoll waits = new LongPoll(new WaitingRoom(
                4, 4, () -> ticking.getAndAdd(Duration.ofMinutes(10).toNanos())));
        AtomicInteger reads = new AtomicInteger();
        assertThat(waits.until(TOPIC, LONG, () -> LongPoll.View.of(reads.incrementAndGet(), false)), is(Result.ok(2)));
    }

    @Test
    void aReadThatFailsLeavesTheRoom() {
        LongPoll waits = new LongPoll(rig.room);
        try {
            var _ = waits.until(TOPIC, LONG, () -> {
                throw new UnsupportedOperationException("a read that fails");
            });
            throw new AssertionError("the exception is lost");
        } catch (UnsupportedOperationException expected) {
            assertThat(rig.room.waiters(), is(0));
        }
    }

    /** Section 9.7: who waits goes on waiting through an outage, and hears what has come meanwhile. */
    @Test
    void whoWaitsOutlastsAnOutage() {
        LongPoll waits = new LongPoll(rig.room);
        AtomicInteger reads = new AtomicInteger();
        Result<Integer> result = waits.until(TOPIC, LONG, () -> {
            int read = reads.incrementAndGet();
            rig.room.raise(TOPIC);
            if (read > 1 && read < 5) {
                throw new StoreUnavailable("an outage");
            }
            return LongPoll.View.of(read, read == 6);
        });
        assertThat(result, is(Result.ok(6)));
        assertThat(rig.room.waiters(), is(0));
    }

    @Test
    void whoComesDuringAnOutageIsToldSo() {
        LongPoll waits = new LongPoll(rig.room);
        assertThrows(
                StoreUnavailable.class,
                () -> waits.until(TOPIC, LONG, () -> {
                    throw new StoreUnavailable("an outage");
                }));
        assertThat(rig.room.waiters(), is(0));
    }

    @Test
    void whoseTimeEndsDuringAnOutageIsToldSo() {
        AtomicLong ticking = new AtomicLong();
        LongPoll waits = new LongPoll(new WaitingRoom(
                4, 4, () -> ticking.getAndAdd(Duration.ofMinutes(10).toNanos())));
        AtomicInteger reads = new AtomicInteger();
        assertThrows(
                StoreUnavailable.class,
                () -> waits.until(TOPIC, LONG, () -> {
                    if (reads.incrementAndGet() > 1) {
                        throw new StoreUnavailable("an outage");
                    }
                    return LongPoll.View.of(0, false);
                }));
    }

    /** Section 9.6: a relay that stops says so, whatever its store does. */
    @Test
    void aShutdownDuringAnOutageIsAShutdown() {
        AtomicInteger reads = new AtomicInteger();
        refused(ErrorCode.SHUTTING_DOWN, new LongPoll(rig.room).until(TOPIC, LONG, () -> {
                    rig.room.drain();
                    if (reads.incrementAndGet() > 1) {
                        throw new StoreUnavailable("an outage");
                    }
                    return LongPoll.View.of(0, false);
                }));
    }

    /** Section 8.4. */
    @Test
    void aFullRoomRefusesOnlyWhoWouldHaveToWait() {
        Rig small = new Rig(new MemoryStore(Samples.TERMS, Rig.ROOMY), Samples.TERMS, 0, 1);
        Rig.Pair mine = small.pair();
        RequestId open = small.submitted(mine, 1);
        RequestId over = small.submitted(mine, 2);
        assertThat(ok(small.respond(mine, over, 1)).stateName(), is("responded"));
        Future<Result<Request>> only = parked(() -> small.requests.await(mine.platform(), open, LONG));
        refused(ErrorCode.RELAY_FULL, small.requests.await(mine.platform(), open, LONG));
        assertThat(ok(small.requests.await(mine.platform(), over, LONG)).stateName(), is("responded"));
        assertThat(ok(small.requests.await(mine.platform(), open, NO_WAIT)).stateName(), is("pending"));
        assertThat(ok(small.respond(mine, open, 1)).stateName(), is("responded"));
        assertThat(ok(soon(only)).stateName(), is("responded"));
        assertThat(small.room.waiters(), is(0));
    }

    @Test
    void aFullRoomsRefusalSaysWhenToComeAgain() {
        Result<Integer> result = new LongPoll(new WaitingRoom(4, 0, rig.nanoTime::get))
                .until(TOPIC, LONG, () -> LongPoll.View.of(1, false));
        assertThat(
                result instanceof Result.Refused<Integer>(Refusal refusal)
                        && refusal.retryAfter().isPresent(),
                is(true));
    }

    /** Section 9.6. */
    @Test
    void aShutdownAnswersEveryWaitingPoll() {
        List<Future<Result<Request>>> polls = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            RequestId id = rig.submitted(pair, i);
            for (int j = 0; j < 4; j++) {
                polls.add(parked(() -> rig.requests.await(pair.platform(), id, LONG)));
            }
        }
        Future<Result<Devices.Inbox>> list = parked(() -> rig.inbox(rig.pair(), Optional.empty(), LONG));
        rig.room.drain();
        polls.forEach(poll -> refused(ErrorCode.SHUTTING_DOWN, soon(poll)));
        refused(ErrorCode.SHUTTING_DOWN, soon(list));
        assertThat(rig.room.waiters(), is(0));
    }

    @Test
    void duringAShutdownWhatThereIsToSayIsSaid() {
        RequestId open = rig.submitted(pair, 1);
        RequestId over = rig.submitted(pair, 2);
        assertThat(ok(rig.respond(pair, over, 1)).stateName(), is("responded"));
        rig.room.drain();
        assertThat(ok(rig.requests.await(pair.platform(), over, LONG)).stateName(), is("responded"));
        assertThat(ok(rig.requests.await(pair.platform(), open, NO_WAIT)).stateName(), is("pending"));
        refused(ErrorCode.SHUTTING_DOWN, rig.requests.await(pair.platform(), open, LONG));
    }

    /**
     * Section 9.6, "unless it has something to say": an answer is stored and rung, and the drain comes before the poll's thread
     * has got round to reading it. With the memory store it is the last chance to tell.
     */
    @Test
    void anAnswerThatComesJustBeforeTheDrainIsStillTold() {
        LongPoll waits = new LongPoll(rig.room);
        AtomicInteger value = new AtomicInteger();
        Result<Integer> result = waits.until(TOPIC, LONG, () -> {
            LongPoll.View<Integer> view = LongPoll.View.of(value.get(), value.get() == 1);
            value.set(1);
            rig.room.raise(TOPIC);
            rig.room.drain();
            return view;
        });
        assertThat(result, is(Result.ok(1)));
    }

    /** Section 8.3: the displaced poll answers as if its wait had ended, and with what is true by then. */
    @Test
    void aDisplacedPollAnswersWithThePresentState() {
        RequestId id = rig.submitted(pair, 1);
        List<Future<Result<Request>>> polls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            polls.add(parked(() -> rig.requests.await(pair.platform(), id, LONG)));
        }
        assertThat(ok(rig.requests.read(pair.phone(), id)).stateName(), is("delivered"));
        polls.add(parked(() -> rig.requests.await(pair.platform(), id, LONG)));
        assertThat(ok(soon(polls.getFirst())).stateName(), is("delivered"));
        assertThat(ok(rig.respond(pair, id, 1)).stateName(), is("responded"));
        polls.subList(1, 5).forEach(poll -> assertThat(ok(soon(poll)).stateName(), is("responded")));
    }
}
