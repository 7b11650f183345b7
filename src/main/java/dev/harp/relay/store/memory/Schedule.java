package dev.harp.relay.store.memory;

import dev.harp.relay.store.DueRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What is due when. A record has one slot at most and gives it back when its time changes, so the schedule is never larger
 * than the store. Not for concurrent use.
 */
final class Schedule {

    /** One record's place; the number keeps two records of the same time apart. */
    record Slot(Instant time, long number, DueRecord due) implements Comparable<Slot> {
        @Override
        public int compareTo(Slot other) {
            int earlier = time.compareTo(other.time);
            return earlier != 0 ? earlier : Long.compare(number, other.number);
        }
    }

    private final TreeSet<Slot> slots = new TreeSet<>();
    private long number;

    /** Gives back the old slot, if there is one, and takes a new one, if there is a time. */
    Optional<Slot> move(Optional<Slot> old, Optional<Instant> time, DueRecord due) {
        free(old);
        Optional<Slot> next = time.map(at -> new Slot(at, number++, due));
        next.ifPresent(slots::add);
        return next;
    }

    /** Gives back the slot, if there is one. */
    void free(Optional<Slot> slot) {
        slot.ifPresent(slots::remove);
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
