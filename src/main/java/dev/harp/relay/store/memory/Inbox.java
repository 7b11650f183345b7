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
 * One device's list: its open requests and, until they are removed, its cancelled ones, each at the position of its
 * latest change. Not for concurrent use.
 */
final class Inbox {
    final Set<PairId> pairings = new HashSet<>();
    final ChangeList list = new ChangeList(Audience.DEVICE);
    private final Map<RequestId, List<RequestKey>> byId = new HashMap<>();

    void submitted(StoredRequest stored, long base) {
        index(stored);
        stored.position = list.append(stored, base);
    }

    /** Restores a request; to be called in the order of submission. */
    void restore(StoredRequest stored) {
        index(stored);
        list.restore(
                stored, stored.position, stored.request.open() || stored.request.state() instanceof Request.Cancelled);
    }

    private void index(StoredRequest stored) {
        byId.computeIfAbsent(stored.request.key().request(), _ -> new ArrayList<>(1))
                .add(stored.request.key());
    }

    void ended(StoredRequest stored, long base) {
        list.remove(stored.position);
        if (stored.request.state() instanceof Request.Cancelled) {
            stored.position = list.append(stored, base);
        }
    }

    /** Removes a request; see {@link ChangeList#forget}. */
    boolean forget(StoredRequest stored) {
        byId.computeIfPresent(stored.request.key().request(), (_, keys) -> {
            keys.remove(stored.request.key());
            return keys.isEmpty() ? null : keys;
        });
        return list.forget(stored.position);
    }

    Optional<RequestKey> first(RequestId id) {
        return Optional.ofNullable(byId.get(id)).map(List::getFirst);
    }
}
