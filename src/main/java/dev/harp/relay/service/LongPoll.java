package dev.harp.relay.service;

import dev.harp.relay.protocol.Result;
import dev.harp.relay.wait.Topic;
import dev.harp.relay.wait.WaitingRoom;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The long poll: an {@link EventSubscription} that ends with its first update, or answers the present state. */
record LongPoll(WaitingRoom room) {
    /**
     * Reads until there is an update or the time is over; then returns the last read.
     *
     * @param wait how long at most, and for whom; zero reads once
     * @param news whether a value is worth answering at once; a refusal always is
     * @return what was read; refused with {@code relay_full}, {@code shutting_down}
     * @throws dev.harp.relay.store.StoreUnavailable if the first or the last read fails
     * @throws ClientGone if the client has gone meanwhile; nothing more was read
     */
    <T> Result<T> until(Topic topic, Wait wait, Supplier<Result<T>> read, Predicate<T> news) {
        if (wait.atMost().isZero()) {
            return read.get();
        }
        EventSubscription.Source<Result<T>> source = () -> new EventSubscription.Read<>(
                Optional.of(read.get())
                        .filter(result -> !(result instanceof Result.Ok<T>(T value)) || news.test(value)),
                false,
                false);
        long deadline = room.deadline(wait.atMost());
        WaitingRoom.Entry entry = room.enter(topic, wait.opener());
        if (entry.waiter().isEmpty()) {
            return source.read()
                    .update()
                    .orElseGet(() -> Result.refused(Refusals.noPlace("waiting call", entry.outcome())));
        }
        try (var poll =
                new EventSubscription<>(room, entry.waiter().get(), source, wait.atMost(), deadline, () -> {})) {
            var _ = poll.begin();
            return switch (poll.next(deadline)) {
                case EventSubscription.Update<Result<T>>(Result<T> result) -> result;
                case EventSubscription.Ended<Result<T>>(var reason)
                when reason == EventSubscription.Reason.DRAINING -> Result.refused(Refusals.shuttingDown());
                // A signal may be lost. The answer is true because it is read last.
                case EventSubscription.Heartbeat<Result<T>> _, EventSubscription.Ended<Result<T>> _ -> read.get();
            };
        }
    }
}
