package dev.harp.message;

import java.util.function.Function;
import java.util.function.Supplier;

/** What came of reading or making something: a value, or the reason why there is none. */
public sealed interface Checked<T> {

    record Ok<T>(T value) implements Checked<T> {}

    record Refused<T>(Reason reason) implements Checked<T> {}

    /** The value, for callers that know that there is one. */
    default T orElseThrow() {
        return switch (this) {
            case Ok<T>(T value) -> value;
            case Refused<T>(Reason reason) -> throw new IllegalStateException("refused: " + reason.code());
        };
    }

    default <U> Checked<U> flatMap(Function<? super T, Checked<U>> next) {
        return switch (this) {
            case Ok<T>(T value) -> next.apply(value);
            case Refused<T>(Reason reason) -> new Refused<>(reason);
        };
    }

    /** Runs the steps, and turns a refusal of any of them into a value. */
    static <T> Checked<T> of(Supplier<T> steps) {
        try {
            return new Ok<>(steps.get());
        } catch (Refusal refusal) {
            return new Refused<>(refusal.reason());
        }
    }
}
