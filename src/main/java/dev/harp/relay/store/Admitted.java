package dev.harp.relay.store;

import dev.harp.relay.limit.Grant;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What became of a call that had to be taken from a rate limit.
 *
 * @param grant what the limit says
 * @param result what the call was for; empty if the limit has refused it, or if there is none
 * @param <T> the result's type
 */
public record Admitted<T>(Grant grant, Optional<T> result) {

    /** With the result only if that holds of it. */
    public Admitted<T> filter(Predicate<T> holds) {
        return new Admitted<>(grant, result.filter(holds));
    }

    /** With what becomes of the result. */
    public <U> Admitted<U> map(Function<T, U> step) {
        return new Admitted<>(grant, result.map(step));
    }
}
