package dev.harp.relay.service;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestEvent;
import dev.harp.relay.protocol.Transition;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.RelayStore;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * Reads pages of the store's lists for polls and streams, and brings each open request up to date before it is sent: an
 * expiry is stored before a client sees it.
 *
 * <p>A request whose update moves it off its position in the list is left out of the page. It is listed further on, or
 * no longer concerns the client.
 *
 * @param limit how many requests a page has at most
 * @param maxText how many characters of ciphertext a page has at most, unless a single request has more
 */
record RequestLists(RelayStore store, RequestLifecycle lifecycle, int limit, long maxText) {
    /** The next requests for the device, which are delivered by this; see {@link RelayStore#inbox}. */
    Page inbox(DeviceId device, Optional<Cursor> after) {
        return read(
                after,
                cursor -> store.inbox(device, cursor, limit, maxText),
                new RequestEvent.Read(),
                (_, current) -> current.open());
    }

    /** The next changes of the pairing's requests; see {@link RelayStore#history}. */
    Page history(PairId pair, Optional<Cursor> after) {
        Page page = read(
                after,
                cursor -> store.history(pair, cursor, limit, maxText),
                new RequestEvent.Tick(),
                (listed, current) -> current.stateName().equals(listed.stateName()));
        page.requests().forEach(lifecycle::fetched);
        return page;
    }

    private Page read(
            Optional<Cursor> after,
            Function<Optional<Cursor>, Page> list,
            RequestEvent event,
            BiPredicate<Request, Request> unmoved) {
        boolean reset = false;
        while (true) {
            Page page = list.apply(after);
            reset |= page.reset();
            List<Page.Entry> entries = page.entries().stream()
                    .flatMap(entry -> upToDate(entry, event, unmoved).stream())
                    .toList();
            boolean more = page.more() || entries.size() < page.entries().size();
            if (!entries.isEmpty() || !more) {
                return new Page(entries, page.cursor(), reset, more);
            }
            after = Optional.of(page.cursor());
        }
    }

    private Optional<Page.Entry> upToDate(Page.Entry entry, RequestEvent event, BiPredicate<Request, Request> unmoved) {
        Request listed = entry.request();
        if (!listed.open()) {
            return Optional.of(entry);
        }
        return lifecycle
                .apply(listed.key(), event)
                .map(Transition::record)
                .filter(current -> unmoved.test(listed, current))
                .map(current -> new Page.Entry(current, entry.cursor()));
    }
}
