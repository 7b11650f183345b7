package dev.harp.relay.store.redis;

import static dev.harp.relay.store.redis.RedisConnections.command;
import static dev.harp.relay.store.redis.RedisConnections.text;
import static dev.harp.relay.store.redis.RedisConnections.texts;

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
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreResult;
import dev.harp.relay.store.StoreResult.Bound;
import dev.harp.relay.store.StoreSecret;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.codec.Records;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;

/**
 * The store in Redis, for any number of relays at once.
 *
 * <p>A change takes two round trips. The first reads what the rule needs, each record with its stamp, a random number
 * that every write replaces. The rule runs here. If it changes the record, one script compares the stamps and the
 * bounds with what is stored by then. It either writes the record and everything that is derived from it, or nothing,
 * because another relay was faster; then the change is retried from the start, and the rule reads the clock again. The
 * stamp of a request's pairing is compared too, so a rule that has seen an outdated pairing stores nothing.
 *
 * <p>A script needs all its keys on one server. The server may have replicas, but Redis Cluster is not supported.
 */
public final class RedisStore implements RelayStore {
    /** How long other relays are not handed a due record once it has been handed out. */
    static final Duration LEASE = Duration.ofSeconds(5);

    private static final int ATTEMPTS = 200;
    private static final long MAX_BACKOFF_NANOS = 20_000_000;
    private static final String NONE = "";

    private final RedisConnections connections;
    private final ProtocolLimits terms;
    private final Capacity capacity;
    private final RedisAccounts accounts;
    private final RecordReader records;
    private final Runnable onClose;
    private final StripedLock locks = new StripedLock();

    /** @param onClose is run when the store is closed */
    RedisStore(RedisConnections connections, ProtocolLimits terms, Capacity capacity, Runnable onClose) {
        this.connections = connections;
        this.terms = terms;
        this.capacity = capacity;
        this.accounts = new RedisAccounts(connections, capacity);
        this.records = new RecordReader(connections);
        this.onClose = onClose;
    }

    // --- reading

    @Override
    public Optional<Pairing> pairing(PairId id) {
        return records.read(Keys.of(id), RecordReader::pairing).record();
    }

    @Override
    public Optional<Pairing> pairingByToken(Sha256 token) {
        return records.byToken(token, "p:", RecordReader::pairing);
    }

    @Override
    public Optional<Device> device(DeviceId id) {
        return records.read(Keys.of(id), RecordReader::device).record();
    }

    @Override
    public Optional<Device> deviceByToken(Sha256 token) {
        return records.byToken(token, "d:", RecordReader::device);
    }

    @Override
    public Optional<Request> request(RequestKey key) {
        return records.read(Keys.of(key), RecordReader::request).record();
    }

    @Override
    public Optional<RequestKey> requestOf(DeviceId device, RequestId id) {
        return Optional.ofNullable(reply(command(Protocol.Command.LINDEX, prefixed(Keys.named(device, id)), 0)))
                .flatMap(pair -> Keys.request(text(pair), id.toString()));
    }

    @Override
    public List<RequestKey> openRequests(PairId pair) {
        return members(Keys.open(pair)).stream()
                .flatMap(request -> Keys.request(pair.value(), request).stream())
                .toList();
    }

    @Override
    public List<PairId> pairingsOf(DeviceId device) {
        return members(Keys.joined(device)).stream()
                .flatMap(pair -> PairId.parse(pair).stream())
                .toList();
    }

    private List<String> members(String set) {
        return texts(reply(command(Protocol.Command.SMEMBERS, prefixed(set))));
    }

    @Override
    public Page inbox(DeviceId device, Optional<Cursor> after, int limit, long maxText) {
        return new PageReader(device.value(), Audience.DEVICE, limit, maxText, connections).read(after);
    }

    @Override
    public Page history(PairId pair, Optional<Cursor> after, int limit, long maxText) {
        return new PageReader(pair.value(), Audience.PLATFORM, limit, maxText, connections).read(after);
    }

    @Override
    public Levels levels() {
        return accounts.levels();
    }

    @Override
    public List<Holding> largest(Account account, int limit) {
        return accounts.largest(account, limit);
    }

    @Override
    public List<DueRecord> openedBy(String network) {
        return accounts.openedBy(network);
    }

