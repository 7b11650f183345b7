package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.Footprint;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.PlatformView;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.store.Audience;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.DueRecord;
import dev.harp.relay.store.Levels;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreResult;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The store in memory: plain maps behind one lock.
 *
 * <p>One lock, because every change touches several maps at once, and because the capacity is one sum: whoever holds the
 * lock sees all of it at rest. A step is a few map operations and no input or output, so the lock is held for microseconds;
 * the largest steps are a page of a device's list and the removal of a forgotten pairing's requests.
 *
 * <p>Invariants, whenever the lock is free: every token in an index belongs to a stored record; every request belongs to a
 * stored pairing; a pairing's {@code open} are those of its requests that are open; {@code bytes} is the sum of the records'
 * footprints, and the numbers of requests by state are those of the records; every record with a due time has one slot in the schedule.
 */
public final class MemoryStore implements RelayStore {

    private static final class Pair {
        Pairing pairing;
        Optional<Schedule.Slot> slot = Optional.empty();
        boolean orphan;
        final Map<RequestId, StoredRequest> requests = new HashMap<>();
        final Set<RequestId> open = new LinkedHashSet<>();
        final ChangeList history = new ChangeList(Audience.PLATFORM);

        Pair(Pairing pairing) {
            this.pairing = pairing;
        }
    }

    private static final class Phone {
        Device device;
        Optional<Schedule.Slot> slot = Optional.empty();

