package dev.harp.relay.store.memory;

import dev.harp.relay.store.Audience;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.Positions;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Requests in the order of their latest changes, each at one position. Not for concurrent use. */
final class ChangeList {
    private final Audience audience;
    private final NavigableMap<Long, StoredRequest> changes = new TreeMap<>();
    private Positions positions = Positions.NONE;

    ChangeList(Audience audience) {
        this.audience = audience;
    }

    /** Adds the request at the end, at {@code base} or above; returns its position. */
    long append(StoredRequest stored, long base) {
        positions = positions.next(base);
        changes.put(positions.last(), stored);
        return positions.last();
    }

    /** Takes the request at that position out of the list. */
    void remove(long at) {
        changes.remove(at);
    }

    /**
     * Removes a request that is removed from the store.
     *
     * @return whether the positions can no longer be derived from the remaining requests
     */
    boolean forget(long at) {
        boolean listed = changes.remove(at) != null;
        if (listed) {
            positions = positions.removed(at);
        }
        return listed || at == positions.last();
    }

    /** Restores a request at its position. */
    void restore(StoredRequest stored, long at, boolean listed) {
        if (listed) {
            changes.put(at, stored);
        }
        positions = positions.including(at);
    }

    /** Restores the positions; to be called before the requests are restored. */
    void restore(Positions stored) {
        positions = stored;
    }

    Positions positions() {
        return positions;
    }

    Page page(Optional<Cursor> after, int limit, long maxText) {
        boolean reset = after.isPresent() && !positions.know(after.get());
        boolean fromStart = after.isEmpty() || reset;
        Cursor cursor = fromStart ? new Cursor(0, positions.last()) : after.get();
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
        return new Page(entries, Cursor.at(positions.last()), reset);
    }
}
