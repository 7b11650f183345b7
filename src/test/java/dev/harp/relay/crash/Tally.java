package dev.harp.relay.crash;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** What calls met, by kind, such as {@code 200}, {@code 503 shutting_down}, or {@code connection lost}. */
final class Tally {
    private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
    private final LongAdder lost = new LongAdder();
    private final LongAccumulator slowest = new LongAccumulator(Math::max, 0);

    void count(String kind) {
        counts.computeIfAbsent(kind, _ -> new LongAdder()).increment();
    }

    /** A call that changes something, of which nobody can say whether it was done. */
    void countUnknown() {
        lost.increment();
    }

    void took(long nanos) {
        slowest.accumulate(nanos);
    }

    /** How many calls that change something have an unknown outcome. */
    long unknown() {
        return lost.sum();
    }

    /** The longest time that a call without a wait took, whatever came of it. */
    Duration slowest() {
        return Duration.ofNanos(slowest.get());
    }

    /** All counts so far, by kind. */
    Map<String, Long> counts() {
        Map<String, Long> all = new TreeMap<>();
        counts.forEach((kind, count) -> all.put(kind, count.sum()));
        return all;
    }

    /** The counts of what was no answer to the call, and made the client call again. */
    Map<String, Long> retries() {
        Map<String, Long> all = counts();
        all.keySet().removeIf(kind -> Character.isDigit(kind.charAt(0)) && !kind.startsWith("5"));
        return all;
    }
}
