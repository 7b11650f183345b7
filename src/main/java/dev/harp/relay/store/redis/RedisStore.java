package dev.harp.relay.store.redis;

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
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.codec.CorruptRecord;
import dev.harp.relay.store.codec.Records;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
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
 * <p>A change is two round trips. The first reads what the rule has to see, each record with its stamp, a random number that every write
 * replaces. The rule is asked here. If it changes anything, the second is one script that compares the stamps, and the bounds, with what is stored by then, and puts
 * the record and all that is kept in step with it; or does nothing, because another relay was faster: then all of it begins anew, with the clock read anew. The stamp of a
 * request's pairing is compared too, so nothing is stored by a rule that has seen a pairing as it is not any more.
 *
 * <p>Scripts need all keys in one place, so the server is one, perhaps with replicas, and no Redis Cluster.
 */
public final class RedisStore implements RelayStore {
    /** For how long what is due is kept from others once it has been handed out. */
    static final Duration LEASE = Duration.ofSeconds(5);

    private static final int ATTEMPTS = 200;
    private static final long BACKOFF_NANOS = 20_000_000;
    private static final String NONE = "";

    private final Link link;
    private final ProtocolLimits terms;
    private final Capacity capacity;
    private final Runnable closing;
    private final StripedLock turns = new StripedLock();

    /** A record as the rule sees it: with the stamp that it has to have still when the change is stored. */
    record Seen<T>(Optional<T> record, String stamp) {}

    /**
     * A store of whatever the link leads to.
     *
     * @param closing is run when the store is closed
     */
    RedisStore(Link link, ProtocolLimits terms, Capacity capacity, Runnable closing) {
        this.link = link;
        this.terms = terms;
        this.capacity = capacity;
        this.closing = closing;
    }

    // --- reading

    @Override
    public Optional<Pairing> pairing(PairId id) {
        return seen(link.ask(hash(Keys.of(id), "v", "d")).getFirst(), Keys.of(id), Records::pairing)
                .record();
    }

    @Override
    public Optional<Pairing> pairingByToken(Sha256 token) {
        return byToken(token, "p:", Records::pairing);
    }

    @Override
    public Optional<Device> device(DeviceId id) {
        return seen(link.ask(hash(Keys.of(id), "v", "d")).getFirst(), Keys.of(id), Records::device)
                .record();
    }

    @Override
    public Optional<Device> deviceByToken(Sha256 token) {
        return byToken(token, "d:", Records::device);
    }

    private <T> Optional<T> byToken(Sha256 token, String kind, Function<byte[], T> decode) {
        return link.run(Script.TOKEN, arguments -> arguments.add(token.hex()).add(kind))
                .map(data -> decoded("a token's " + kind, (byte[]) data, decode));
    }

    @Override
    public Optional<Request> request(RequestKey key) {
        return seen(link.ask(hash(Keys.of(key), "v", "d")).getFirst(), Keys.of(key), Records::request)
                .record();
    }

    @Override
    public Optional<RequestKey> requestOf(DeviceId device, RequestId id) {
        CommandArguments first = new CommandArguments(Protocol.Command.LINDEX)
                .add(key(Keys.named(device, id)))
                .add(0);
        return Optional.ofNullable(link.ask(first).getFirst()).flatMap(pair -> Keys.request(text(pair), id.toString()));
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
        CommandArguments all = new CommandArguments(Protocol.Command.SMEMBERS).add(key(set));
        return texts(link.ask(all).getFirst());
    }

    @Override
    public Page inbox(DeviceId device, Optional<Cursor> after, int limit, long maxText) {
        return new FeedReader(device.value(), Audience.DEVICE, limit, maxText, link).read(after);
    }

    @Override
    public Page history(PairId pair, Optional<Cursor> after, int limit, long maxText) {
        return new FeedReader(pair.value(), Audience.PLATFORM, limit, maxText, link).read(after);
    }

    @Override
    public Levels levels() {
        List<?> sums =
                (List<?>) link.ask(hash(Keys.LEVELS, "bytes", "pairings", "devices", "pending", "delivered", "ended"))
                        .getFirst();
        List<Long> numbers = sums.stream()
                .map(sum -> sum == null ? 0L : Long.parseLong(text(sum)))
                .toList();
        return new Levels(
                numbers.get(0),
                numbers.get(1).intValue(),
                numbers.get(2).intValue(),
                numbers.get(3).intValue(),
                numbers.get(4).intValue(),
                numbers.get(5).intValue());
    }

    // --- what is due

