package dev.harp.relay.protocol;

import java.util.function.Function;

/**
 * What a use case comes to: a value, or an expected refusal. Nothing here is exceptional, so nothing is thrown.
 *
 * @param <T> the value's type
 */
public sealed interface Result<T> {

    /** It was done. */
    record Ok<T>(T value) implements Result<T> {}

    /** It was refused, and nothing has changed. */
    record Refused<T>(Refusal refusal) implements Result<T> {}

    /** The value as a result. */
    static <T> Result<T> ok(T value) {
        return new Ok<>(value);
    }

    /** The refusal as a result. */
    static <T> Result<T> refused(Refusal refusal) {
        return new Refused<>(refusal);
    }

    /** The refusal without a time, as a result. */
    static <T> Result<T> refused(ErrorCode code, String detail) {
        return new Refused<>(Refusal.of(code, detail));
    }

    /** Goes on with the value, if there is one. */
    default <R> Result<R> then(Function<? super T, Result<R>> next) {
        return switch (this) {
            case Ok<T>(T value) -> next.apply(value);
            case Refused<T>(Refusal refusal) -> new Refused<>(refusal);
        };
    }
}
