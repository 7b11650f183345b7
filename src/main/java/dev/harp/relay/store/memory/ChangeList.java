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
 * <p>{@code floor} is the highest position at which a request has been forgotten: who knows less than that may still show the request, and
 * nothing here can tell otherwise. So they have to start anew.
 */
final class ChangeList {
    private final Audience audience;
    private final NavigableMap<Long, StoredRequest> changes = new TreeMap<>();
    private long position;
    private long floor;

    ChangeList(Audience audience) {
        this.audience = audience;
    }

    /** Puts the request at the end, and says where that is. */
    long append(StoredRequest entry) {
        changes.put(++position, entry);
        return position;
    }

    void remove(long at) {
        changes.remove(at);
    }

    /** The request at that position is forgotten; says whether the counters cannot be told from the remaining requests alone. */
    boolean forgotten(long at) {
        boolean listed = changes.remove(at) != null;
        if (listed) {
            floor = Math.max(floor, at);
        }
        return listed || at == position;
    }

    /** A request as it stood when this was written down. */
    void restored(StoredRequest entry, long at, boolean listed) {
        if (listed) {
            changes.put(at, entry);
        }
        position = Math.max(position, at);
    }

    void restored(Contents.Counters counters) {
        position = Math.max(position, counters.position());
        floor = Math.max(floor, counters.floor());
    }

    Contents.Counters counters() {
        return new Contents.Counters(position, floor);
    }

    Page page(Optional<Cursor> after, int limit, long maxText) {
        boolean reset =
                after.isPresent() && (after.get().heard() < floor || after.get().heard() > position);
        boolean anew = after.isEmpty() || reset;
        Cursor cursor = anew ? new Cursor(0, position) : after.get();
        List<Page.Entry> entries = new ArrayList<>();
        long text = 0;
        for (var change : changes.tailMap(cursor.read(), false).entrySet()) {
            StoredRequest entry = change.getValue();
            if (audience.skips(entry.request, change.getKey(), cursor)) {
                continue;
            }
            text += audience.text(entry.request);
            if (entries.size() == limit || (!entries.isEmpty() && text > maxText)) {
                return new Page(entries, cursor, reset, true);
            }
            cursor = cursor.readTo(change.getKey());
            entries.add(new Page.Entry(entry.request, cursor));
        }
        return new Page(entries, Cursor.at(position), reset);
    }
}
