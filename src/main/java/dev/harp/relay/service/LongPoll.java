package dev.harp.relay.service;

import dev.harp.relay.protocol.Result;
import dev.harp.relay.store.Seen;
import dev.harp.relay.wait.Topic;
import dev.harp.relay.wait.WaitingRoom;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The long poll: an {@link EventSubscription} that ends with its first update, or answers the present state. */
record LongPoll(WaitingRoom room) {
    /** The same when nothing was read before. */
    <T> Result<T> until(Topic topic, Wait wait, Supplier<Result<T>> read, Predicate<T> news) {
        return until(topic, wait, Caller.Start.unseen(), _ -> read.get(), news);
    }

    /**
     * Reads until there is an update or the time is over; then returns the last read.
     *
     * @param wait how long at most, and for whom; zero reads once
     * @param start what was read already, by which the first read goes
     * @param news whether a value is worth answering at once; a refusal always is
     * @return what was read; refused with {@code relay_full}, {@code shutting_down}
     * @throws dev.harp.relay.store.StoreUnavailable if the first or the last read fails
     * @throws ClientGone if the client has gone meanwhile; nothing more was read
     */
    <T> Result<T> until(Topic topic, Wait wait, Caller.Start start, Function<Seen, Result<T>> read, Predicate<T> news) {
        Predicate<Result<T>> ends = result -> !(result instanceof Result.Ok<T>(T value)) || news.test(value);
        First<T> first = first(wait, start.take(), read, ends);
        if (first.ended().isPresent()) {
            return first.ended().get();
        }
        EventSubscription.Source<Result<T>> source = last ->
                new EventSubscription.Read<>(Optional.of(read.apply(last)).filter(ends), false, false);
        long deadline = room.deadline(wait.atMost());
        WaitingRoom.Entry entry = room.enter(topic, wait.opener());
        if (entry.waiter().isEmpty()) {
            return source.read(Seen.NOTHING)
                    .update()
                    .orElseGet(() -> Result.refused(Refusals.noPlace("waiting call", entry.outcome())));
        }
        try (var poll =
                new EventSubscription<>(room, entry.waiter().get(), source, wait.atMost(), deadline, () -> {})) {
            // What was seen before there was a place may have changed since, but not without a signal.
            if (first.read() && !room.raisedSince(topic, start.mark())) {
                poll.resume();
            } else {
                var _ = poll.begin();
            }
            return switch (poll.next(deadline)) {
                case EventSubscription.Update<Result<T>>(Result<T> result) -> result;
                case EventSubscription.Ended<Result<T>>(var reason)
                when reason == EventSubscription.Reason.DRAINING -> Result.refused(Refusals.shuttingDown());
                // A signal may be lost. The answer is true because it is read last.
                case EventSubscription.Heartbeat<Result<T>> _, EventSubscription.Ended<Result<T>> _ ->
                    read.apply(Seen.NOTHING);
            };
        }
    }

    /**
     * The reading without a place, for which something has to have been seen, unless the call does not wait.
     *
     * @param read whether there was one
     * @param ended the answer, if it is one
     */
    private record First<T>(boolean read, Optional<Result<T>> ended) {}

    /** Apart from the wait, so that the waiting thread's stack has none of what was read. */
    private static <T> First<T> first(Wait wait, Seen seen, Function<Seen, Result<T>> read, Predicate<Result<T>> ends) {
        boolean once = wait.atMost().isZero();
        if (seen.equals(Seen.NOTHING) && !once) {
            return new First<>(false, Optional.empty());
        }
        return new First<>(true, Optional.of(read.apply(seen)).filter(result -> once || ends.test(result)));
    }
}