    @Override
    public List<DueRecord> due(Instant time, int limit) {
        long now = time.toEpochMilli();
        return link
                .run(
                        Script.DUE,
                        arguments ->
                                arguments.add(now).add(now + LEASE.toMillis()).add(limit))
                .map(RedisStore::texts)
                .orElse(List.of())
                .stream()
                .flatMap(key -> Keys.due(key).stream())
                .toList();
    }

    @Override
    public Optional<Instant> nextDue() {
        CommandArguments first = new CommandArguments(Protocol.Command.ZRANGE)
                .add(key(Keys.DUE))
                .add(0)
                .add(0)
                .add("WITHSCORES");
        List<String> found = texts(link.ask(first).getFirst());
        return found.isEmpty()
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli((long) Double.parseDouble(found.getLast())));
    }

    /** Rounded up: what is due must not be handed out too early, or it would be kept back for a lease. */
    private static String millis(Instant time) {
        return String.valueOf(time.plusNanos(999_999).toEpochMilli());
    }

    // --- changing

    @Override
    public <R> StoreResult<R> changePairing(PairId id, Function<Optional<Pairing>, Change<Pairing, R>> rule) {
        return turns.take(
                id,
                () -> repeated(() -> {
                    Seen<Pairing> before =
                            seen(link.ask(hash(Keys.of(id), "v", "d")).getFirst(), Keys.of(id), Records::pairing);
                    Change<Pairing, R> step = rule.apply(before.record());
                    if (same(before.record(), step.after())) {
                        return Optional.of(new StoreResult.Done<>(step.answer()));
                    }
                    return outcome(
                            link.run(Script.PAIRING, arguments -> {
                                arguments
                                        .add(id.value())
                                        .add(before.stamp())
                                        .add(capacity.bytes())
                                        .add(capacity.pairings())
                                        .add(stamp());
                                step.after()
                                        .ifPresentOrElse(
                                                after -> arguments
                                                        .add(Records.bytes(after))
                                                        .add(after.token().hex())
                                                        .add(after.device()
                                                                .map(DeviceId::value)
                                                                .orElse(NONE))
                                                        .add(Footprint.of(after))
                                                        .add(due(after))
                                                        .add(
                                                                after.state() instanceof Pairing.Revoked revoked
                                                                        ? millis(revoked.at())
                                                                        : NONE),
                                                () -> arguments.add(NONE));
                            }),
                            step);
                }));
    }

    private String due(Pairing pairing) {
        return terms.due(pairing).map(RedisStore::millis).orElse(NONE);
    }

    @Override
    public <R> StoreResult<R> changeDevice(DeviceId id, Function<Optional<Device>, Change<Device, R>> rule) {
        return turns.take(
                id,
                () -> repeated(() -> {
                    Seen<Device> before =
                            seen(link.ask(hash(Keys.of(id), "v", "d")).getFirst(), Keys.of(id), Records::device);
                    Change<Device, R> step = rule.apply(before.record());
                    if (same(before.record(), step.after())) {
                        return Optional.of(new StoreResult.Done<>(step.answer()));
                    }
                    return outcome(
                            link.run(Script.DEVICE, arguments -> {
                                arguments
                                        .add(id.value())
                                        .add(before.stamp())
                                        .add(capacity.bytes())
                                        .add(capacity.devices())
                                        .add(stamp());
                                step.after()
                                        .ifPresentOrElse(
                                                after -> arguments
                                                        .add(Records.bytes(after))
                                                        .add(after.token().hex())
                                                        .add(Footprint.of(after))
                                                        .add(millis(after.keptUntil())),
                                                () -> arguments.add(NONE));
                            }),
                            step);
                }));
    }

    @Override
    public <R> Optional<StoreResult<R>> changeRequest(RequestKey key, RequestRule<R> rule) {
        CommandArguments[] reading = {
            hash(Keys.of(key.pair()), "v", "d"),
            hash(Keys.of(key), "v", "d"),
            new CommandArguments(Protocol.Command.SCARD).add(key(Keys.open(key.pair())))
        };
        return turns.take(
                key.pair(),
                () -> repeated(() -> {
                    List<Object> read = link.ask(reading);
                    Seen<Pairing> pairing = seen(read.get(0), Keys.of(key.pair()), Records::pairing);
                    if (pairing.record().isEmpty()) {
                        return Optional.of(Optional.empty());
                    }
                    Seen<Request> before = seen(read.get(1), Keys.of(key), Records::request);
                    int open = ((Long) read.get(2)).intValue();
                    Change<Request, R> step = rule.apply(pairing.record().get(), before.record(), open);
                    if (same(before.record(), step.after())) {
                        return Optional.of(Optional.of(new StoreResult.Done<>(step.answer())));
                    }
                    Optional<Object> answer = link.run(Script.REQUEST, arguments -> {
                        arguments
                                .add(key.pair().value())
                                .add(key.request().toString())
                                .add(pairing.stamp())
                                .add(before.stamp())
                                .add(before.record().isEmpty() ? String.valueOf(open) : NONE)
                                .add(capacity.bytes())
                                .add(stamp());
                        step.after()
                                .ifPresentOrElse(
                                        after -> arguments
                                                .add(Records.bytes(after))
                                                .add(after.device().value())
                                                .add(kind(after))
                                                .add(Footprint.of(after, terms))
                                                .add(millis(terms.due(after)))
                                                .add(life(after))
                                                .add(listed(before.record(), after))
                                                .add(PlatformView.changed(before.record(), after) ? "append" : "keep")
                                                .add(
                                                        pairing.record().get().state() instanceof Pairing.Revoked
                                                                ? due(pairing.record()
                                                                        .get())
                                                                : NONE),
                                        () -> arguments.add(NONE));
                    });
                    Optional<StoreResult<R>> done = outcome(answer, step);
                    return done.isPresent() ? Optional.of(done) : Optional.empty();
                }));
    }

    private static String kind(Request request) {
        if (!request.open()) {
            return "ended";
        }
        return request.deliveredAt().isPresent() ? "delivered" : "pending";
    }

    /**
     * How long the request stays if nobody forgets it: a day longer than it should. Counted from its submission at every write, so that it depends on no clock; it can only come
     * out too long.
     */
    private long life(Request request) {
        Instant end = request.open() ? request.expiresAt().plus(terms.retention()) : terms.forgotten(request);
        return Duration.between(request.createdAt(), end).plus(Keys.UNFORGOTTEN).toMillis();
    }

    /** What becomes of the request's place in the device's list: see {@link RelayStore#inbox}. */
    private static String listed(Optional<Request> before, Request after) {
        if (before.isEmpty()) {
            return "append";
        }
        if (!before.get().open() || after.open()) {
            return "keep";
        }
        return after.state() instanceof Request.Cancelled ? "append" : "drop";
    }

    /** Empty if another relay was faster. */
    private static <T, R> Optional<StoreResult<R>> outcome(Optional<Object> answer, Change<T, R> step) {
        return switch (answer.map(RedisStore::text).orElse(NONE)) {
            case "done" -> Optional.of(new StoreResult.Done<>(step.answer()));
            case "full" -> Optional.of(new StoreResult.Full<>());
            case "changed" -> Optional.empty();
            default -> throw new IllegalStateException("a script has answered what it does not know");
        };
    }

    private static <T> T repeated(Supplier<Optional<T>> attempt) {
        for (int i = 0; i < ATTEMPTS; i++) {
            Optional<T> done = attempt.get();
            if (done.isPresent()) {
                return done.get();
            }
            LockSupport.parkNanos(
                    ThreadLocalRandom.current().nextLong(Math.min(BACKOFF_NANOS, 50_000L << Math.min(i, 20))));
        }
        throw new StoreUnavailable("a record changes all the time");
    }

    /** Whether a rule gave back the very record that it got. */
    @SuppressWarnings("ReferenceEquality")
    private static <T> boolean same(Optional<T> before, Optional<T> after) {
        return before.orElse(null) == after.orElse(null);
    }

    private static String stamp() {
        return Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), Character.MAX_RADIX);
    }

    // --- forms

    private <T> Seen<T> seen(Object answer, String key, Function<byte[], T> decode) {
        List<?> fields = (List<?>) answer;
        return fields.getFirst() == null
                ? new Seen<>(Optional.empty(), NONE)
                : new Seen<>(Optional.of(decoded(key, (byte[]) fields.getLast(), decode)), text(fields.getFirst()));
    }

    private <T> T decoded(String key, byte[] data, Function<byte[], T> decode) {
        try {
            return decode.apply(data);
        } catch (CorruptRecord e) {
            throw link.corrupt(key, e);
        }
    }

    private CommandArguments hash(String key, String... fields) {
        CommandArguments read = new CommandArguments(Protocol.Command.HMGET).add(key(key));
        for (String field : fields) {
            read.add(field);
        }
        return read;
    }

    private String key(String name) {
        return link.prefix() + name;
    }

    static String text(Object bulk) {
        return new String((byte[]) bulk, StandardCharsets.UTF_8);
    }

    private static List<String> texts(Object list) {
        return ((List<?>) list).stream().map(RedisStore::text).toList();
    }

    @Override
    public boolean reachable() {
        return link.reachable();
    }

    @Override
    public void close() {
        closing.run();
    }
}
