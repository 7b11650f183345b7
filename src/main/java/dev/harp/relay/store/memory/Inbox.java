package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.store.Audience;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one device has to know: its open requests and, until they are forgotten, its cancelled ones, each at the position of
 * its latest change. Not for concurrent use.
 */
final class Inbox {
    final Set<PairId> pairings = new HashSet<>();
    final ChangeList list = new ChangeList(Audience.DEVICE);
    private final Map<RequestId, List<RequestKey>> byId = new HashMap<>();

    void submitted(StoredRequest entry) {
        named(entry);
        entry.position = list.append(entry);
    }

    /** A request as it stood when this list was written down; to be called in the order of submission. */
    void restored(StoredRequest entry) {
        named(entry);
        list.restored(
                entry, entry.position, entry.request.open() || entry.request.state() instanceof Request.Cancelled);
    }

    private void named(StoredRequest entry) {
        byId.computeIfAbsent(entry.request.key().request(), _ -> new ArrayList<>(1))
                .add(entry.request.key());
    }

    void ended(StoredRequest entry) {
        list.remove(entry.position);
        if (entry.request.state() instanceof Request.Cancelled) {
            entry.position = list.append(entry);
        }
    }

    /** Whether the counters cannot be told from the remaining requests alone. */
    boolean forgotten(StoredRequest entry) {
        byId.computeIfPresent(entry.request.key().request(), (_, keys) -> {
            keys.remove(entry.request.key());
            return keys.isEmpty() ? null : keys;
        });
        return list.forgotten(entry.position);
    }

    Optional<RequestKey> first(RequestId id) {
        return Optional.ofNullable(byId.get(id)).map(List::getFirst);
    }
}
