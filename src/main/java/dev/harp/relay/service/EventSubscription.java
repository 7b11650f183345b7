package dev.harp.relay.service;

import dev.harp.relay.store.Seen;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.wait.Waiter;
import dev.harp.relay.wait.WaitingRoom;
import dev.harp.relay.wait.WakeReason;
import java.time.Duration;
import java.util.Optional;

/**
 * A sequence of updates, and the one place where the relay waits for them: register, read, send, read again until
 * nothing is new, wait, read again. A stream takes updates until it ends; a {@link LongPoll} takes one.
 *
 * <p>For one thread, which pulls. A client that reads slowly is not read for in advance, so it holds one update at
 * most. What was read counts as sent; if sending fails, the stream is over, and the client's next stream begins at the
 * last cursor that reached the client.
 *
 * <p>An open subscription survives a store outage: a read that fails is skipped, and whoever finds the store reachable
 * again raises a signal. Thousands of clients that reconnect at once would be the last thing that the store needs then.
 *
 * @param <T> one update
 */
public final class EventSubscription<T> implements AutoCloseable {

    /** What comes next. */
    public sealed interface Next<T> {}

    /** There is an update. */
    public record Update<T>(T value) implements Next<T> {}

    /** There was no update by the deadline, which is that of the heartbeat. */
    public record Heartbeat<T>() implements Next<T> {}

    /** The subscription has ended. */
    public record Ended<T>(Reason reason) implements Next<T> {}

    /** Why a subscription has ended. */
    public enum Reason {
        /** Its subject has ended, and the last update said so. */
        ENDED,
        /** It has reached its maximum lifetime. */
        TIME,
        /** A newer call has taken its place. */
        DISPLACED,
        /** The relay is shutting down. */
        DRAINING
    }

    /**
     * Reads what has changed since the last read, perhaps by what was seen of the last change.
     *
     * @param <T> one update
     */
    @FunctionalInterface
    interface Source<T> {
        Read<T> read(Seen seen);
    }

    /**
     * What a read has found.
     *
     * @param update the update, if anything is new
     * @param more whether the next read finds more without waiting
     * @param last whether nothing can follow
     */
    record Read<T>(Optional<T> update, boolean more, boolean last) {

        static <T> Read<T> last(Optional<T> update) {
            return new Read<>(update, false, true);
        }
    }

    private final WaitingRoom room;
    private final Waiter waiter;
    private final Source<T> source;
    private final Duration heartbeat;
    private final long end;
    private final Runnable onClose;
    private Optional<T> first = Optional.empty();
    private Optional<Reason> ending = Optional.empty();
    private boolean unread = true;
    private boolean closed;

    /**
     * @param end the deadline of the whole subscription, on the scale of the room's clock
     * @param onClose is run once
     */
    EventSubscription(
            WaitingRoom room, Waiter waiter, Source<T> source, Duration heartbeat, long end, Runnable onClose) {
        this.room = room;
        this.waiter = waiter;
        this.source = source;
        this.heartbeat = heartbeat;
        this.end = end;
        this.onClose = onClose;
    }

    /**
     * Reads for the first time, so that a subscription which cannot be read does not begin.
     *
     * @return false if the relay is shutting down
     */
    boolean begin() {
        first = read();
        receiveSignal();
        return ending.filter(Reason.DRAINING::equals).isEmpty();
    }

    /** Begins with a read that was made before, and found nothing new. */
    void resume() {
        unread = false;
        receiveSignal();
    }

    /**
     * The next update, heartbeat or end. Blocks for a heartbeat at most, and for as long as the store takes.
     *
     * @throws ClientGone if the client has gone; nothing is read for it any more
     */
    public Next<T> next() {
        long quiet = room.deadline(heartbeat);
        if (end - quiet > 0) {
            return next(quiet);
        }
        Next<T> next = next(end);
        if (!(next instanceof Heartbeat)) {
            return next;
        }
        end(Reason.TIME);
        return next(end);
    }

    /** The same with the deadline of the heartbeat. */
    Next<T> next(long deadline) {
        while (true) {
            Optional<T> update = update();
            if (update.isPresent()) {
                return new Update<>(update.get());
            }
            if (ending.isPresent()) {
                return new Ended<>(ending.get());
            }
            WakeReason reason = waiter.await(deadline);
            if (reason == WakeReason.DEADLINE) {
                return new Heartbeat<>();
            }
            receive(reason);
        }
    }

    private Optional<T> update() {
        Optional<T> kept = first;
        first = Optional.empty();
        if (kept.isPresent()) {
            return kept;
        }
        if (unread && ending.isEmpty()) {
            receiveSignal();
        }
        if (!unread) {
            return Optional.empty();
        }
        try {
            return read();
        } catch (StoreUnavailable _) {
            unread = false;
            return Optional.empty();
        }
    }

    private Optional<T> read() {
        Read<T> read = source.read(waiter.seen());
        unread = read.more() && ending.isEmpty();
        if (read.last()) {
            end(Reason.ENDED);
            unread = false;
        }
        return read.update();
    }

    /** Takes a signal that has come already. */
    private void receiveSignal() {
        receive(waiter.await(room.deadline(Duration.ZERO)));
    }

    private void receive(WakeReason reason) {
        switch (reason) {
            case SIGNALED -> unread = true;
            case DEADLINE -> {}
            case DISPLACED -> end(Reason.DISPLACED);
            case GONE -> throw new ClientGone();
            case DRAINING -> end(Reason.DRAINING);
        }
    }

    /** The first reason counts. One more read finds a change whose signal came with the reason. */
    private void end(Reason reason) {
        if (ending.isEmpty()) {
            ending = Optional.of(reason);
            unread = true;
        }
    }

    /** Leaves the waiting room. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            waiter.close();
            onClose.run();
        }
    }
}
