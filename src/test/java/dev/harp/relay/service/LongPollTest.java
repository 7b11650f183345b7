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
import dev.harp.relay.protocol.Shares;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.Seen;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.memory.MemoryStore;
import dev.harp.relay.wait.ClientWatch;
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

/** {@code docs/protocol.md}, sections 8 and 9.6. */
@Timeout(300)
class LongPollTest {
    private static final Topic TOPIC = new Topic.OfPairing(Samples.pair(1));
    private final Rig rig = new Rig();
    private final Rig.Pair pair = rig.pair();
    private final LongPoll poll = new LongPoll(rig.room);

    /** A poll whose clock advances by ten minutes at each reading, so that every wait is over at once. */
    private static LongPoll hasty() {
        AtomicLong ticking = new AtomicLong();
        return new LongPoll(new WaitingRoom(
                4,
                4,
                Shares.NONE,
                () -> ticking.getAndAdd(Duration.ofMinutes(10).toNanos()),
                WaitingRoom.NEVER,
                _ -> {},
                ClientWatch.NONE));
    }

    private static boolean never(int read) {
        return read < 0;
    }

    /** The poll registers before it reads, so it sees a change between its first read and its wait. */
    @Test
    void aChangeBetweenTheReadAndTheWaitIsNotMissed() {
        AtomicInteger value = new AtomicInteger();
        Result<Integer> result = poll.until(
                TOPIC,
                LONG,
                () -> {
                    int seen = value.getAndIncrement();
                    rig.room.raise(TOPIC);
                    return Result.ok(seen);
                },
                seen -> seen == 3);
        assertThat(result, is(Result.ok(3)));
        assertThat(rig.room.waiters(), is(0));
    }

    @Test
    void withoutAWaitThereIsOneReadAndNoPlaceTaken() {
        AtomicInteger reads = new AtomicInteger();
        Result<Integer> result = new LongPoll(new WaitingRoom(
                        4, 0, Shares.NONE, rig.nanoTime::get, WaitingRoom.NEVER, _ -> {}, ClientWatch.NONE))
                .until(TOPIC, NO_WAIT, () -> Result.ok(reads.incrementAndGet()), LongPollTest::never);
        assertThat(result, is(Result.ok(1)));
    }

    /** What was seen with the token is no reading of after the place was taken. */
    @Test
    void aChangeBetweenWhatWasSeenAndThePlaceIsNotMissed() {
        Seen seen = Optional::empty;
        Caller.Start start = new Caller.Start(seen, rig.room.mark());
        rig.room.raise(TOPIC);
        assertThat(
                poll.until(TOPIC, LONG, start, last -> Result.ok(last.equals(seen)), first -> !first),
                is(Result.ok(false)));
    }

    @Test
    void withoutASignalWhatWasSeenIsNotReadAgain() {
        Seen seen = Optional::empty;
        AtomicInteger reads = new AtomicInteger();
        // By what was seen, and after the wait.
        assertThat(
                hasty().until(
                                TOPIC,
                                LONG,
                                new Caller.Start(seen, 0),
                                _ -> Result.ok(reads.incrementAndGet()),
                                LongPollTest::never),
                is(Result.ok(2)));
    }

    /** Thousands wait, and a request has 64 KiB. */
    @Test
    void aCallThatWaitsKeepsNothingOfWhatWasSeen() {
        Seen seen = Optional::empty;
        Caller.Start start = new Caller.Start(seen, 0);
        List<Seen> readBy = new ArrayList<>();
        var _ = hasty().until(
                        TOPIC,
                        LONG,
                        start,
                        last -> {
                            readBy.add(last);
                            assertThat(start.take(), is(Seen.NOTHING));
                            return Result.ok(1);
                        },
                        LongPollTest::never);
        assertThat(readBy, is(List.of(seen, Seen.NOTHING)));
    }

    @Test
    void whatWasSeenIsAnsweredWithoutAPlaceIfItIsNews() {
        Seen seen = Optional::empty;
        LongPoll full = new LongPoll(
                new WaitingRoom(4, 0, Shares.NONE, rig.nanoTime::get, WaitingRoom.NEVER, _ -> {}, ClientWatch.NONE));
        assertThat(full.until(TOPIC, LONG, new Caller.Start(seen, 0), _ -> Result.ok(1), _ -> true), is(Result.ok(1)));
    }

    /** Section 8.2: after the wait the poll reads once more, because a signal may have been lost. */
    @Test
    void afterTheWaitTheAnswerIsReadAgain() {
        AtomicInteger reads = new AtomicInteger();
        assertThat(
                hasty().until(TOPIC, LONG, () -> Result.ok(reads.incrementAndGet()), LongPollTest::never),
                is(Result.ok(2)));
    }

