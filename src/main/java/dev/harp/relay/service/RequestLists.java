package dev.harp.relay.service;

import dev.harp.relay.limit.Allowance;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestEvent;
import dev.harp.relay.protocol.Response;
import dev.harp.relay.protocol.Transition;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.Seen;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;

/**
 * Reads pages of the store's lists for polls and streams, and brings each open request up to date before it is sent: an
 * expiry is stored before a client sees it.
 *
 * <p>A request whose update moves it off its position in the list is left out of the page. It is listed further on, or
 * no longer concerns the client.
 *
 * <p>A page's memory is taken before the store is read, and given back in part when its size is known. If there is
 * little, the page is smaller.
 *
 * @param limit how many requests a page has at most
 * @param maxText how many characters of ciphertext a page has at most, unless a single request has more
 */
record RequestLists(RelayStore store, RequestLifecycle lifecycle, int limit, long maxText) {
    /**
     * What one character of ciphertext takes until it is written: as bytes from a store, as the record's text, and as
     * the bytes of the answer.
     */
    private static final int COPIES = 3;

    /** What a request takes beside its ciphertext. */
    private static final long ENTRY = 2048;

    /** What so many characters of ciphertext take until they are written, in bytes. */
    static long memory(long text) {
        return COPIES * text + ENTRY;
    }

    /**
     * The next requests for the device, which are delivered by this; see {@link RelayStore#inbox}.
     *
     * @param seen what the store has read of the list
     * @param memory holds the page's memory afterwards
     * @return empty if the caller has another token now
     * @throws NoRoom if there is no memory for one request
     */
    Optional<Page> inbox(Caller.Device caller, Seen seen, Optional<Cursor> after, Allowance memory) {
        long least = memory(lifecycle.limits().maxCiphertext());
        long taken = take(memory, least, memory(maxText) + limit * ENTRY);
        int entries = Math.clamp(taken / 2 / ENTRY, 1, limit);
        long text = Math.clamp((taken - entries * ENTRY) / COPIES, 1, maxText);
        return read(
                after,
                seen,
                (cursor, last) -> lifecycle.inbox(caller, last, cursor, entries, text),
                new RequestEvent.Read(),
                (_, current) -> current.open(),
                memory);
    }

    /**
     * The next changes of the pairing's requests; see {@link RelayStore#history}. A store reads open requests with
     * their questions, which the platform is not sent.
     *
     * @param memory holds the page's memory afterwards
     * @throws NoRoom if there is no memory for one request
     */
    Page history(PairId pair, Optional<Cursor> after, Allowance memory) {
        long each = memory(
                Math.max(lifecycle.limits().maxCiphertext(), lifecycle.limits().maxAnswer()));
        int entries = Math.clamp(take(memory, each, limit * each) / each, 1, limit);
        Page page = read(
                        after,
                        Seen.NOTHING,
                        (cursor, _) -> Optional.of(store.history(pair, cursor, entries, maxText)),
                        new RequestEvent.Tick(),
                        (listed, current) -> current.stateName().equals(listed.stateName()),
                        memory)
                .orElseThrow();
        page.requests().forEach(lifecycle::fetched);
        return page;
    }

    private static long take(Allowance memory, long least, long wanted) {
        long taken = memory.hold(least, wanted);
        if (taken == 0) {
            throw new NoRoom();
        }
        return taken;
    }

    /** What the request takes until it is written, in bytes. */
    static long memory(Request request) {
        long answer = request.state() instanceof Request.Responded(Response given, var _)
                ? given.ciphertext().length()
                : 0;
        return memory(answer
                + request.envelope()
                        .map(question -> question.ciphertext().length())
                        .orElse(0));
    }

    private Optional<Page> read(
            Optional<Cursor> after,
            Seen seen,
            BiFunction<Optional<Cursor>, Seen, Optional<Page>> list,
            RequestEvent event,
            BiPredicate<Request, Request> unmoved,
            Allowance memory) {
        Optional<Page> page = read(after, seen, list, event, unmoved);
        long taken = 0;
        for (Page.Entry entry : page.map(Page::entries).orElse(List.of())) {
            taken += memory(entry.request());
        }
        var _ = memory.hold(taken);
        return page;
    }

    private Optional<Page> read(
            Optional<Cursor> after,
            Seen seen,
            BiFunction<Optional<Cursor>, Seen, Optional<Page>> list,
            RequestEvent event,
            BiPredicate<Request, Request> unmoved) {
        boolean reset = false;
        while (true) {
            Optional<Page> read = list.apply(after, seen);
            if (read.isEmpty()) {
                return read;
            }
            Page page = read.get();
            reset |= page.reset();
            List<Page.Entry> entries = new ArrayList<>(page.entries().size());
            page.entries().forEach(entry -> upToDate(entry, event, unmoved).ifPresent(entries::add));
            boolean more = page.more() || entries.size() < page.entries().size();
            if (!entries.isEmpty() || !more) {
                return Optional.of(new Page(entries, page.cursor(), reset, more));
            }
            after = Optional.of(page.cursor());
            seen = Seen.NOTHING;
        }
    }

    private Optional<Page.Entry> upToDate(Page.Entry entry, RequestEvent event, BiPredicate<Request, Request> unmoved) {
        Request listed = entry.request();
        if (!listed.open()) {
            return Optional.of(entry);
        }
        return lifecycle
                .apply(listed.key(), entry.seen(), event, _ -> true)
                .map(Transition::record)
                .filter(current -> unmoved.test(listed, current))
                .map(current -> new Page.Entry(current, entry.cursor()));
    }
}
