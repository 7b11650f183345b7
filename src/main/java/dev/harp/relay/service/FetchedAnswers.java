package dev.harp.relay.service;

import dev.harp.relay.protocol.RequestKey;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;

/**
 * The requests whose answers their platforms have fetched, and when each of them is to be removed.
 *
 * <p>Kept in this process and not in the store: to note each fetch there would cost every approval one write more. A
 * relay that restarts has forgotten them, and keeps their answers as long as those that nobody has fetched.
 */
final class FetchedAnswers {
    private final int most;
    private final Queue<Removal> removals = new PriorityQueue<>(Comparator.comparing(Removal::at));
    private final Set<RequestKey> noted = new HashSet<>();

    private record Removal(RequestKey key, Instant at) {}

    /** @param most how many are noted. Answers beyond this number are kept as if nobody had fetched them. */
    FetchedAnswers(int most) {
        this.most = most;
    }

    /** Notes a request, unless it is noted already: the first fetch counts. */
    synchronized void note(RequestKey key, Instant removalAt) {
        if (noted.size() < most && noted.add(key)) {
            removals.add(new Removal(key, removalAt));
        }
    }

    /** Takes a request that is to be removed by now, if there is one. */
    synchronized Optional<RequestKey> due(Instant now) {
        if (removals.isEmpty() || removals.element().at().isAfter(now)) {
            return Optional.empty();
        }
        RequestKey key = removals.remove().key();
        noted.remove(key);
        return Optional.of(key);
    }
}
