package dev.harp.relay.protocol;

import java.util.Optional;

/**
 * What {@link Transitions} say about one event. The record is to be kept whether or not the event was refused: a wrong secret
 * is refused and counted, an answer that comes too late is refused and finds the request expired.
 *
 * @param record the record as it stands from now on; the very same object if nothing has changed
 * @param refusal why the event itself had no effect, if it had none
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
