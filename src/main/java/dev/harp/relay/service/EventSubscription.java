package dev.harp.relay.service;

import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.wait.Waiter;
import dev.harp.relay.wait.WaitingRoom;
import dev.harp.relay.wait.WakeReason;
import java.time.Duration;
import java.util.Optional;

/**
 * A stream of news: one place in the waiting room for as long as it lasts. Enter, read, tell, read on until there is nothing, wait, read again.
 *
 * <p>For one thread, which pulls: whoever cannot pass one piece on does not get the next, so a slow reader holds one piece at most. What was read
 * counts as told; if it was not, the stream is over, and the client's next one begins after what has really reached it.
 *
 * @param <T> what is told at once
 */
public final class EventSubscription<T> implements AutoCloseable {

    /** What comes next. */
    public sealed interface Next<T> {}

    /** There is news. */
    public record Update<T>(T value) implements Next<T> {}

    /** Nothing has been told for a whole heartbeat. */
    public record Heartbeat<T>() implements Next<T> {}

    /** The stream is over. */
    public record Ended<T>(Why why) implements Next<T> {}

    /** Why a stream is over. */
    public enum Why {
        /** What it is about is over, and has been told. */
        ENDED,
        /** It has lasted as long as one may. */
        TIME,
        /** A newer call has taken its place. */
        DISPLACED,
        /** The relay is shutting down. */
        DRAINING
    }

    /**
     * Reads what has not been told yet, and remembers that it is.
     *
     * @param <T> what is told at once
     */
    @FunctionalInterface
    interface Source<T> {
        Found<T> read();
    }

    /**
     * What a read finds.
     *
     * @param news what there is to tell, if there is anything
     * @param more whether there is more at once
     * @param last whether nothing will ever come after that
     */
    record Found<T>(Optional<T> news, boolean more, boolean last) {

        /** The last that there is to tell. */
        static <T> Found<T> last(Optional<T> news) {
            return new Found<>(news, false, true);
        }
    }

    private final WaitingRoom room;
    private final Waiter waiter;
    private final Source<T> source;
    private final Duration heartbeat;
    private final long end;
    private final Runnable closing;
    private Optional<T> ahead = Optional.empty();
    private Optional<Why> leaving = Optional.empty();
    private boolean unread = true;
    private boolean closed;

    EventSubscription(
            WaitingRoom room, Waiter waiter, Source<T> source, Duration heartbeat, long end, Runnable closing) {
        this.room = room;
        this.waiter = waiter;
        this.source = source;
        this.heartbeat = heartbeat;
        this.end = end;
        this.closing = closing;
    }

    /** Reads for the first time, so that what cannot be read is not begun; says whether the relay is not about to stop. */
    boolean begin() {
        ahead = read();
        look();
        return leaving.filter(Why.DRAINING::equals).isEmpty();
    }

    private Optional<T> read() {
        Found<T> found = source.read();
        unread = found.more() && leaving.isEmpty();
        if (found.last()) {
            leave(Why.ENDED);
            unread = false;
        }
        return found.news();
    }

    /** The first reason counts; one more read makes sure that what was told by then is true. */
    private void leave(Why why) {
        if (leaving.isEmpty()) {
            leaving = Optional.of(why);
            unread = true;
        }
    }

    /** Takes what somebody has called, without waiting. */
    private void look() {
        take(waiter.await(room.deadline(Duration.ZERO)));
    }

    private void take(WakeReason call) {
        switch (call) {
            case SIGNALED -> unread = true;
            case DEADLINE -> {}
            case DISPLACED -> leave(Why.DISPLACED);
            case DRAINING -> leave(Why.DRAINING);
        }
    }

    /** The next news, or a sign of life, or the end. Blocks for a heartbeat at most, and for what the store takes. */
    public Next<T> next() {
        long quiet = room.deadline(heartbeat);
        boolean lastWait = end - quiet <= 0;
        while (true) {
            Optional<T> news = news();
            if (news.isPresent()) {
                return new Update<>(news.get());
            }
            if (leaving.isPresent()) {
                return new Ended<>(leaving.get());
            }
            WakeReason call = waiter.await(lastWait ? end : quiet);
            if (call == WakeReason.DEADLINE && !lastWait) {
                return new Heartbeat<>();
            }
            if (call == WakeReason.DEADLINE) {
                leave(Why.TIME);
            }
            take(call);
        }
    }

    /** While the store is out of reach there is none; whoever brings it back rings. */
    private Optional<T> news() {
        Optional<T> first = ahead;
        ahead = Optional.empty();
        if (first.isPresent()) {
            return first;
        }
        if (unread && leaving.isEmpty()) {
            look();
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

    /** Gives the place back. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            waiter.close();
            closing.run();
        }
    }
}
