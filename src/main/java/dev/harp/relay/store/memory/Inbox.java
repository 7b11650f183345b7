package dev.harp.relay.store.memory;

import dev.harp.relay.model.PairId;
import dev.harp.relay.model.Request;
import dev.harp.relay.model.RequestId;
import dev.harp.relay.model.RequestKey;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Feed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What one device has to know: its open requests and, until they are forgotten, its cancelled ones, each at the position of
 * its latest change. Positions only grow. Not for concurrent use.
 *
 * <p>{@code floor} is the highest position at which a cancelled request has been forgotten: a device that knows less than
 * that may still show the request, and nothing here can tell it otherwise. So it has to start anew.
 */
final class Inbox {
    final Set<PairId> pairings = new HashSet<>();
    private final NavigableMap<Long, Entry> changes = new TreeMap<>();
    private final Map<RequestId, List<RequestKey>> byId = new HashMap<>();
    private long position;
    private long floor;

    void submitted(Entry entry) {
        byId.computeIfAbsent(entry.request.key().request(), _ -> new ArrayList<>(1))
                .add(entry.request.key());
        append(entry);
    }

    /** A request as it stood when this list was written down; to be called in the order of submission. */
    void restored(Entry entry) {
        byId.computeIfAbsent(entry.request.key().request(), _ -> new ArrayList<>(1))
                .add(entry.request.key());
        if (entry.request.open() || entry.request.state() instanceof Request.Cancelled) {
            changes.put(entry.position, entry);
        }
        position = Math.max(position, entry.position);
    }

    void restored(Contents.Counters counters) {
        position = Math.max(position, counters.position());
        floor = Math.max(floor, counters.floor());
    }

    Contents.Counters counters() {
        return new Contents.Counters(position, floor);
    }

    void ended(Entry entry) {
        changes.remove(entry.position);
        if (entry.request.state() instanceof Request.Cancelled) {
            append(entry);
        }
    }

    /** Whether the counters cannot be told from the remaining requests alone. */
    boolean forgotten(Entry entry) {
        boolean listed = changes.remove(entry.position) != null;
        if (listed) {
            floor = Math.max(floor, entry.position);
        }
        byId.computeIfPresent(entry.request.key().request(), (_, keys) -> {
            keys.remove(entry.request.key());
            return keys.isEmpty() ? null : keys;
        });
        return listed || entry.position == position;
    }

    private void append(Entry entry) {
        entry.position = ++position;
        changes.put(position, entry);
    }

    Optional<RequestKey> first(RequestId id) {
        return Optional.ofNullable(byId.get(id)).map(List::getFirst);
    }

    Feed feed(Optional<Cursor> after, int limit, long maxText) {
        boolean reset =
                after.isPresent() && (after.get().heard() < floor || after.get().heard() > position);
        boolean anew = after.isEmpty() || reset;
        Cursor cursor = anew ? new Cursor(0, position) : after.get();
        List<Feed.Told> entries = new ArrayList<>();
        long text = 0;
        for (Entry entry : changes.tailMap(cursor.read(), false).values()) {
            // A request that had been cancelled by then is one that the device has not been shown, or has been told of.
            if (!entry.request.open() && entry.position <= cursor.heard()) {
                continue;
            }
            text += entry.request.open() ? entry.request.envelope().ciphertext().length() : 0;
            if (entries.size() == limit || (!entries.isEmpty() && text > maxText)) {
                return new Feed(entries, cursor, reset, true);
            }
            cursor = cursor.readTo(entry.position);
            entries.add(new Feed.Told(entry.request, cursor));
        }
        return new Feed(entries, Cursor.at(position), reset);
    }
}
