package dev.harp.relay.log;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Lets one event of a key through in each period, and counts those between.
 *
 * <p>Keys come from outside, so there is room for a bounded number. When all of them have had an event within the period, the others
 * share one place: a flood from everywhere gets no more than one line a key and one for the rest through.
 *
 * @param <K> what is counted by
 */
public final class EventThrottle<K> {
    private final long periodNanos;
    private final int maxKeys;
    private final LongSupplier nanoTime;

    /** By the beginning of the window, oldest first. */
    private final Map<K, Window> windows = new LinkedHashMap<>();

    private Window others;

    private record Window(long since, long suppressed) {}

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

    /** Whether the key's event is to be told: how many before it were not, or empty if it is one of those. */
    public synchronized OptionalLong admit(K key) {
        long now = nanoTime.getAsLong();
        Window known = windows.get(key);
        if (known == null && !room(now)) {
            boolean over = over(others, now);
            OptionalLong told = over ? OptionalLong.of(others.suppressed()) : OptionalLong.empty();
            others = over ? new Window(now, 0) : new Window(others.since(), others.suppressed() + 1);
            return told;
        }
        if (known != null && !over(known, now)) {
            windows.put(key, new Window(known.since(), known.suppressed() + 1));
            return OptionalLong.empty();
        }
        windows.remove(key);
        windows.put(key, new Window(now, 0));
        return OptionalLong.of(known == null ? 0 : known.suppressed());
    }

    /** Makes room for a key if there is none. What a dropped key has held back counts with the others. */
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

    /** How many keys it holds. */
    synchronized int keys() {
        return windows.size();
    }
}
