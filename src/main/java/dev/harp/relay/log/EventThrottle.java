package dev.harp.relay.log;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Admits one event of each key per period, and counts the others.
 *
 * <p>Keys come from clients, so their number is bounded. When all of them had an event within the period, the remaining
 * keys share one entry: a flood from many addresses produces at most one line for each known key and one for the rest.
 *
 * @param <K> the type of the keys
 */
public final class EventThrottle<K> {
    private final long periodNanos;
    private final int maxKeys;
    private final LongSupplier nanoTime;

    /** In order of the start of their windows. */
    final Map<K, Window> windows = new LinkedHashMap<>();

    private Window others;

    record Window(long since, long suppressed) {}

    /**
     * @param maxKeys at least 1
     * @param nanoTime a monotonic clock in nanoseconds
     */
    public EventThrottle(Duration period, int maxKeys, LongSupplier nanoTime) {
        this.periodNanos = period.toNanos();
        this.maxKeys = maxKeys;
        this.nanoTime = nanoTime;
        this.others = new Window(nanoTime.getAsLong() - periodNanos, 0);
    }

    /** If the key's event is to be logged, how many were suppressed before it. Empty if this one is suppressed. */
    public synchronized OptionalLong admit(K key) {
        long now = nanoTime.getAsLong();
        Window known = windows.get(key);
        if (known == null && !room(now)) {
            boolean over = over(others, now);
            OptionalLong admitted = over ? OptionalLong.of(others.suppressed()) : OptionalLong.empty();
            others = over ? new Window(now, 0) : new Window(others.since(), others.suppressed() + 1);
            return admitted;
        }
        if (known != null && !over(known, now)) {
            windows.put(key, new Window(known.since(), known.suppressed() + 1));
            return OptionalLong.empty();
        }
        windows.remove(key);
        windows.put(key, new Window(now, 0));
        return OptionalLong.of(known == null ? 0 : known.suppressed());
    }

    /**
     * Evicts the oldest key if there is no room for another one. Its suppressed events are added to the shared entry.
     */
    private boolean room(long now) {
        if (windows.size() < maxKeys) {
            return true;
        }
        Iterator<Window> oldest = windows.values().iterator();
        Window dropped = oldest.next();
        if (!over(dropped, now)) {
            return false;
        }
        oldest.remove();
        others = new Window(others.since(), others.suppressed() + dropped.suppressed());
        return true;
    }

    private boolean over(Window window, long now) {
        return now - window.since() >= periodNanos;
    }
}
