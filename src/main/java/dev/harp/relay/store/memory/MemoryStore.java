package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.Footprint;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.protocol.Shares.Measure;
import dev.harp.relay.store.Account;
import dev.harp.relay.store.Audience;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.DueRecord;
import dev.harp.relay.store.Holding;
import dev.harp.relay.store.Levels;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.Positions;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreResult;
import dev.harp.relay.store.StoreResult.Bound;
import dev.harp.relay.store.StoreSecret;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The store in memory: maps behind one lock, the monitor of the store.
 *
 * <p>One lock, because every change touches several maps at once, and because the capacity is one sum. The lock is held
 * for microseconds, since a step is a few map operations without input or output. The largest steps are a page of a
 * list and the removal of a pairing's requests.
 *
 * <p>One pairing or device is read without the lock, because every call begins with its token. The journal therefore
 * has each of their changes before the maps do: what a reader has seen, the file can be asked to have.
 *
 * <p>Invariants while the lock is free: every token in an index belongs to a stored record. Every request belongs to a
 * stored pairing. A pairing's {@code open} are those of its requests that are open. The {@link Totals} are those of the
 * records. Every record with a due time has one slot in the schedule.
 */
public final class MemoryStore implements RelayStore {
    private final ProtocolLimits limits;
    private final Capacity capacity;
    private final Supplier<Journal> journal;
    private final Totals totals;
    private final Accounts accounts;
    private final Map<PairId, PairingEntry> pairings = new ConcurrentHashMap<>();
    private final Map<Sha256, PairId> pairingsByToken = new ConcurrentHashMap<>();
    private final Map<DeviceId, Device> devices = new ConcurrentHashMap<>();
    private final Map<Sha256, DeviceId> devicesByToken = new ConcurrentHashMap<>();
    private final Schedule schedule = new Schedule();
    private final RequestTable requests;
    private final Map<StoreSecret, String> secrets;

    /** An empty store whose lists begin at position 1, for tests: no client may have a cursor of an earlier store. */
    public MemoryStore(ProtocolLimits limits, Capacity capacity) {
        this(limits, capacity, Instant.EPOCH);
    }

    /**
     * An empty store.
     *
     * @param opened the present time, later than any change of an earlier store that clients may know
     */
    public MemoryStore(ProtocolLimits limits, Capacity capacity, Instant opened) {
        this(limits, capacity, Contents.NONE, opened, () -> {}, () -> Journal.NONE);
    }

    /**
     * A store with the contents of another one. It keeps all of them, even if they exceed the capacity.
     *
     * @param opened the present time
     * @param restored is run after each pairing, device and request
     * @param journal receives all changes from now on; asked anew for each
     * @throws IllegalArgumentException if a request has no pairing
     */
    public MemoryStore(
            ProtocolLimits limits,
            Capacity capacity,
            Contents contents,
            Instant opened,
            Runnable restored,
            Supplier<Journal> journal) {
        this.limits = limits;
        this.capacity = capacity;
        this.journal = journal;
        this.totals = new Totals(capacity.bytes());
        this.accounts = new Accounts(capacity);
        this.requests = new RequestTable(
                limits, schedule, totals, accounts, Positions.base(contents.highest(), opened), journal);
        this.secrets = new HashMap<>(contents.secrets());
        contents.devices().forEach(device -> {
            restore(device);
            charge(device.opener(), Measure.DEVICES, 1, Footprint.of(device));
            restored.run();
        });
        contents.pairings().forEach(pairing -> {
            restore(pairing);
            charge(pairing.opener(), Measure.PAIRINGS, 1, Footprint.of(pairing));
            restored.run();
        });
        contents.lists().forEach((list, positions) -> list(list).restore(positions));
        requests.restore(contents, pairings, restored);
        pairings.values().forEach(entry -> {
            entry.orphan = entry.pairing
                    .device()
                    .filter(device -> !devices.containsKey(device))
                    .isPresent();
            schedule(entry);
        });
    }

    private ChangeList list(String owner) {
        return PairId.parse(owner)
                .map(pairings::get)
                .map(entry -> entry.history)
                .orElseGet(() -> requests.inbox(new DeviceId(owner)).list);
    }

    /** Runs a step while no change is in progress. It must be quick, because it blocks all others. */
    public synchronized <T> T atRest(Supplier<T> step) {
        return step.get();
    }

    @Override
    public Optional<Pairing> pairing(PairId id) {
        return Optional.ofNullable(pairings.get(id)).map(entry -> entry.pairing);
    }

