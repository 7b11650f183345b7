package dev.harp.relay.store.file;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.store.Positions;
import dev.harp.relay.store.StoreSecret;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.memory.Contents;
import dev.harp.relay.store.memory.Journal;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Changes that are written together, each record in its latest state only, and the callers that wait for them.
 *
 * <p>It is filled under the memory store's lock and then handed to the thread that writes. Other threads only ask which
 * keys it touches, and wait.
 */
final class Batch implements Journal {
    final Map<PairId, Optional<Pairing>> pairings = new HashMap<>();
    final Map<DeviceId, Optional<Device>> devices = new HashMap<>();
    final Map<Long, Optional<Contents.Listed>> requests = new HashMap<>();
    final Map<String, Optional<Positions>> lists = new HashMap<>();
    final Map<StoreSecret, String> secrets = new EnumMap<>(StoreSecret.class);

    private final Set<Object> touched = ConcurrentHashMap.newKeySet();
    private final Runnable onFirstChange;
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile Optional<String> failure = Optional.empty();
    private volatile boolean abandoned;

    /** The key of the list of a device or a pairing. */
    record ListOf(String id) {}

    Batch(Runnable onFirstChange) {
        this.onFirstChange = onFirstChange;
    }

    @Override
    public void put(Pairing pairing, Optional<Pairing> after) {
        pairings.put(pairing.id(), after);
        touch(pairing.id(), pairing.token());
        after.ifPresent(now -> touch(now.token()));
    }

    @Override
    public void put(Device device, Optional<Device> after) {
        devices.put(device.id(), after);
        touch(device.id(), device.token());
        after.ifPresent(now -> touch(now.token()));
    }

    @Override
    public void put(Contents.Listed listed, Optional<Contents.Listed> after) {
        requests.put(listed.number(), after);
        Request request = listed.request();
        touch(
                request.key(),
                new ListOf(request.device().value()),
                new ListOf(request.key().pair().value()));
    }

    @Override
    public void put(String list, Optional<Positions> after) {
        lists.put(list, after);
        touch(new ListOf(list));
    }

    @Override
    public void put(StoreSecret secret, String text) {
        secrets.put(secret, text);
        touch(secret);
    }

    private void touch(Object... keys) {
        boolean first = touched.isEmpty();
        touched.addAll(List.of(keys));
        if (first) {
            onFirstChange.run();
        }
    }

    boolean isEmpty() {
        return touched.isEmpty();
    }

    boolean touchesAny(Collection<?> keys) {
        return keys.stream().anyMatch(touched::contains);
    }

    /** The batch is as durable as was asked for. */
    void complete() {
        finished.countDown();
    }

    /** The batch will never be written. */
    void fail(String reason) {
        failure = Optional.of(reason);
        finished.countDown();
    }

    /**
     * Whether a caller has stopped waiting: its change was then stored although it was refused. Called after
     * {@link #complete}.
     */
    boolean abandoned() {
        return abandoned;
    }

    /** Waits until the batch is complete; throws if it fails or the time runs out. */
    void await(Duration timeout) {
        try {
            if (!finished.await(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                // Before the last look, so that either this thread sees the end, or the writer sees this after the end.
                abandoned = true;
                if (finished.getCount() > 0) {
                    throw new StoreUnavailable("a change was not written within " + timeout.toMillis() + " ms");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailable("interrupted while a change was being written", e);
        }
        failure.ifPresent(reason -> {
            throw new StoreUnavailable(reason);
        });
    }
}
