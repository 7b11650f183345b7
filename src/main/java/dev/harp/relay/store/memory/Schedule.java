package dev.harp.relay.store.memory;

import dev.harp.relay.store.DueRecord;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** The records by due time. Not for concurrent use. */
final class Schedule {

    /** One record's slot; the number distinguishes two records of the same time. */
    private record Slot(Instant time, long number, DueRecord due) implements Comparable<Slot> {
        @Override
        public int compareTo(Slot other) {
            int earlier = time.compareTo(other.time);
            return earlier != 0 ? earlier : Long.compare(number, other.number);
        }
    }

    private final TreeSet<Slot> slots = new TreeSet<>();
    private final Map<DueRecord, Slot> byRecord = new HashMap<>();
    private long number;

    /** Moves the record to the time, or removes it if there is none. */
    void set(DueRecord due, Optional<Instant> time) {
        Slot old = byRecord.get(due);
        if (Optional.ofNullable(old).map(Slot::time).equals(time)) {
            return;
        }
        if (old != null) {
            byRecord.remove(due);
            slots.remove(old);
        }
        time.map(at -> new Slot(at, number++, due)).ifPresent(slot -> {
            slots.add(slot);
            byRecord.put(due, slot);
        });
    }

    void remove(DueRecord due) {
        set(due, Optional.empty());
    }

    List<DueRecord> until(Instant time, int limit) {
        return slots.stream()
                .takeWhile(slot -> !slot.time().isAfter(time))
                .limit(limit)
                .map(Slot::due)
                .toList();
    }

    Optional<Instant> next() {
        return slots.isEmpty() ? Optional.empty() : Optional.of(slots.first().time());
    }
}
