package dev.harp.relay.service;

import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreResult;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BiFunction;

/** Notes in a request's record how far the relay's own calls for it have come. The request itself does not change by that. */
final class RequestEdits {
    private final RelayStore store;
    private final InstantSource clock;

    RequestEdits(RelayStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /**
     * Stores what the rule makes of the request as it stands and of the time.
     *
     * @return the rule's answer; empty if there is no such request any more
     */
    <R> Optional<R> edit(RequestKey key, BiFunction<Request, Instant, Change<Request, R>> rule) {
        Optional<StoreResult<Optional<R>>> stored = store.changeRequest(
                key,
                (_, request, _) -> request.map(known -> {
                            Change<Request, R> step = rule.apply(known, clock.instant());
                            return new Change<>(step.after(), Optional.of(step.answer()));
                        })
                        .orElseGet(() -> new Change<>(Optional.empty(), Optional.empty())));
        return stored.flatMap(outcome -> switch (outcome) {
            case StoreResult.Done<Optional<R>>(Optional<R> answer) -> answer;
            case StoreResult.Full<Optional<R>> _ -> Optional.empty();
        });
    }
}