    @Test
    void aReadThatFailsLeavesTheRoom() {
        assertThrows(
                UnsupportedOperationException.class,
                () -> poll.until(
                        TOPIC,
                        LONG,
                        () -> {
                            throw new UnsupportedOperationException("a read that fails");
                        },
                        LongPollTest::never));
        assertThat(rig.room.waiters(), is(0));
    }

    /** Section 9.7: a parked poll survives a store outage, and reads what has changed meanwhile. */
    @Test
    void aParkedPollSurvivesAStoreOutage() {
        AtomicInteger reads = new AtomicInteger();
        Result<Integer> result = poll.until(
                TOPIC,
                LONG,
                () -> {
                    int read = reads.incrementAndGet();
                    rig.room.raise(TOPIC);
                    if (read > 1 && read < 5) {
                        throw new StoreUnavailable("an outage");
                    }
                    return Result.ok(read);
                },
                read -> read == 6);
        assertThat(result, is(Result.ok(6)));
        assertThat(rig.room.waiters(), is(0));
    }

    @Test
    void aPollThatBeginsDuringAStoreOutageFails() {
        assertThrows(
                StoreUnavailable.class,
                () -> poll.until(
                        TOPIC,
                        LONG,
                        () -> {
                            throw new StoreUnavailable("an outage");
                        },
                        LongPollTest::never));
        assertThat(rig.room.waiters(), is(0));
    }

    @Test
    void aPollWhoseWaitEndsDuringAStoreOutageFails() {
        AtomicInteger reads = new AtomicInteger();
        assertThrows(
                StoreUnavailable.class, () -> hasty().until(TOPIC, LONG, () -> readOnce(reads), LongPollTest::never));
    }

    private static Result<Integer> readOnce(AtomicInteger reads) {
        if (reads.incrementAndGet() > 1) {
            throw new StoreUnavailable("an outage");
        }
        return Result.ok(0);
    }

    /** Section 9.6: the relay reports its shutdown even if its store cannot be reached. */
    @Test
    void aShutdownDuringAStoreOutageIsAShutdown() {
        AtomicInteger reads = new AtomicInteger();
        Result<Integer> result = poll.until(
                TOPIC,
                LONG,
                () -> {
                    rig.room.drain();
                    return readOnce(reads);
                },
                LongPollTest::never);
        refused(ErrorCode.SHUTTING_DOWN, result);
    }

    /** Section 8.4. */
    @Test
    void aFullRoomRefusesOnlyCallsThatWouldWait() {
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
    void theRefusalOfAFullRoomSaysWhenToRetry() {
        Result<Integer> result = new LongPoll(new WaitingRoom(
                        4, 0, Shares.NONE, rig.nanoTime::get, WaitingRoom.NEVER, _ -> {}, ClientWatch.NONE))
                .until(TOPIC, LONG, () -> Result.ok(1), LongPollTest::never);
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
        Future<Result<Page>> list = parked(() -> rig.inbox(rig.pair(), Optional.empty(), LONG));
        rig.room.drain();
        polls.forEach(poll -> refused(ErrorCode.SHUTTING_DOWN, soon(poll)));
        refused(ErrorCode.SHUTTING_DOWN, soon(list));
        assertThat(rig.room.waiters(), is(0));
    }

    @Test
    void aShutdownStillAnswersWhatIsKnown() {
        RequestId open = rig.submitted(pair, 1);
        RequestId over = rig.submitted(pair, 2);
        assertThat(ok(rig.respond(pair, over, 1)).stateName(), is("responded"));
        rig.room.drain();
        assertThat(ok(rig.requests.await(pair.platform(), over, LONG)).stateName(), is("responded"));
        assertThat(ok(rig.requests.await(pair.platform(), open, NO_WAIT)).stateName(), is("pending"));
        refused(ErrorCode.SHUTTING_DOWN, rig.requests.await(pair.platform(), open, LONG));
    }

    /**
     * Section 9.6, "unless it has something to say": a response is stored and signalled, and the drain begins before
     * the poll's thread has read it. With the memory store this is the last chance to deliver it.
     */
    @Test
    void aResponseThatComesJustBeforeTheDrainIsDelivered() {
        AtomicInteger value = new AtomicInteger();
        Result<Integer> result = poll.until(
                TOPIC,
                LONG,
                () -> {
                    Result<Integer> read = Result.ok(value.getAndSet(1));
                    rig.room.raise(TOPIC);
                    rig.room.drain();
                    return read;
                },
                read -> read == 1);
        assertThat(result, is(Result.ok(1)));
    }

    /** Section 8.3: the displaced poll answers as if its wait had ended, with the present state. */
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
