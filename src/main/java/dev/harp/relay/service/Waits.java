package dev.harp.relay.service;

import dev.harp.relay.model.Result;
import dev.harp.relay.wait.Topic;
import dev.harp.relay.wait.Waiter;
import dev.harp.relay.wait.WaitingRoom;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** The long poll: enter, read, wait, read again. */
final class Waits {
    private final WaitingRoom room;

    Waits(WaitingRoom room) {
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
            while (true) {
                View<T> view = read.get();
                if (view.news()) {
                    return view.result();
                }
                switch (waiter.await(deadline)) {
                    case RUNG -> {}
                    case TIME, DISPLACED -> {
                        // A ring is a hint and may be lost; one more read makes sure that the last answer is true.
                        return read.get().result();
                    }
                    case DRAINING -> {
                        // It may have come over a ring that nobody has heard yet.
                        View<T> last = read.get();
                        return last.news() ? last.result() : Result.refused(Refusals.shuttingDown());
                    }
                }
            }
        }
    }
}
