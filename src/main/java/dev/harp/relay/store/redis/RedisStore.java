package dev.harp.relay.store.redis;

import static dev.harp.relay.store.redis.RedisConnections.command;
import static dev.harp.relay.store.redis.RedisConnections.text;
import static dev.harp.relay.store.redis.RedisConnections.texts;

import dev.harp.relay.limit.Toll;
import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.Footprint;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.protocol.Shares.Measure;
import dev.harp.relay.store.Account;
import dev.harp.relay.store.Admitted;
import dev.harp.relay.store.Ahead;
import dev.harp.relay.store.Audience;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.DueRecord;
import dev.harp.relay.store.Found;
import dev.harp.relay.store.Holding;
import dev.harp.relay.store.Levels;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.Seen;
import dev.harp.relay.store.StoreResult;
import dev.harp.relay.store.StoreSecret;
import dev.harp.relay.store.codec.Records;
import dev.harp.relay.store.redis.RecordReader.SeenId;
import dev.harp.relay.store.redis.RecordReader.SeenRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
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
 * <p>What a call has {@link Seen} takes the place of the first round trip, since the script compares it all the same.
 *
 * <p>A script needs all its keys on one server. The server may have replicas, but Redis Cluster is not supported.
 */
public final class RedisStore implements RelayStore {
    /** How long other relays are not handed a due record once it has been handed out. */
    static final Duration LEASE = Duration.ofSeconds(5);

    private static final String NONE = Changes.NONE;

    private final RedisConnections connections;
    private final ProtocolLimits terms;
    private final Capacity capacity;
    private final RedisAccounts accounts;
    private final RecordReader records;
    private final Runnable onClose;
    private final Changes changes;
    private final RequestChanges requests;

    /** @param onClose is run when the store is closed */
    RedisStore(RedisConnections connections, ProtocolLimits terms, Capacity capacity, Runnable onClose) {
        this.connections = connections;
        this.terms = terms;
        this.capacity = capacity;
        this.accounts = new RedisAccounts(connections, capacity);
        this.records = new RecordReader(connections);
        this.changes = new Changes(connections, new StripedLock());
        this.requests = new RequestChanges(changes, records, accounts, terms, capacity);
        this.onClose = onClose;
    }

    // --- reading

    @Override
    public Optional<Pairing> pairing(PairId id) {
        return records.read(Keys.of(id), RecordReader::pairing).record();
    }

    @Override
    public Optional<Pairing> pairingByToken(Sha256 token) {
        return pairingByToken(Toll.FREE, token, new Ahead.Nothing()).result().map(Found::record);
    }

    @Override
    public Admitted<Found<Pairing>> pairingByToken(Toll toll, Sha256 token, Ahead ahead) {
        return records.platform(toll, token, ahead);
    }

    @Override
    public Optional<Device> device(DeviceId id) {
        return records.read(Keys.of(id), RecordReader::device).record();
    }

    @Override
    public Optional<Device> deviceByToken(Sha256 token) {
        return deviceByToken(Toll.FREE, token, new Ahead.Nothing()).result().map(Found::record);
    }

    @Override
    public Admitted<Found<Device>> deviceByToken(Toll toll, Sha256 token, Ahead ahead) {
        return records.device(toll, token, ahead);
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
    public Optional<RequestKey> requestOf(DeviceId device, RequestId id, Seen seen) {
        return seen instanceof SeenId(RequestId seenId, Optional<SeenRequest> found) && seenId.equals(id)
                ? found.map(SeenRequest::key)
                : requestOf(device, id);
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
        return new PageReader(device.value(), NONE, Audience.DEVICE, limit, maxText, records)
                .read(after, Seen.NOTHING)
                .orElseThrow();
    }

    @Override
    public <R> Listed<R> inbox(
            DeviceId device,
            Sha256 token,
            Seen seen,
            RequestRule<R> rule,
            Optional<Cursor> after,
            int limit,
            long maxText) {
        PageReader reader = new PageReader(device.value(), token.hex(), Audience.DEVICE, limit, maxText, records);
        return requests.changeAlong(seen, token, PageReader.start(after), rule, reader.call(after))
                .map(both -> new Listed<>(both.change(), reader.read(after, both.reply())))
                .orElseGet(() -> new Listed<>(Optional.empty(), reader.read(after, seen)));
    }

    @Override
    public Page history(PairId pair, Optional<Cursor> after, int limit, long maxText) {
        return new PageReader(pair.value(), NONE, Audience.PLATFORM, limit, maxText, records)
                .read(after, Seen.NOTHING)
                .orElseThrow();
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

    // --- changing

    @Override
    public <R> StoreResult<R> changePairing(PairId id, Function<Optional<Pairing>, Change<Pairing, R>> rule) {
        return changes.retried(id, () -> {
            RecordReader.Stamped<Pairing> before = records.read(Keys.of(id), RecordReader::pairing);
            return changes.write(
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
                            after.state() instanceof Pairing.Revoked revoked ? Changes.millis(revoked.at()) : NONE,
                            Records.networks(after.opener()),
                            Records.used(after),
                            accounts.shares(after.opener(), Measure.PAIRINGS)));
        });
    }

    private String due(Pairing pairing) {
        return terms.dueAt(pairing).map(Changes::millis).orElse(NONE);
    }

    @Override
    public <R> StoreResult<R> changeDevice(DeviceId id, Function<Optional<Device>, Change<Device, R>> rule) {
        return changes.retried(id, () -> {
            RecordReader.Stamped<Device> before = records.read(Keys.of(id), RecordReader::device);
            return changes.write(
                    before.record(),
                    rule.apply(before.record()),
                    Script.DEVICE,
                    List.of(id.value(), before.stamp(), capacity.bytes(), capacity.devices()),
                    after -> List.of(
                            Records.bare(after),
                            after.token().hex(),
                            Footprint.of(after),
                            Changes.millis(after.keptUntil()),
                            Records.networks(after.opener()),
                            accounts.shares(after.opener(), Measure.DEVICES)));
        });
    }

    @Override
    public <R> Optional<StoreResult<R>> changeRequest(RequestKey key, RequestRule<R> rule) {
        return requests.change(key, Seen.NOTHING, rule);
    }

    @Override
    public <R> Optional<StoreResult<R>> changeRequest(RequestKey key, Seen seen, RequestRule<R> rule) {
        return requests.change(key, seen, rule);
    }

    @Override
    public <R> Optional<Added<R>> addRequest(RequestKey key, Seen seen, Toll toll, RequestRule<R> rule) {
        return requests.add(key, seen, toll, rule);
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
