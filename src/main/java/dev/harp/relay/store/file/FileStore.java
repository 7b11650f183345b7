package dev.harp.relay.store.file;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.DueRecord;
import dev.harp.relay.store.Levels;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreResult;
import dev.harp.relay.store.StoreUnusable;
import dev.harp.relay.store.memory.MemoryStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The store in memory, with every change in a file before anyone is told of it.
 *
 * <p>The memory answers, and the {@link StoreWriter} writes. A change happens in memory first, under the memory store's
 * lock, and is put down in the {@link Batch} that is being filled. The scribe takes the batch, writes it as one version
 * of the file and syncs it, while the next one fills: so all that change something meanwhile share one sync. Whoever
 * changed something waits for its batch. So does whoever has only read a record that stands in a batch: nobody is told
 * of anything that a power cut could take back. Reading what is at rest never waits.
 *
 * <p>Refusals for want of room, and counts, are told as the memory has them: they promise nothing.
 *
 * <p>If writing fails, the memory is ahead of the file. So it is dropped, everybody is told that the store is
 * unavailable, and the scribe tries once a second to open the file anew and to make the memory from it.
 */
public final class FileStore implements RelayStore {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final StoreWriter writer;

    private FileStore(StoreWriter writer) {
        this.writer = writer;
    }

    /**
     * Opens the store, and makes it if there is none.
     *
     * @param directory a directory of the store's own; no other process has it open
     * @param nanoTime a monotonic clock in nanoseconds
     * @param back is run whenever the store has come back after a failure, and whenever something is stored for
     *     which those who changed it had not waited
     * @throws StoreUnusable if it cannot be opened, or if anything in it is missing or damaged
     */
    public static FileStore open(
            Path directory, Sync sync, ProtocolLimits terms, Capacity capacity, LongSupplier nanoTime, Runnable back) {
        return open(directory, sync, terms, capacity, nanoTime, back, Volume::new);
    }

    static FileStore open(
            Path directory,
            Sync sync,
            ProtocolLimits terms,
            Capacity capacity,
            LongSupplier nanoTime,
            Runnable back,
            Supplier<Volume> volumes) {
        StoreWriter writer = new StoreWriter(
                new Directory(directory.toAbsolutePath()), sync, terms, capacity, nanoTime, back, volumes);
        writer.start();
        return new FileStore(writer);
    }

    /** Takes a step in memory, and waits until what it has told of is safe. */
    private <T> T told(Function<MemoryStore, T> step, Function<T, List<?>> of) {
        Session session = writer.session();
        T result = step.apply(session.memory());
        session.pending().await(of.apply(result), PATIENCE);
        session.check();
        return result;
    }

    /** The same for what may depend on any record. */
    private <T> T toldOfAll(Function<MemoryStore, T> step) {
        Session session = writer.session();
        T result = step.apply(session.memory());
        session.pending().awaitAll(PATIENCE);
        session.check();
        return result;
    }

    /** A step of which nobody is told anything that counts. */
    private <T> T untold(Function<MemoryStore, T> step) {
        return step.apply(writer.session().memory());
    }

    @Override
    public Optional<Pairing> pairing(PairId id) {
        return told(memory -> memory.pairing(id), _ -> List.of(id));
    }

    @Override
    public Optional<Pairing> pairingByToken(Sha256 token) {
        return told(memory -> memory.pairingByToken(token), _ -> List.of(token));
    }

    @Override
    public Optional<Device> device(DeviceId id) {
        return told(memory -> memory.device(id), _ -> List.of(id));
    }

    @Override
    public Optional<Device> deviceByToken(Sha256 token) {
        return told(memory -> memory.deviceByToken(token), _ -> List.of(token));
    }

    @Override
    public Optional<Request> request(RequestKey key) {
        return told(memory -> memory.request(key), _ -> List.of(key));
    }

    @Override
    public Optional<RequestKey> requestOf(DeviceId device, RequestId id) {
        return told(memory -> memory.requestOf(device, id), _ -> List.of(new Batch.ListOf(device.value())));
    }

    @Override
    public List<RequestKey> openRequests(PairId pair) {
        return toldOfAll(memory -> memory.openRequests(pair));
    }

    @Override
    public List<PairId> pairingsOf(DeviceId device) {
        return toldOfAll(memory -> memory.pairingsOf(device));
    }

    @Override
    public Page inbox(DeviceId device, Optional<Cursor> after, int limit, long maxText) {
        return told(
                memory -> memory.inbox(device, after, limit, maxText), _ -> List.of(new Batch.ListOf(device.value())));
    }

    @Override
    public Page history(PairId pair, Optional<Cursor> after, int limit, long maxText) {
        return told(
                memory -> memory.history(pair, after, limit, maxText), _ -> List.of(new Batch.ListOf(pair.value())));
    }

    @Override
    public List<DueRecord> due(Instant time, int limit) {
        return untold(memory -> memory.due(time, limit));
    }

    @Override
    public Optional<Instant> nextDue() {
        return untold(MemoryStore::nextDue);
    }

    @Override
    public <R> StoreResult<R> changePairing(PairId id, Function<Optional<Pairing>, Change<Pairing, R>> rule) {
        return told(memory -> memory.changePairing(id, rule), _ -> List.of(id));
    }

    @Override
    public <R> StoreResult<R> changeDevice(DeviceId id, Function<Optional<Device>, Change<Device, R>> rule) {
        return told(memory -> memory.changeDevice(id, rule), _ -> List.of(id));
    }

    @Override
    public <R> Optional<StoreResult<R>> changeRequest(RequestKey key, RequestRule<R> rule) {
        return told(memory -> memory.changeRequest(key, rule), _ -> List.of(key, key.pair()));
    }

    @Override
    public Levels levels() {
        return untold(MemoryStore::levels);
    }

    @Override
    public boolean reachable() {
        return writer.writing();
    }

    /** Writes what is still to be written, for a few seconds at most. */
    @Override
    public void close() {
        writer.close();
    }
}