        Phone(Device device) {
            this.device = device;
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final ProtocolLimits terms;
    private final Capacity capacity;
    private final Journal journal;
    private final Map<PairId, Pair> pairs = new HashMap<>();
    private final Map<Sha256, PairId> pairsByToken = new HashMap<>();
    private final Map<DeviceId, Phone> phones = new HashMap<>();
    private final Map<Sha256, DeviceId> phonesByToken = new HashMap<>();
    private final Map<DeviceId, Inbox> inboxes = new HashMap<>();
    private final Schedule schedule = new Schedule();
    private long bytes;
    private int pendingRequests;
    private int deliveredRequests;
    private int endedRequests;
    private long submissions;

    /** An empty store. */
    public MemoryStore(ProtocolLimits terms, Capacity capacity) {
        this(terms, capacity, Contents.NONE, Journal.NONE);
    }

    /**
     * A store that goes on where another one has ended. What it is given it keeps, even if it has room for less.
     *
     * @param journal is told of all that changes from now on
     * @throws IllegalArgumentException if the contents do not fit together
     */
    public MemoryStore(ProtocolLimits terms, Capacity capacity, Contents contents, Journal journal) {
        this.terms = terms;
        this.capacity = capacity;
        this.journal = journal;
        contents.devices().forEach(this::put);
        contents.pairings().forEach(this::put);
        contents.lists().forEach((list, counters) -> history(list).restored(counters));
        contents.requests().stream()
                .sorted(Comparator.comparingLong(Contents.Listed::number))
                .forEach(this::restore);
        pairs.values().forEach(this::scheduleRestored);
    }

    private ChangeList history(String list) {
        return PairId.parse(list)
                .map(pairs::get)
                .map(pair -> pair.history)
                .orElseGet(() -> inboxes.computeIfAbsent(new DeviceId(list), _ -> new Inbox()).list);
    }

    private void restore(Contents.Listed listed) {
        Request request = listed.request();
        Pair pair = pairs.get(request.key().pair());
        if (pair == null) {
            throw new IllegalArgumentException("a request without its pairing");
        }
        StoredRequest entry = new StoredRequest(listed.number(), request);
        entry.position = listed.position();
        entry.change = listed.change();
        pair.history.restored(entry, entry.change, true);
        pair.requests.put(request.key().request(), entry);
        if (request.open()) {
            pair.open.add(request.key().request());
        }
        count(request, 1);
        bytes += footprint(request);
        inboxes.computeIfAbsent(request.device(), _ -> new Inbox()).restored(entry);
        entry.slot =
                schedule.move(entry.slot, Optional.of(terms.dueAt(request)), new DueRecord.OfRequest(request.key()));
        submissions = Math.max(submissions, listed.number());
    }

    private void scheduleRestored(Pair pair) {
        pair.orphan = pair.pairing
                .device()
                .filter(device -> !phones.containsKey(device))
                .isPresent();
        schedule(pair, due(pair));
    }

    /** Does something while no change is in progress. Quickly: nobody else gets in meanwhile. */
    public <T> T atRest(Supplier<T> step) {
        return locked(step);
    }

    @Override
    public Optional<Pairing> pairing(PairId id) {
        return locked(() -> Optional.ofNullable(pairs.get(id)).map(pair -> pair.pairing));
    }

    @Override
    public Optional<Pairing> pairingByToken(Sha256 token) {
        return locked(() -> Optional.ofNullable(pairsByToken.get(token)).flatMap(this::pairing));
    }

    @Override
    public Optional<Device> device(DeviceId id) {
        return locked(() -> Optional.ofNullable(phones.get(id)).map(phone -> phone.device));
    }

    @Override
    public Optional<Device> deviceByToken(Sha256 token) {
        return locked(() -> Optional.ofNullable(phonesByToken.get(token)).flatMap(this::device));
    }

    @Override
    public Optional<Request> request(RequestKey key) {
        return locked(() -> Optional.ofNullable(pairs.get(key.pair()))
                .flatMap(pair -> Optional.ofNullable(pair.requests.get(key.request())))
                .map(entry -> entry.request));
    }

    @Override
    public Optional<RequestKey> requestOf(DeviceId device, RequestId id) {
        return locked(() -> Optional.ofNullable(inboxes.get(device)).flatMap(inbox -> inbox.first(id)));
    }

    @Override
    public List<RequestKey> openRequests(PairId id) {
        return locked(() -> Optional.ofNullable(pairs.get(id)).stream()
                .flatMap(pair -> pair.open.stream().map(request -> new RequestKey(id, request)))
                .toList());
    }

    @Override
    public List<PairId> pairingsOf(DeviceId device) {
        return locked(() -> Optional.ofNullable(inboxes.get(device))
                .map(inbox -> List.copyOf(inbox.pairings))
                .orElse(List.of()));
    }

    @Override
    public Page inbox(DeviceId device, Optional<Cursor> after, int limit, long maxText) {
        return locked(() -> Optional.ofNullable(inboxes.get(device))
                .orElseGet(Inbox::new)
                .list
                .page(after, limit, maxText));
    }

    @Override
    public Page history(PairId id, Optional<Cursor> after, int limit, long maxText) {
        return locked(() -> Optional.ofNullable(pairs.get(id))
                .map(pair -> pair.history)
                .orElseGet(() -> new ChangeList(Audience.PLATFORM))
                .page(after, limit, maxText));
    }

    @Override
    public List<DueRecord> due(Instant time, int limit) {
        return locked(() -> schedule.until(time, limit));
    }

    @Override
    public Optional<Instant> nextDue() {
        return locked(schedule::next);
    }

    @Override
    public Levels levels() {
        return locked(() ->
                new Levels(bytes, pairs.size(), phones.size(), pendingRequests, deliveredRequests, endedRequests));
    }

    @Override
    public <R> StoreResult<R> changePairing(PairId id, Function<Optional<Pairing>, Change<Pairing, R>> rule) {
        return locked(() -> {
            Optional<Pairing> before = pairing(id);
            Change<Pairing, R> step = rule.apply(before);
            long growth = sum(step.after(), Footprint::of) - sum(before, Footprint::of);
            if (full(growth) || (step.after().isPresent() && before.isEmpty() && pairs.size() >= capacity.pairings())) {
                return new StoreResult.Full<>();
            }
            if (!same(before, step.after())) {
                step.after().ifPresent(this::put);
                step.after().ifPresentOrElse(journal::stored, () -> before.ifPresent(this::remove));
            }
            return new StoreResult.Done<>(step.result());
        });
    }

    private void put(Pairing after) {
        Pair pair = pairs.get(after.id());
        if (pair == null) {
            pair = new Pair(after);
            pairs.put(after.id(), pair);
            pairsByToken.put(after.token(), after.id());
            bytes += Footprint.of(after);
        } else {
            bytes += Footprint.of(after) - Footprint.of(pair.pairing);
            pair.pairing = after;
        }
        schedule(pair, due(pair));
        after.device()
                .ifPresent(device -> inboxes.computeIfAbsent(device, _ -> new Inbox())
                        .pairings
                        .add(after.id()));
    }

    /**
     * A device goes before its pairings are revoked, and a revocation is not over before all that was open has ended: whoever stops in between is to
     * go on.
     */
    private Optional<Instant> due(Pair pair) {
        return switch (pair.pairing.state()) {
            case Pairing.Active _ when pair.orphan -> Optional.of(Instant.EPOCH);
            case Pairing.Revoked revoked when !pair.open.isEmpty() -> Optional.of(revoked.at());
            default -> terms.dueAt(pair.pairing);
        };
    }

    private void schedule(Pair pair, Optional<Instant> time) {
        pair.slot = schedule.move(pair.slot, time, new DueRecord.OfPairing(pair.pairing.id()));
    }

    private void remove(Pairing pairing) {
        Pair pair = pairs.remove(pairing.id());
        if (pair == null) {
            return;
        }
        pair.requests.values().forEach(this::forget);
        bytes -= Footprint.of(pairing);
        schedule.free(pair.slot);
        pairsByToken.remove(pairing.token());
        journal.removed(pairing);
        journal.dropped(pairing.id().value());
        pairing.device().ifPresent(device -> {
            Optional.ofNullable(inboxes.get(device)).ifPresent(inbox -> inbox.pairings.remove(pairing.id()));
            dropUnused(device);
        });
    }

    @Override
    public <R> StoreResult<R> changeDevice(DeviceId id, Function<Optional<Device>, Change<Device, R>> rule) {
        return locked(() -> {
            Optional<Device> before = device(id);
            Change<Device, R> step = rule.apply(before);
            long growth = sum(step.after(), Footprint::of) - sum(before, Footprint::of);
            if (full(growth) || (step.after().isPresent() && before.isEmpty() && phones.size() >= capacity.devices())) {
                return new StoreResult.Full<>();
            }
            if (!same(before, step.after())) {
                step.after().ifPresent(this::put);
                step.after().ifPresentOrElse(journal::stored, () -> before.ifPresent(this::remove));
            }
            return new StoreResult.Done<>(step.result());
        });
    }

    private void put(Device after) {
        Phone phone = phones.get(after.id());
        if (phone == null) {
            phone = new Phone(after);
            phones.put(after.id(), phone);
            phonesByToken.put(after.token(), after.id());
            bytes += Footprint.of(after);
        } else {
            bytes += Footprint.of(after) - Footprint.of(phone.device);
            phone.device = after;
        }
        phone.slot = schedule.move(phone.slot, Optional.of(after.keptUntil()), new DueRecord.OfDevice(after.id()));
    }

    private void remove(Device device) {
        Phone phone = phones.remove(device.id());
        if (phone != null) {
            bytes -= Footprint.of(device);
            schedule.free(phone.slot);
            phonesByToken.remove(device.token());
            journal.removed(device);
            pairingsOf(device.id()).forEach(this::orphaned);
            dropUnused(device.id());
        }
    }

    private void orphaned(PairId id) {
        Pair pair = pairs.get(id);
        if (pair != null) {
            pair.orphan = true;
            schedule(pair, due(pair));
        }
    }

    /** An inbox lives as long as the device does, and as any of its pairings is known. */
    private void dropUnused(DeviceId device) {
        if (!phones.containsKey(device)) {
            Inbox inbox = inboxes.get(device);
            if (inbox != null && inbox.pairings.isEmpty()) {
                inboxes.remove(device);
                journal.dropped(device.value());
            }
        }
    }

    @Override
    public <R> Optional<StoreResult<R>> changeRequest(RequestKey key, RequestRule<R> rule) {
        return locked(() -> Optional.ofNullable(pairs.get(key.pair())).map(pair -> {
            Optional<Request> before = request(key);
            Change<Request, R> step = rule.apply(pair.pairing, before, pair.open.size());
            if (full(sum(step.after(), this::footprint) - sum(before, this::footprint))) {
                return new StoreResult.Full<R>();
            }
            if (!same(before, step.after())) {
                step.after().ifPresentOrElse(after -> put(pair, after), () -> remove(pair, key.request()));
            }
            return new StoreResult.Done<>(step.result());
        }));
    }

    private void put(Pair pair, Request after) {
        RequestId id = after.key().request();
        Inbox inbox = inboxes.computeIfAbsent(after.device(), _ -> new Inbox());
        StoredRequest entry = pair.requests.get(id);
        boolean tells = PlatformView.changed(Optional.ofNullable(entry).map(known -> known.request), after);
        if (entry == null) {
            entry = new StoredRequest(++submissions, after);
            pair.requests.put(id, entry);
            pair.open.add(id);
            count(after, 1);
            bytes += footprint(after);
            inbox.submitted(entry);
        } else {
            boolean ends = entry.request.open() && !after.open();
            bytes += footprint(after) - footprint(entry.request);
            count(entry.request, -1);
            entry.request = after;
            count(after, 1);
            if (ends) {
                pair.open.remove(id);
                inbox.ended(entry);
            }
        }
        if (tells) {
            pair.history.remove(entry.change);
            entry.change = pair.history.append(entry);
        }
        entry.slot = schedule.move(entry.slot, Optional.of(terms.dueAt(after)), new DueRecord.OfRequest(after.key()));
        schedule(pair, due(pair));
        journal.stored(entry.listed());
    }

    private void remove(Pair pair, RequestId id) {
        StoredRequest entry = pair.requests.remove(id);
        if (entry != null) {
            pair.open.remove(id);
            schedule(pair, due(pair));
            forget(entry);
            if (pair.history.forgotten(entry.change)) {
                journal.counted(pair.pairing.id().value(), pair.history.counters());
            }
        }
    }

    private void forget(StoredRequest entry) {
        bytes -= footprint(entry.request);
        schedule.free(entry.slot);
        count(entry.request, -1);
        journal.removed(entry.listed());
        DeviceId device = entry.request.device();
        Inbox inbox = inboxes.get(device);
        if (inbox != null && inbox.forgotten(entry)) {
            journal.counted(device.value(), inbox.list.counters());
        }
    }

    private void count(Request request, int more) {
        if (!request.open()) {
            endedRequests += more;
        } else if (request.deliveredAt().isPresent()) {
            deliveredRequests += more;
        } else {
            pendingRequests += more;
        }
    }

    /** Whether a rule gave back the very record that it got. */
    @SuppressWarnings("ReferenceEquality")
    private static <T> boolean same(Optional<T> before, Optional<T> after) {
        return before.orElse(null) == after.orElse(null);
    }

    private boolean full(long growth) {
        return growth > 0 && bytes + growth > capacity.bytes();
    }

    private long footprint(Request request) {
        return Footprint.of(request, terms);
    }

    private static <T> long sum(Optional<T> value, ToLongFunction<T> size) {
        return value.isPresent() ? size.applyAsLong(value.get()) : 0;
    }

    private <T> T locked(Supplier<T> step) {
        lock.lock();
        try {
            return step.get();
        } finally {
            lock.unlock();
        }
    }

    /** Memory always is. */
    @Override
    public boolean reachable() {
        return true;
    }

    /** Does nothing: there is nothing outside of memory. */
    @Override
    public void close() {}
}
