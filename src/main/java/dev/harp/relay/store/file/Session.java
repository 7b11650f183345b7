package dev.harp.relay.store.file;

import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.memory.Contents;
import dev.harp.relay.store.memory.MemoryStore;
import java.util.Optional;

/**
 * The records in memory, from one opening of the file to its end or failure. What fails to get into the file is in the
 * memory already, so after a failure the memory is of no use any more.
 */
final class Session {
    private final Pending pending;
    private final MemoryStore memory;
    private volatile Optional<String> failure = Optional.empty();

    /** {@code work} is run when there is something to write. */
    Session(ProtocolLimits terms, Capacity capacity, Contents contents, Runnable work) {
        this.pending = new Pending(work);
        this.memory = new MemoryStore(terms, capacity, contents, pending);
    }

    MemoryStore memory() {
        return memory;
    }

    Pending pending() {
        return pending;
    }

    /** What is to be written next; empty if there is nothing. */
    Optional<Batch> take() {
        return pending.isEmpty() ? Optional.empty() : Optional.of(memory.atRest(pending::take));
    }

    /** Nothing more gets into the file; whoever waits for it is told. */
    void failed(String why) {
        failure = Optional.of(why);
        memory.atRest(() -> {
            pending.failed(why);
            return why;
        });
    }

    void check() {
        failure.ifPresent(why -> {
            throw new StoreUnavailable(why);
        });
    }
}