    @Override
    public Optional<Pairing> pairingByToken(Sha256 token) {
        return Optional.ofNullable(pairingsByToken.get(token)).flatMap(this::pairing);
    }

    @Override
    public Optional<Device> device(DeviceId id) {
        return Optional.ofNullable(devices.get(id));
    }

    @Override
    public Optional<Device> deviceByToken(Sha256 token) {
        return Optional.ofNullable(devicesByToken.get(token)).flatMap(this::device);
    }

    @Override
    public synchronized Optional<Request> request(RequestKey key) {
        return Optional.ofNullable(pairings.get(key.pair()))
                .flatMap(entry -> Optional.ofNullable(entry.requests.get(key.request())))
                .map(stored -> stored.request);
    }

    @Override
    public synchronized Optional<RequestKey> requestOf(DeviceId device, RequestId id) {
        return requests.findInbox(device).flatMap(inbox -> inbox.first(id));
    }

    @Override
    public synchronized List<RequestKey> openRequests(PairId id) {
        return Optional.ofNullable(pairings.get(id)).stream()
                .flatMap(entry -> entry.open.stream().map(request -> new RequestKey(id, request)))
                .toList();
    }

    @Override
    public synchronized List<PairId> pairingsOf(DeviceId device) {
        return requests.findInbox(device)
                .map(inbox -> List.copyOf(inbox.pairings))
                .orElse(List.of());
    }

    @Override
    public synchronized Page inbox(DeviceId device, Optional<Cursor> after, int limit, long maxText) {
        return requests.findInbox(device).orElseGet(Inbox::new).list.page(after, limit, maxText);
    }

    @Override
    public synchronized Page history(PairId id, Optional<Cursor> after, int limit, long maxText) {
        return Optional.ofNullable(pairings.get(id))
                .map(entry -> entry.history)
                .orElseGet(() -> new ChangeList(Audience.PLATFORM))
                .page(after, limit, maxText);
    }

    @Override
    public synchronized List<DueRecord> due(Instant time, int limit) {
        return schedule.until(time, limit);
    }

    @Override
    public synchronized Optional<Instant> nextDue() {
        return schedule.next();
    }

    @Override
    public synchronized String secret(StoreSecret secret, String proposed) {
        return secrets.computeIfAbsent(secret, _ -> {
            journal.get().put(secret, proposed);
            return proposed;
        });
    }

    @Override
    public synchronized Levels levels() {
        return totals.levels(pairings.size(), devices.size());
    }

    @Override
    public synchronized List<Holding> largest(Account account, int limit) {
        return accounts.largest(account, limit, pairings.values());
    }

    @Override
    public List<DueRecord> openedBy(String network) {
        return Accounts.openedBy(network, pairings.values(), devices.values());
    }

    @Override
    public synchronized <R> StoreResult<R> changePairing(
            PairId id, Function<Optional<Pairing>, Change<Pairing, R>> rule) {
        Optional<Pairing> before = pairing(id);
        boolean room = before.isPresent() || pairings.size() < capacity.pairings();
        int added = before.isPresent() ? 0 : 1;
        return store(
                before,
                rule.apply(before),
                room,
                Footprint::of,
                (after, growth) -> accounts.exceededByPairing(after.opener(), added, growth),
                (after, growth) -> {
                    journal.get().put(before.orElse(after), Optional.of(after));
                    restore(after);
                    before.map(Pairing::token)
                            .filter(token -> !token.equals(after.token()))
                            .ifPresent(pairingsByToken::remove);
                    charge(after.opener(), Measure.PAIRINGS, added, growth);
                },
                this::remove);
    }

    @Override
    public synchronized <R> StoreResult<R> changeDevice(
            DeviceId id, Function<Optional<Device>, Change<Device, R>> rule) {
        Optional<Device> before = device(id);
        boolean room = before.isPresent() || devices.size() < capacity.devices();
        int added = before.isPresent() ? 0 : 1;
        return store(
                before,
                rule.apply(before),
                room,
                Footprint::of,
                (after, growth) -> accounts.exceededByDevice(after.opener(), added, growth),
                (after, growth) -> {
                    journal.get().put(before.orElse(after), Optional.of(after));
                    restore(after);
                    before.map(Device::token)
                            .filter(token -> !token.equals(after.token()))
                            .ifPresent(devicesByToken::remove);
                    charge(after.opener(), Measure.DEVICES, added, growth);
                },
                this::remove);
    }

