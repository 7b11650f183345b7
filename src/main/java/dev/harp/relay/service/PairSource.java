package dev.harp.relay.service;

import dev.harp.relay.model.PairId;
import dev.harp.relay.model.Pairing;
import dev.harp.relay.model.PairingEvent;
import dev.harp.relay.model.Refusal;
import dev.harp.relay.model.Request;
import dev.harp.relay.model.RequestEvent;
import dev.harp.relay.model.Result;
import dev.harp.relay.model.Ruling;
import dev.harp.relay.model.Transitions;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Feed;
import dev.harp.relay.store.RelayStore;
import java.util.List;
import java.util.Optional;

/** One pairing and the history of its requests, read from a cursor on. */
final class PairSource implements Live.Source<PairNews> {
    private final RelayStore store;
    private final Ledger ledger;
    private final PairId pair;
    private Optional<PairCursor> cursor;
    private boolean current;

    /** @param after what the platform knows; empty for everything */
    PairSource(RelayStore store, Ledger ledger, PairId pair, Optional<PairCursor> after) {
        this.store = store;
        this.ledger = ledger;
        this.pair = pair;
        this.cursor = after;
    }

    /** Why there is nothing to follow, if there is not; an end that time has brought is stored before it is told. */
    Optional<Refusal> refusal() {
        return pairing().map(Transitions::ended).orElseGet(() -> Optional.of(Refusals.unauthorized()));
    }

    private Optional<Pairing> pairing() {
        return ledger.apply(pair, new PairingEvent.Tick()) instanceof Result.Ok<Optional<Ruling<Pairing>>>(var ruling)
                ? ruling.map(Ruling::record)
                : Optional.empty();
    }

    @Override
    public Live.Found<PairNews> read() {
        Optional<Pairing> found = pairing();
        if (found.isEmpty()) {
            return Live.Found.last(Optional.empty());
        }
        Pairing pairing = found.get();
        Optional<Refusal> ended = Transitions.ended(pairing);
        if (ended.isPresent()) {
            // Whoever has revoked it may not have got round to all of them yet, and nothing comes after the end.
            store.openRequests(pair).forEach(key -> ledger.apply(key, new RequestEvent.Tick()));
        }
        while (true) {
            Feed feed = store.history(pair, cursor.map(PairCursor::requests), Streams.PAGE, Streams.PAGE_TEXT);
            boolean anew = cursor.isEmpty() || feed.reset();
            boolean active = ended.isPresent()
                    ? cursor.map(PairCursor::active).orElse(true)
                    : pairing.state() instanceof Pairing.Active;
            boolean tells = ended.isEmpty() && (anew || !cursor.get().knows(pairing));
            Cursor before = anew ? Cursor.at(0) : cursor.get().requests();
            List<PairNews.Told> requests = feed.told().stream()
                    .flatMap(told -> current(told).stream()
                            .map(request -> new PairNews.Told(request, new PairCursor(active, told.cursor()))))
                    .toList();
            // What has changed while it was read stands further on by now, and belongs to the beginning all the same.
            boolean more = feed.more() || requests.size() < feed.told().size();
            cursor = Optional.of(new PairCursor(active, feed.cursor()));
            current &= !feed.reset();
            boolean reached = !more && !current;
            current |= reached;
            boolean last = ended.isPresent() && !more;
            if (feed.reset() || tells || !requests.isEmpty() || reached || last) {
                return new Live.Found<>(
                        Optional.of(new PairNews(
                                feed.reset(),
                                Optional.of(pairing).filter(_ -> tells),
                                new PairCursor(active, before),
                                requests,
                                reached ? cursor : Optional.empty(),
                                ended.filter(_ -> last))),
                        more,
                        last);
            }
            if (!more) {
                return new Live.Found<>(Optional.empty(), false, false);
            }
        }
    }

    /** As it stands, if that is what the history says; else it stands further on in the history. */
    private Optional<Request> current(Feed.Told told) {
        Request listed = told.request();
        if (!listed.open()) {
            return Optional.of(listed);
        }
        return ledger.apply(listed.key(), new RequestEvent.Tick())
                .map(Ruling::record)
                .filter(request -> request.stateName().equals(listed.stateName()));
    }
}
