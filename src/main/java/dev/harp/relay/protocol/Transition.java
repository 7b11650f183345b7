package dev.harp.relay.protocol;

import java.util.Optional;

/**
 * The effect of one event on a record. The record is to be stored even if the event was refused: a wrong secret is
 * refused and counted, and a late response is refused and finds the request expired.
 *
 * @param record the record from now on; the very same object if nothing has changed
 * @param refusal why the event was refused, if it was
 * @param <T> the record's type
 */
public record Transition<T>(T record, Optional<Refusal> refusal) {

    static <T> Transition<T> allowed(T record) {
        return new Transition<>(record, Optional.empty());
    }

    static <T> Transition<T> refused(T record, ErrorCode code, String detail) {
        return new Transition<>(record, Optional.of(Refusal.of(code, detail)));
    }

    /** The record, or the refusal. */
    public Result<T> result() {
        return refusal.<Result<T>>map(Result::refused).orElseGet(() -> Result.ok(record));
    }
}
