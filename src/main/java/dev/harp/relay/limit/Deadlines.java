package dev.harp.relay.limit;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A time for each key, until which an entry matters. Entries are evicted once their time has passed. Keys come from
 * outside, so their number is bounded: beyond it the entry that was set least recently is evicted early.
 *
 * @param <K> the keys' type
 */
public final class Deadlines<K> {
    private final int maxKeys;
    final Map<K, Long> deadlines = new LinkedHashMap<>();

    /** @param maxKeys the bound, at least 1 */
    public Deadlines(int maxKeys) {
        this.maxKeys = maxKeys;
    }

    /** How far the key's deadline is ahead of the clock; 0 if it has passed or there is none. */
    public synchronized long left(K key, long now) {
        Long deadline = deadlines.get(key);
        return deadline == null ? 0 : Math.max(0, deadline - now);
    }

    /** Sets the key's deadline. */
    public synchronized void set(K key, long deadline, long now) {
        deadlines.remove(key);
        deadlines.put(key, deadline);
        // Each call evicts all that are over at the head, so none stays much longer than the longest deadline.
        Iterator<Long> oldest = deadlines.values().iterator();
        while (oldest.hasNext() && (oldest.next() - now <= 0 || deadlines.size() > maxKeys)) {
            oldest.remove();
        }
    }
}
