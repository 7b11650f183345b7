package dev.harp.relay.service;

import dev.harp.relay.limit.Allowance;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.PairingEvent;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.RequestEvent;
import dev.harp.relay.protocol.Transition;
import dev.harp.relay.protocol.Transitions;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.Seen;
import java.util.Optional;

/** A pairing and the history of its requests, read page by page from the platform's cursor on. */
final class PairingSource implements EventSubscription.Source<PairingUpdate> {
    private final RelayStore store;
    private final RequestLifecycle lifecycle;
    private final RequestLists lists;
    private final Caller.Platform caller;
    private final Allowance memory;
    private Optional<PairingCursor> cursor;
    private boolean current;

    /**
     * @param after the platform's cursor; empty for everything
     * @param memory holds the memory of the last page
     */
    PairingSource(
            RelayStore store,
            RequestLifecycle lifecycle,
            RequestLists lists,
            Caller.Platform caller,
            Optional<PairingCursor> after,
            Allowance memory) {
        this.store = store;
        this.lifecycle = lifecycle;
        this.lists = lists;
        this.caller = caller;
        this.cursor = after;
        this.memory = memory;
    }

    /** Why the stream cannot begin: the pairing is unknown or has ended. */
    Optional<Refusal> refusal() {
        return pairing().map(Transitions::ended).orElseGet(() -> Optional.of(Refusal.UNAUTHORIZED));
    }

    private Optional<Pairing> pairing() {
        return lifecycle
                .apply(caller.pair(), new PairingEvent.Tick())
                .map(Transition::record)
                .filter(caller::holds);
    }

    @Override
    public EventSubscription.Read<PairingUpdate> read(Seen seen) {
        Optional<Pairing> found = pairing();
        if (found.isEmpty()) {
            return EventSubscription.Read.last(Optional.empty());
        }
        Pairing pairing = found.get();
        Optional<Refusal> ended = Transitions.ended(pairing);
        if (ended.isPresent()) {
            // The thread that revoked the pairing may not have cancelled all of its requests yet, and no update follows
            // the end.
            store.openRequests(caller.pair()).forEach(key -> lifecycle.apply(key, new RequestEvent.Tick()));
        }
        Page page = lists.history(caller.pair(), cursor.map(PairingCursor::requests), memory);
        boolean fromStart = cursor.isEmpty() || page.reset();
        boolean knownActive = cursor.map(PairingCursor::active).orElse(true);
        boolean active = ended.isPresent() ? knownActive : pairing.state() instanceof Pairing.Active;
        boolean showsPairing = ended.isEmpty() && (fromStart || active != knownActive);
        Cursor before = fromStart ? Cursor.at(0) : cursor.get().requests();
        cursor = Optional.of(new PairingCursor(active, page.cursor()));
        boolean complete = !page.more() && (page.reset() || !current);
        current = !page.more() || (current && !page.reset());
        boolean last = ended.isPresent() && !page.more();
        PairingUpdate update = new PairingUpdate(
                page,
                active,
                Optional.of(pairing).filter(_ -> showsPairing),
                before,
                complete,
                ended.filter(_ -> last));
        return new EventSubscription.Read<>(
                Optional.of(update)
                        .filter(_ -> page.reset()
                                || showsPairing
                                || complete
                                || last
                                || !page.entries().isEmpty()),
                page.more(),
                last);
    }
}
