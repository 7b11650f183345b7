package dev.harp.relay.store.file;

import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.memory.Contents;
import dev.harp.relay.store.memory.MemoryStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The records in memory, and the changes that are not in the file yet: the batch that is being filled, and the one that
 * is being written. A session lasts from an opening of the file to its end or failure. After a failure the memory is
 * ahead of the file and is dropped.
 *
 * <p>A caller that has read a record calls {@link #await} afterwards, which waits if one of the two batches has the
 * record. A batch that is gone by then has been written, so nothing is missed. A change that was made after the reading
 * makes the caller wait longer than necessary, which does no harm.
 */
final class Session {
    private final MemoryStore memory;
    private final Runnable onChange;
    private volatile Batches batches;
    private volatile Optional<String> failure = Optional.empty();

    private record Batches(Batch filling, Optional<Batch> writing) {}

    /**
     * A session that begins with what is in the file.
     *
     * @param opened the present time
     * @param restored is run after each pairing, device and request
     * @param onChange is run at the first change of each batch
     */
    Session(
            ProtocolLimits terms,
            Capacity capacity,
            Contents contents,
            Instant opened,
            Runnable restored,
            Runnable onChange) {
        this.onChange = onChange;
        this.batches = new Batches(new Batch(onChange), Optional.empty());
        this.memory = new MemoryStore(terms, capacity, contents, opened, restored, () -> batches.filling());
    }

    MemoryStore memory() {
        return memory;
    }

    /** Whether there is something to write. */
    boolean hasChanges() {
        return !batches.filling().isEmpty();
    }

    /** The batch to write next, if there is one; the batch before it has been written by then. */
    Optional<Batch> take() {
        // At rest, so that no change is divided between two batches.
        return !hasChanges()
                ? Optional.empty()
                : Optional.of(memory.atRest(() -> {
                    Batch full = batches.filling();
                    batches = new Batches(new Batch(onChange), Optional.of(full));
                    return full;
                }));
    }

    /**
     * Waits until the file has what was stored when this was called, as far as it is in a batch that concerns the
     * caller; throws if it does not get there in time.
     */
    void await(Predicate<Batch> concerned, Duration timeout) {
        Batches now = batches;
        // The batch that is being filled is written last.
        if (concerned.test(now.filling())) {
            now.filling().await(timeout);
        } else {
            now.writing().filter(concerned).ifPresent(batch -> batch.await(timeout));
        }
        failure.ifPresent(reason -> {
            throw new StoreUnavailable(reason);
        });
    }

    /** Ends the session: no further change gets into the file, and whoever waits for one is told. */
    void fail(String reason) {
        failure = Optional.of(reason);
        memory.atRest(() -> {
            batches.writing().ifPresent(batch -> batch.fail(reason));
            batches.filling().fail(reason);
            return reason;
        });
    }
}
