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
import dev.harp.relay.store.Account;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.DueRecord;
import dev.harp.relay.store.Holding;
import dev.harp.relay.store.Levels;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreResult;
import dev.harp.relay.store.StoreSecret;
import dev.harp.relay.store.StoreUnusable;
import dev.harp.relay.store.memory.MemoryStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The store in memory, with every change in a file before anyone learns of it.
 *
 * <p>The memory answers, and the {@link StoreWriter} writes. A change is made in memory first, under the memory store's
 * lock, and is added to the {@link Batch} that is being filled. The writer takes the batch, writes it as one version of
 * the file and syncs it, while the next one fills. So all changes that are made meanwhile share one sync. A caller that
 * has changed something waits for its batch, and so does a caller that has only read a record of a batch: nobody learns
 * of anything that a power cut could take back. Reading a record that is in the file never waits.
 *
 * <p>Refusals for want of room, and counts, are returned as the memory has them, because they promise nothing.
 *
 * <p>After a failed write the memory is ahead of the file. It is dropped, calls fail with
 * {@link dev.harp.relay.store.StoreUnavailable}, and the writer tries once a second to open the file again and to fill
 * the memory from it.
 */
public final class FileStore implements RelayStore {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final StoreWriter writer;

    private FileStore(StoreWriter writer) {
        this.writer = writer;
    }

    /**
     * Opens the store, and creates it if there is none.
     *
     * @param directory a directory for this store alone; no other process has it open
     * @param clock the wall clock, which is read at each opening of the file
     * @param nanoTime a monotonic clock in nanoseconds
     * @param onRecovery is run whenever the store has recovered from a failure, and whenever a change is stored after
     *     the caller that made it has stopped waiting
     * @throws StoreUnusable if it cannot be opened, or if anything in it is missing or damaged
     */
    public static FileStore open(
            Path directory,
            Sync sync,
            ProtocolLimits terms,
            Capacity capacity,
            InstantSource clock,
            LongSupplier nanoTime,
            Runnable onRecovery) {
        return open(directory, sync, terms, capacity, clock, nanoTime, onRecovery, ChunkFile::new);
    }

    static FileStore open(
            Path directory,
            Sync sync,
            ProtocolLimits terms,
            Capacity capacity,
            InstantSource clock,
            LongSupplier nanoTime,
            Runnable onRecovery,
            Supplier<ChunkFile> chunkFiles) {
        StoreWriter writer = new StoreWriter(new StoreWriter.Settings(
                new Directory(directory.toAbsolutePath()),
                sync,
                terms,
                capacity,
                clock,
                nanoTime,
                onRecovery,
                chunkFiles));
        writer.start();
        return new FileStore(writer);
    }

    /** Runs a step in memory, and waits until the file has the records that its result depends on. */
    private <T> T durably(Function<MemoryStore, T> step, Object... keys) {
        Session session = writer.session();
        T result = step.apply(session.memory());
        session.await(batch -> batch.touchesAny(List.of(keys)), TIMEOUT);
        return result;
    }

    /** Runs a step whose result may depend on any record. */
    private <T> T durablyAll(Function<MemoryStore, T> step) {
        Session session = writer.session();
        T result = step.apply(session.memory());
        session.await(batch -> !batch.isEmpty(), TIMEOUT);
        return result;
    }

    /** Runs a step whose result promises nothing. */
    private <T> T inMemory(Function<MemoryStore, T> step) {
        return step.apply(writer.session().memory());
    }

    @Override
    public Optional<Pairing> pairing(PairId id) {
        return durably(memory -> memory.pairing(id), id);
    }

    @Override
    public Optional<Pairing> pairingByToken(Sha256 token) {
        return durably(memory -> memory.pairingByToken(token), token);
    }

    @Override
    public Optional<Device> device(DeviceId id) {
        return durably(memory -> memory.device(id), id);
    }

    @Override
    public Optional<Device> deviceByToken(Sha256 token) {
        return durably(memory -> memory.deviceByToken(token), token);
    }

    @Override
    public Optional<Request> request(RequestKey key) {
        return durably(memory -> memory.request(key), key);
    }

    @Override
    public Optional<RequestKey> requestOf(DeviceId device, RequestId id) {
        return durably(memory -> memory.requestOf(device, id), new Batch.ListOf(device.value()));
    }

    @Override
    public List<RequestKey> openRequests(PairId pair) {
        return durablyAll(memory -> memory.openRequests(pair));
    }

    @Override
    public List<PairId> pairingsOf(DeviceId device) {
        return durablyAll(memory -> memory.pairingsOf(device));
    }

    @Override
    public Page inbox(DeviceId device, Optional<Cursor> after, int limit, long maxText) {
        return durably(memory -> memory.inbox(device, after, limit, maxText), new Batch.ListOf(device.value()));
    }

    @Override
    public Page history(PairId pair, Optional<Cursor> after, int limit, long maxText) {
        return durably(memory -> memory.history(pair, after, limit, maxText), new Batch.ListOf(pair.value()));
    }

    @Override
    public List<DueRecord> due(Instant time, int limit) {
        return inMemory(memory -> memory.due(time, limit));
    }

    @Override
    public Optional<Instant> nextDue() {
        return inMemory(MemoryStore::nextDue);
    }

    @Override
    public <R> StoreResult<R> changePairing(PairId id, Function<Optional<Pairing>, Change<Pairing, R>> rule) {
        return durably(memory -> memory.changePairing(id, rule), id);
    }

    @Override
    public <R> StoreResult<R> changeDevice(DeviceId id, Function<Optional<Device>, Change<Device, R>> rule) {
        return durably(memory -> memory.changeDevice(id, rule), id);
    }

    @Override
    public <R> Optional<StoreResult<R>> changeRequest(RequestKey key, RequestRule<R> rule) {
        return durably(memory -> memory.changeRequest(key, rule), key, key.pair());
    }

    @Override
    public String secret(StoreSecret secret, String proposed) {
        return durably(memory -> memory.secret(secret, proposed), secret);
    }

    @Override
    public Levels levels() {
        return inMemory(MemoryStore::levels);
    }

    @Override
    public List<Holding> largest(Account account, int limit) {
        return inMemory(memory -> memory.largest(account, limit));
    }

    @Override
    public List<DueRecord> openedBy(String network) {
        return inMemory(memory -> memory.openedBy(network));
    }

    @Override
    public boolean reachable() {
        return writer.writing();
    }

    /** Writes the last batch, which takes a few seconds at most. */
    @Override
    public void close() {
        writer.close();
    }
}
