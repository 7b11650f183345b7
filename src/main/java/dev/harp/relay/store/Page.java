package dev.harp.relay.store;

import dev.harp.relay.protocol.Request;
import java.util.List;

/**
 * A page of a list of requests, in the order of their changes.
 *
 * @param cursor the client's cursor after this page
 * @param reset whether the requested cursor was too old, so that the list starts anew with this page
 * @param more whether the next page has entries already
 */
public record Page(List<Entry> entries, Cursor cursor, boolean reset, boolean more) {

    /**
     * A request of the list.
     *
     * @param cursor the client's cursor after this entry
     * @param seen what the store has read with it
     */
    public record Entry(Request request, Cursor cursor, Seen seen) {
        /** With nothing. */
        public Entry(Request request, Cursor cursor) {
            this(request, cursor, Seen.NOTHING);
        }
    }

    /** Copies the entries. */
    public Page {
        entries = List.copyOf(entries);
    }

    /** The last page. */
    public Page(List<Entry> entries, Cursor cursor, boolean reset) {
        this(entries, cursor, reset, false);
    }

    public List<Request> requests() {
        return entries.stream().map(Entry::request).toList();
    }
}
