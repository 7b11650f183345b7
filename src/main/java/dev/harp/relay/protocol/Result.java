package dev.harp.relay.protocol;

import java.util.function.Function;

/**
 * The outcome of a use case: a value, or an expected refusal.
 *
 * @param <T> the value's type
 */
public sealed interface Result<T> {

    /** Success. */
    record Ok<T>(T value) implements Result<T> {}

    /** Refused. */
    record Refused<T>(Refusal refusal) implements Result<T> {}

    static <T> Result<T> ok(T value) {
        return new Ok<>(value);
    }

    static <T> Result<T> refused(Refusal refusal) {
        return new Refused<>(refusal);
    }

    static <T> Result<T> refused(ErrorCode code, String detail) {
        return new Refused<>(Refusal.of(code, detail));
    }

    /** The next result, computed from the value, or the same refusal. */
    default <R> Result<R> then(Function<? super T, Result<R>> next) {
        return switch (this) {
            case Ok<T>(T value) -> next.apply(value);
            case Refused<T>(Refusal refusal) -> new Refused<>(refusal);
        };
    }
}
