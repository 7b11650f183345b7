package dev.harp.relay.service;

import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.PairingEvent;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestEvent;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Transition;
import dev.harp.relay.protocol.Transitions;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.RelayStore;
import java.util.List;
import java.util.Optional;

/** One pairing and the history of its requests, read from a cursor on. */
final class PairingFeed implements EventSubscription.Source<PairingUpdate> {
    private final RelayStore store;
    private final RequestLifecycle lifecycle;
    private final PairId pair;
    private Optional<PairingCursor> cursor;
    private boolean current;

    /** @param after what the platform knows; empty for everything */
    PairingFeed(RelayStore store, RequestLifecycle lifecycle, PairId pair, Optional<PairingCursor> after) {
        this.store = store;
        this.lifecycle = lifecycle;
        this.pair = pair;
        this.cursor = after;
    }

    /** Why there is nothing to follow, if there is not; an end that time has brought is stored before it is told. */
    Optional<Refusal> refusal() {
        return pairing().map(Transitions::ended).orElseGet(() -> Optional.of(Refusals.unauthorized()));
    }

    private Optional<Pairing> pairing() {
        return lifecycle.apply(pair, new PairingEvent.Tick())
                        instanceof Result.Ok<Optional<Transition<Pairing>>>(var transition)
                ? transition.map(Transition::record)
                : Optional.empty();
    }

    @Override
    public EventSubscription.Found<PairingUpdate> read() {
        Optional<Pairing> found = pairing();
        if (found.isEmpty()) {
            return EventSubscription.Found.last(Optional.empty());
        }
        Pairing pairing = found.get();
        Optional<Refusal> ended = Transitions.ended(pairing);
        if (ended.isPresent()) {
            // Whoever has revoked it may not have got round to all of them yet, and nothing comes after the end.
            store.openRequests(pair).forEach(key -> lifecycle.apply(key, new RequestEvent.Tick()));
        }
        while (true) {
            Page page = store.history(
                    pair, cursor.map(PairingCursor::requests), Subscriptions.PAGE, Subscriptions.PAGE_TEXT);
            boolean anew = cursor.isEmpty() || page.reset();
            boolean active = ended.isPresent()
                    ? cursor.map(PairingCursor::active).orElse(true)
                    : pairing.state() instanceof Pairing.Active;
            boolean tells = ended.isEmpty() && (anew || !cursor.get().knows(pairing));
            Cursor before = anew ? Cursor.at(0) : cursor.get().requests();
            List<PairingUpdate.Told> requests = page.entries().stream()
                    .flatMap(told -> current(told).stream()
                            .map(request -> new PairingUpdate.Told(request, new PairingCursor(active, told.cursor()))))
                    .toList();
            // What has changed while it was read stands further on by now, and belongs to the beginning all the same.
            boolean more = page.more() || requests.size() < page.entries().size();
            cursor = Optional.of(new PairingCursor(active, page.cursor()));
            current &= !page.reset();
            boolean reached = !more && !current;
            current |= reached;
            boolean last = ended.isPresent() && !more;
            if (page.reset() || tells || !requests.isEmpty() || reached || last) {
                return new EventSubscription.Found<>(
                        Optional.of(new PairingUpdate(
                                page.reset(),
                                Optional.of(pairing).filter(_ -> tells),
                                new PairingCursor(active, before),
                                requests,
                                reached ? cursor : Optional.empty(),
                                ended.filter(_ -> last))),
                        more,
                        last);
            }
            if (!more) {
                return new EventSubscription.Found<>(Optional.empty(), false, false);
            }
        }
    }

    /** As it stands, if that is what the history says; else it stands further on in the history. */
    private Optional<Request> current(Page.Entry told) {
        Request listed = told.request();
        if (!listed.open()) {
            return Optional.of(listed);
        }
        return lifecycle
                .apply(listed.key(), new RequestEvent.Tick())
                .map(Transition::record)
                .filter(request -> request.stateName().equals(listed.stateName()));
    }
}
