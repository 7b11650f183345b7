package dev.harp.relay.store.file;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.memory.Contents;
import dev.harp.relay.store.memory.Journal;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Changes that are written together, each record in its latest state only, and those who wait for that.
 *
 * <p>Filled under the memory store's lock, then handed to the one thread that writes; only what has been touched, and
 * the end, are asked for by others.
 */
final class Batch implements Journal {
    final Map<PairId, Optional<Pairing>> pairings = new HashMap<>();
    final Map<DeviceId, Optional<Device>> devices = new HashMap<>();
    final Map<Long, Optional<Contents.Listed>> requests = new HashMap<>();
    final Map<String, Optional<Contents.Counters>> lists = new HashMap<>();

    private final Set<Object> touched = ConcurrentHashMap.newKeySet();
    private final Runnable first;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile Optional<String> failure = Optional.empty();
    private volatile boolean givenUp;

    /** What the list of a device or a pairing is called among the things that are touched. */
    record ListOf(String id) {}

    /** An empty batch; {@code first} is run at the first change. */
    Batch(Runnable first) {
        this.first = first;
    }

    @Override
    public void stored(Pairing pairing) {
        pairings.put(pairing.id(), Optional.of(pairing));
        touch(pairing.id());
        touch(pairing.token());
    }

    @Override
    public void removed(Pairing pairing) {
        pairings.put(pairing.id(), Optional.empty());
        touch(pairing.id());
        touch(pairing.token());
    }

    @Override
    public void stored(Device device) {
        devices.put(device.id(), Optional.of(device));
        touch(device.id());
        touch(device.token());
    }

    @Override
    public void removed(Device device) {
        devices.put(device.id(), Optional.empty());
        touch(device.id());
        touch(device.token());
    }

    @Override
    public void stored(Contents.Listed request) {
        requests.put(request.number(), Optional.of(request));
        touch(request.request().key());
        touch(new ListOf(request.request().device().value()));
        touch(new ListOf(request.request().key().pair().value()));
    }

    @Override
    public void removed(Contents.Listed request) {
        requests.put(request.number(), Optional.empty());
        touch(request.request().key());
        touch(new ListOf(request.request().device().value()));
        touch(new ListOf(request.request().key().pair().value()));
    }

    @Override
    public void counted(String list, Contents.Counters counters) {
        lists.put(list, Optional.of(counters));
        touch(new ListOf(list));
    }

    @Override
    public void dropped(String list) {
        lists.put(list, Optional.empty());
        touch(new ListOf(list));
    }

    private void touch(Object key) {
        boolean begins = touched.isEmpty();
        touched.add(key);
        if (begins) {
            first.run();
        }
    }

    boolean isEmpty() {
        return touched.isEmpty();
    }

    boolean touchesAny(Collection<?> keys) {
        return keys.stream().anyMatch(touched::contains);
    }

    /** It is as safe as it was asked to be. */
    void done() {
        over.countDown();
    }

    /** It will never be. */
    void failed(String why) {
        failure = Optional.of(why);
        over.countDown();
    }

    /**
     * Whether somebody has not waited for the end: what is in it was then stored without anybody being told. Asked
     * after the end.
     */
    boolean givenUp() {
        return givenUp;
    }

    /** Waits for the end; throws if that does not come in time, or if it is no good one. */
    void await(Duration most) {
        boolean ended;
        try {
            ended = over.await(most.toNanos(), TimeUnit.NANOSECONDS);
            if (!ended) {
                // Said before the last look, so that either the end is seen here, or this is seen after the end.
                givenUp = true;
                ended = over.getCount() == 0;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailable("interrupted while a change was being written", e);
        }
        if (!ended) {
            throw new StoreUnavailable("a change has not been written within " + most.toMillis() + " ms");
        }
        failure.ifPresent(why -> {
            throw new StoreUnavailable(why);
        });
    }
}
