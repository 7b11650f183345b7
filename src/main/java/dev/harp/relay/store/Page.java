package dev.harp.relay.store;

import dev.harp.relay.protocol.Request;
import java.util.List;

/**
 * A part of what somebody has to know, in the order in which it happened.
 *
 * @param entries requests as they are stored, each with what is known once it is told
 * @param cursor what is known once all of this part is
 * @param reset whether the cursor that was asked for is not covered any more, so that this part starts anew
 * @param more whether it was cut, so that there is more at once
 */
public record Page(List<Entry> entries, Cursor cursor, boolean reset, boolean more) {

    /**
     * One request in its place.
     *
     * @param cursor what is known once the request is told, and all before it
     */
    public record Entry(Request request, Cursor cursor) {}

    /** Copies the entries. */
    public Page {
        entries = List.copyOf(entries);
    }

    /** A part that reaches the end. */
    public Page(List<Entry> entries, Cursor cursor, boolean reset) {
        this(entries, cursor, reset, false);
    }

    /** The requests alone. */
    public List<Request> requests() {
        return entries.stream().map(Entry::request).toList();
    }
}
