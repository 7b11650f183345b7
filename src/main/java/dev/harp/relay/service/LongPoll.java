package dev.harp.relay.service;

import dev.harp.relay.protocol.Result;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.wait.Topic;
import dev.harp.relay.wait.Waiter;
import dev.harp.relay.wait.WaitingRoom;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** The long poll: enter, read, wait, read again. */
final class LongPoll {
    private final WaitingRoom room;

    LongPoll(WaitingRoom room) {
        this.room = room;
    }

    /**
     * What a read finds.
     *
     * @param result what to answer
     * @param news whether that is worth answering at once; a refusal always is
     */
    record View<T>(Result<T> result, boolean news) {

        static <T> View<T> news(Result<T> result) {
            return new View<>(result, true);
        }

        static <T> View<T> of(T value, boolean news) {
            return new View<>(Result.ok(value), news);
        }
    }

    /**
     * Reads until there is news or the time is over; then answers whatever it has read last.
     *
     * <p>Who has begun to wait goes on waiting while the store is out of reach: the answer would be no better than none, and thousands who
     * come back at once are the last thing that a store needs on its return. Whoever brings it back rings.
     *
     * @param wait how long at most; zero reads once
     */
    <T> Result<T> until(Topic topic, Duration wait, Supplier<View<T>> read) {
        if (wait.isZero()) {
            return read.get().result();
        }
        long deadline = room.deadline(wait);
        Optional<Waiter> place = room.enter(topic);
        if (place.isEmpty()) {
            View<T> view = read.get();
            return view.news() ? view.result() : Result.refused(Refusals.full("waiting call"));
        }
        try (Waiter waiter = place.get()) {
            View<T> first = read.get();
            if (first.news()) {
                return first.result();
            }
            while (true) {
                switch (waiter.await(deadline)) {
                    case SIGNALED -> {
                        Optional<View<T>> next = again(read);
                        if (next.isPresent() && next.get().news()) {
                            return next.get().result();
                        }
                    }
                    case DEADLINE, DISPLACED -> {
                        // A ring is a hint and may be lost; one more read makes sure that the last answer is true.
                        return read.get().result();
                    }
                    case DRAINING -> {
                        // It may have come over a ring that nobody has heard yet.
                        Optional<View<T>> last = again(read);
                        return last.isPresent() && last.get().news()
                                ? last.get().result()
                                : Result.refused(Refusals.shuttingDown());
                    }
                }
            }
        }
    }

    private static <T> Optional<View<T>> again(Supplier<View<T>> read) {
        try {
            return Optional.of(read.get());
        } catch (StoreUnavailable _) {
            return Optional.empty();
        }
    }
}