    /** Read first: a Redis without room refuses to write even what it would not write. Reading prolongs its life. */
    @Override
    public String secret(StoreSecret secret, String proposed) {
        String key = prefixed(secret.key());
        CommandArguments read = command(Protocol.Command.GET, key);
        CommandArguments keep = command(Protocol.Command.PEXPIRE, key, Keys.LIFE.toMillis());
        CommandArguments store = command(Protocol.Command.SET, key, proposed, "PX", Keys.LIFE.toMillis(), "NX");
        Object stored = connections.execute(read, keep).getFirst();
        return text(stored != null ? stored : connections.execute(store, read).getLast());
    }

    // --- what is due

    @Override
    public List<DueRecord> due(Instant time, int limit) {
        long now = time.toEpochMilli();
        return connections.eval(Script.DUE, now, now + LEASE.toMillis(), limit).map(RedisConnections::texts).stream()
                .flatMap(List::stream)
                .flatMap(key -> Keys.due(key).stream())
                .toList();
    }

    @Override
    public Optional<Instant> nextDue() {
        List<String> first = texts(reply(command(Protocol.Command.ZRANGE, prefixed(Keys.DUE), 0, 0, "WITHSCORES")));
        return first.isEmpty()
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli((long) Double.parseDouble(first.getLast())));
    }

    /** Rounded up: a record that is handed out too early is kept back for a lease. */
    private static String millis(Instant time) {
        return String.valueOf(time.plusNanos(999_999).toEpochMilli());
    }

    // --- changing

    @Override
    public <R> StoreResult<R> changePairing(PairId id, Function<Optional<Pairing>, Change<Pairing, R>> rule) {
        return retried(id, () -> {
            RecordReader.Stamped<Pairing> before = records.read(Keys.of(id), RecordReader::pairing);
            return write(
                    before.record(),
                    rule.apply(before.record()),
                    Script.PAIRING,
                    List.of(id.value(), before.stamp(), capacity.bytes(), capacity.pairings()),
                    after -> List.of(
                            Records.bare(after),
                            after.token().hex(),
                            after.device().map(DeviceId::value).orElse(NONE),
                            Footprint.of(after),
                            due(after),
                            after.state() instanceof Pairing.Revoked revoked ? millis(revoked.at()) : NONE,
                            Records.networks(after.opener()),
                            Records.used(after),
                            accounts.shares(after.opener(), Measure.PAIRINGS)));
        });
    }

    private String due(Pairing pairing) {
        return terms.dueAt(pairing).map(RedisStore::millis).orElse(NONE);
    }

    @Override
    public <R> StoreResult<R> changeDevice(DeviceId id, Function<Optional<Device>, Change<Device, R>> rule) {
        return retried(id, () -> {
            RecordReader.Stamped<Device> before = records.read(Keys.of(id), RecordReader::device);
            return write(
                    before.record(),
                    rule.apply(before.record()),
                    Script.DEVICE,
                    List.of(id.value(), before.stamp(), capacity.bytes(), capacity.devices()),
                    after -> List.of(
                            Records.bare(after),
                            after.token().hex(),
                            Footprint.of(after),
                            millis(after.keptUntil()),
                            Records.networks(after.opener()),
                            accounts.shares(after.opener(), Measure.DEVICES)));
        });
    }

    @Override
    public <R> Optional<StoreResult<R>> changeRequest(RequestKey key, RequestRule<R> rule) {
        PairId pair = key.pair();
        return retried(pair, () -> {
            List<Object> read = connections.execute(
                    records.command(Keys.of(pair)),
                    records.command(Keys.of(key)),
                    command(Protocol.Command.SCARD, prefixed(Keys.open(pair))));
            RecordReader.Stamped<Pairing> pairing = records.stamped(read.get(0), Keys.of(pair), RecordReader::pairing);
            if (pairing.record().isEmpty()) {
                return Optional.of(Optional.empty());
            }
            RecordReader.Stamped<Request> before = records.stamped(read.get(1), Keys.of(key), RecordReader::request);
            int open = ((Long) read.get(2)).intValue();
            boolean revoked = pairing.record().get().state() instanceof Pairing.Revoked;
            Optional<StoreResult<R>> done = write(
                    before.record(),
                    rule.apply(pairing.record().get(), before.record(), open),
                    Script.REQUEST,
                    List.of(
                            pair.value(),
                            key.request().toString(),
                            pairing.stamp(),
                            before.stamp(),
                            before.record().isEmpty() ? open : NONE,
                            capacity.bytes()),
                    after -> List.of(
                            Records.bytes(after),
                            after.device().value(),
                            kind(after),
                            Footprint.of(after, terms),
                            millis(terms.dueAt(after)),
                            life(after),
                            listed(before.record(), after),
                            PlatformView.changed(before.record(), after) ? "append" : "keep",
                            revoked ? due(pairing.record().get()) : NONE,
                            accounts.shareOfPairing(),
                            before.record().isEmpty()
                                    ? accounts.shares(pairing.record().get().opener(), Measure.PAIRINGS)
                                    : NONE));
            return done.isPresent() ? Optional.of(done) : Optional.empty();
        });
    }

    private static String kind(Request request) {
        if (!request.open()) {
            return "ended";
        }
        return request.deliveredAt().isPresent() ? "delivered" : "pending";
    }

    /**
     * How long the request's key lives if no relay removes it: a day longer than it should. It is counted from the
     * submission at every write, so that it depends on no clock; it can only be too long.
     */
    private long life(Request request) {
        Instant end = request.open() ? request.expiresAt().plus(terms.retention()) : terms.removalAt(request);
        return Duration.between(request.createdAt(), end).plus(Keys.UNFORGOTTEN).toMillis();
    }

    /** What happens to the request's entry in the device's list: see {@link RelayStore#inbox}. */
    private static String listed(Optional<Request> before, Request after) {
        if (before.isEmpty()) {
            return "append";
        }
        if (!before.get().open() || after.open()) {
            return "keep";
        }
        return after.state() instanceof Request.Cancelled ? "append" : "drop";
    }

    /**
     * Stores what a rule has made of a record, if it has changed it.
     *
     * @param identity what the script compares: ids, stamps, bounds
     * @param fields what the script writes; a record that is removed has none
     * @return empty if another relay was faster
     */
    private <T, R> Optional<StoreResult<R>> write(
            Optional<T> before,
            Change<T, R> change,
            Script script,
            List<Object> identity,
            Function<T, List<Object>> fields) {
        if (same(before, change.after())) {
            return Optional.of(new StoreResult.Done<>(change.result()));
        }
        List<Object> arguments = new ArrayList<>(identity);
        arguments.add(newStamp());
        arguments.addAll(change.after().map(fields).orElse(List.of(NONE)));
        return switch (connections
                .eval(script, arguments.toArray())
                .map(RedisConnections::text)
                .orElse(NONE)) {
            case "done" -> Optional.of(new StoreResult.Done<>(change.result()));
            case "full" -> Optional.of(new StoreResult.Full<>(Bound.WHOLE));
            case "network" -> Optional.of(new StoreResult.Full<>(Bound.NETWORK));
            case "pairing" -> Optional.of(new StoreResult.Full<>(Bound.PAIRING));
            case "changed" -> Optional.empty();
            default -> throw new IllegalStateException("unknown reply of the script " + script);
        };
    }

    /** Repeats the attempt while other relays are faster, which a result that is empty says. */
    private <T> T retried(Object key, Supplier<Optional<T>> attempt) {
        return locks.locked(key, () -> {
            for (int i = 0; i < ATTEMPTS; i++) {
                Optional<T> done = attempt.get();
                if (done.isPresent()) {
                    return done.get();
                }
                LockSupport.parkNanos(
                        ThreadLocalRandom.current().nextLong(Math.min(MAX_BACKOFF_NANOS, 50_000L << Math.min(i, 20))));
            }
            throw new StoreUnavailable("other relays change the record all the time");
        });
    }

    /** Whether a rule has returned the very record that it was given. */
    @SuppressWarnings("ReferenceEquality")
    private static <T> boolean same(Optional<T> before, Optional<T> after) {
        return before.orElse(null) == after.orElse(null);
    }

    private static String newStamp() {
        return Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), Character.MAX_RADIX);
    }

    // --- commands and replies

    private Object reply(CommandArguments command) {
        return connections.execute(command).getFirst();
    }

    private String prefixed(String key) {
        return connections.prefix() + key;
    }

    @Override
    public boolean reachable() {
        return connections.reachable();
    }

    @Override
    public void close() {
        onClose.run();
    }
}