    @Override
    public synchronized <R> Optional<StoreResult<R>> changeRequest(RequestKey key, RequestRule<R> rule) {
        return Optional.ofNullable(pairings.get(key.pair())).map(entry -> {
            Optional<Request> before = request(key);
            Change<Request, R> change = rule.apply(entry.pairing, before, entry.open.size());
            return store(
                    before,
                    change,
                    true,
                    requests::footprint,
                    (_, growth) -> accounts.exceededByRequest(entry, growth),
                    (after, growth) -> {
                        requests.store(entry, after);
                        requests.charge(entry, growth);
                        schedule(entry);
                    },
                    (_, growth) -> {
                        requests.remove(entry, key.request());
                        requests.charge(entry, growth);
                        schedule(entry);
                    });
        });
    }

    /**
     * Stores what a rule has made of a record. The functions are given by how many bytes the record grows.
     *
     * @param room whether the store may hold this record besides the others
     * @param exceeded the share that the record would exceed
     */
    @SuppressWarnings("ReferenceEquality") // A rule that changes nothing returns the very record that it was given.
    private <T, R> StoreResult<R> store(
            Optional<T> before,
            Change<T, R> change,
            boolean room,
            ToLongFunction<T> footprint,
            BiFunction<T, Long, Optional<Bound>> exceeded,
            ObjLongConsumer<T> stored,
            ObjLongConsumer<T> removed) {
        Optional<T> after = change.after();
        long growth = after.map(footprint::applyAsLong).orElse(0L)
                - before.map(footprint::applyAsLong).orElse(0L);
        if (!totals.fits(growth) || (after.isPresent() && !room)) {
            return new StoreResult.Full<>(Bound.WHOLE);
        }
        Optional<Bound> share = after.flatMap(record -> exceeded.apply(record, growth));
        if (share.isPresent()) {
            return new StoreResult.Full<>(share.get());
        }
        if (before.orElse(null) != after.orElse(null)) {
            after.ifPresentOrElse(
                    record -> stored.accept(record, growth),
                    () -> before.ifPresent(record -> removed.accept(record, growth)));
        }
        return new StoreResult.Done<>(change.result());
    }

    private void charge(Opener opener, Measure measure, int more, long growth) {
        totals.addBytes(growth);
        accounts.changed(opener, measure, more, growth);
    }

    private void restore(Pairing after) {
        PairingEntry entry = pairings.computeIfAbsent(after.id(), _ -> new PairingEntry(after));
        entry.pairing = after;
        pairingsByToken.put(after.token(), after.id());
        schedule(entry);
        after.device().ifPresent(device -> requests.inbox(device).pairings.add(after.id()));
    }

    private void schedule(PairingEntry entry) {
        schedule.set(new DueRecord.OfPairing(entry.pairing.id()), entry.dueAt(limits));
    }

    private void remove(Pairing pairing, long growth) {
        PairingEntry entry = pairings.get(pairing.id());
        if (entry == null) {
            return;
        }
        journal.get().put(pairing, Optional.empty());
        journal.get().put(pairing.id().value(), Optional.empty());
        pairings.remove(pairing.id());
        pairingsByToken.remove(pairing.token());
        requests.removeAll(entry);
        charge(pairing.opener(), Measure.PAIRINGS, -1, growth);
        schedule.remove(new DueRecord.OfPairing(pairing.id()));
        pairing.device().ifPresent(device -> {
            requests.inbox(device).pairings.remove(pairing.id());
            if (!devices.containsKey(device)) {
                requests.dropInbox(device);
            }
        });
    }

    private void restore(Device after) {
        devices.put(after.id(), after);
        devicesByToken.put(after.token(), after.id());
        schedule.set(new DueRecord.OfDevice(after.id()), Optional.of(after.keptUntil()));
    }

    private void remove(Device device, long growth) {
        journal.get().put(device, Optional.empty());
        devices.remove(device.id());
        devicesByToken.remove(device.token());
        charge(device.opener(), Measure.DEVICES, -1, growth);
        schedule.remove(new DueRecord.OfDevice(device.id()));
        pairingsOf(device.id())
                .forEach(id -> Optional.ofNullable(pairings.get(id)).ifPresent(pairing -> {
                    pairing.orphan = true;
                    schedule(pairing);
                }));
        requests.dropInbox(device.id());
    }

    /** Always true. */
    @Override
    public boolean reachable() {
        return true;
    }

    /** Has no effect: nothing is held outside of memory. */
    @Override
    public void close() {}
}
