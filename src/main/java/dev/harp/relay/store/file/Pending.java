package dev.harp.relay.store.file;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.store.memory.Contents;
import dev.harp.relay.store.memory.Journal;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;

/**
 * What the memory holds and the file does not yet: the batch that is being filled, and the one that is being written.
 *
 * <p>Whoever has read a record looks here afterwards, and waits if the record is in one of the two. A batch that has
 * gone meanwhile has been written, so nothing is missed; a change that has come meanwhile makes the reader wait for
 * longer than it must, and for nothing worse.
 */
final class Pending implements Journal {
    private final Runnable work;
    private volatile Batches batches;

    private record Batches(Batch filling, Optional<Batch> writing) {}

    /** Nothing is pending; {@code work} is run when there is something to write. */
    Pending(Runnable work) {
        this.work = work;
        this.batches = new Batches(new Batch(work), Optional.empty());
    }

    boolean isEmpty() {
        return batches.filling().isEmpty();
    }

    /**
     * What is to be written next. Under the memory's lock, so that no change is torn in two; the one before it is over
     * by then.
     */
    Batch take() {
        Batch full = batches.filling();
        batches = new Batches(new Batch(work), Optional.of(full));
        return full;
    }

    /** Waits until what is stored under these keys, as it was when this was called, is in the file. */
    void await(Collection<?> keys, Duration most) {
        Batches now = batches;
        if (now.filling().touchesAny(keys)) {
            now.filling().await(most);
        } else if (now.writing().isPresent() && now.writing().get().touchesAny(keys)) {
            now.writing().get().await(most);
        }
    }

    /** Waits until everything is in the file that was stored when this was called. */
    void awaitAll(Duration most) {
        Batches now = batches;
        if (!now.filling().isEmpty()) {
            now.filling().await(most);
        } else if (now.writing().isPresent()) {
            now.writing().get().await(most);
        }
    }

    /** None of it will ever be in the file. */
    void failed(String why) {
        Batches now = batches;
        now.writing().ifPresent(batch -> batch.failed(why));
        now.filling().failed(why);
    }

    @Override
    public void stored(Pairing pairing) {
        batches.filling().stored(pairing);
    }

    @Override
    public void removed(Pairing pairing) {
        batches.filling().removed(pairing);
    }

    @Override
    public void stored(Device device) {
        batches.filling().stored(device);
    }

    @Override
    public void removed(Device device) {
        batches.filling().removed(device);
    }

    @Override
    public void stored(Contents.Listed request) {
        batches.filling().stored(request);
    }

    @Override
    public void removed(Contents.Listed request) {
        batches.filling().removed(request);
    }

    @Override
    public void counted(String list, Contents.Counters counters) {
        batches.filling().counted(list, counters);
    }

    @Override
    public void dropped(String list) {
        batches.filling().dropped(list);
    }
}
