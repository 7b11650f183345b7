package dev.harp.relay.store.memory;

import dev.harp.relay.store.Audience;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Requests in the order of their latest changes, each at one position. Positions only grow. Not for concurrent use.
 *
 * <p>{@code floor} is the highest position at which a request has been removed. A client whose cursor is below it may
 * still show the request, and nothing here can correct that. Its cursor is reset.
 */
final class ChangeList {
    private final Audience audience;
    private final NavigableMap<Long, StoredRequest> changes = new TreeMap<>();
    private long position;
    private long floor;

    ChangeList(Audience audience) {
        this.audience = audience;
    }

    /** Adds the request at the end; returns its position. */
    long append(StoredRequest stored) {
        changes.put(++position, stored);
        return position;
    }

    /** Takes the request at that position out of the list. */
    void remove(long at) {
        changes.remove(at);
    }

    /**
     * Removes a request that is removed from the store.
     *
     * @return whether the counters can no longer be derived from the remaining requests
     */
    boolean forget(long at) {
        boolean listed = changes.remove(at) != null;
        if (listed) {
            floor = Math.max(floor, at);
        }
        return listed || at == position;
    }

    /** Restores a request at its position. */
    void restore(StoredRequest stored, long at, boolean listed) {
        if (listed) {
            changes.put(at, stored);
        }
        position = Math.max(position, at);
    }

    void restore(Contents.Counters counters) {
        position = Math.max(position, counters.position());
        floor = Math.max(floor, counters.floor());
    }

    Contents.Counters counters() {
        return new Contents.Counters(position, floor);
    }

    Page page(Optional<Cursor> after, int limit, long maxText) {
        boolean reset =
                after.isPresent() && (after.get().heard() < floor || after.get().heard() > position);
        boolean fromStart = after.isEmpty() || reset;
        Cursor cursor = fromStart ? new Cursor(0, position) : after.get();
        List<Page.Entry> entries = new ArrayList<>();
        long text = 0;
        for (var change : changes.tailMap(cursor.read(), false).entrySet()) {
            StoredRequest stored = change.getValue();
            if (audience.skips(stored.request, change.getKey(), cursor)) {
                continue;
            }
            text += audience.text(stored.request);
            if (entries.size() == limit || (!entries.isEmpty() && text > maxText)) {
                return new Page(entries, cursor, reset, true);
            }
            cursor = cursor.readTo(change.getKey());
            entries.add(new Page.Entry(stored.request, cursor));
        }
        return new Page(entries, Cursor.at(position), reset);
    }
}
