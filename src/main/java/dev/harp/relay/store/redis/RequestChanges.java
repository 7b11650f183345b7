package dev.harp.relay.store.redis;

import static dev.harp.relay.store.redis.Changes.NONE;
import static dev.harp.relay.store.redis.Changes.millis;
import static dev.harp.relay.store.redis.RedisConnections.command;
import static dev.harp.relay.store.redis.RedisConnections.text;

import dev.harp.relay.limit.Grant;
import dev.harp.relay.limit.Toll;
import dev.harp.relay.protocol.Footprint;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.PlatformView;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.protocol.Shares.Measure;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.RelayStore.Added;
import dev.harp.relay.store.RelayStore.RequestRule;
import dev.harp.relay.store.Seen;
import dev.harp.relay.store.StoreResult;
import dev.harp.relay.store.codec.Records;
import dev.harp.relay.store.redis.RecordReader.SeenId;
import dev.harp.relay.store.redis.RecordReader.SeenPairing;
import dev.harp.relay.store.redis.RecordReader.SeenRequest;
import dev.harp.relay.store.redis.RecordReader.Stamped;
import dev.harp.relay.store.redis.RedisConnections.ScriptCall;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol;

/**
 * Adds, changes and removes requests. What has been read with the caller is what the rule is given at first: the script
 * finds out whether it still holds. If it does not, all is read anew.
 */
record RequestChanges(
        Changes changes, RecordReader records, RedisAccounts accounts, ProtocolLimits terms, Capacity capacity) {

    /**
     * What a rule is given, with the stamps.
     *
     * @param open how many requests of the pairing are open; matters only to a new one
     */
    private record Reading(Stamped<Pairing> pairing, Stamped<Request> request, int open) {}

    /** Applies the rule until it is stored; empty if the pairing is not stored. */
    <R> Optional<StoreResult<R>> change(RequestKey key, Seen seen, RequestRule<R> rule) {
        Optional<Reading> first = seen(key, seen);
        // Without a lock: what was seen may have changed before anyway.
        Optional<Optional<StoreResult<R>>> done = first.flatMap(reading -> changed(key, reading, rule));
        return done.orElseGet(() -> changes.retried(key.pair(), () -> changed(key, read(key), rule)));
    }

    private static Optional<Reading> seen(RequestKey key, Seen seen) {
        return switch (seen) {
            case SeenRequest(RequestKey of, var pairing, var request)
            when of.equals(key) && request.record().isPresent() -> Optional.of(new Reading(pairing, request, 0));
            case SeenId(var _, Optional<SeenRequest> found) -> found.flatMap(request -> seen(key, request));
            default -> Optional.empty();
        };
    }

    private Reading read(RequestKey key) {
        RedisConnections connections = changes.connections();
        List<Object> read = connections.execute(
                records.command(Keys.of(key.pair())),
                records.command(Keys.of(key)),
                command(Protocol.Command.SCARD, connections.prefix() + Keys.open(key.pair())));
        return new Reading(
                records.stamped(read.get(0), Keys.of(key.pair()), RecordReader::pairing),
                records.stamped(read.get(1), Keys.of(key), RecordReader::request),
                ((Long) read.get(2)).intValue());
    }

    /** Empty if another relay was faster. */
    private <R> Optional<Optional<StoreResult<R>>> changed(RequestKey key, Reading reading, RequestRule<R> rule) {
        if (reading.pairing().record().isEmpty()) {
            return Optional.of(Optional.empty());
        }
        Pairing pairing = reading.pairing().record().get();
        Optional<Request> before = reading.request().record();
        Optional<StoreResult<R>> done = changes.write(
                before,
                rule.apply(pairing, before, reading.open()),
                Script.REQUEST,
                identity(key, reading),
                after -> fields(pairing, before, after));
        return done.isPresent() ? Optional.of(done) : Optional.empty();
    }

    /** What became of a change, and the reply to another script. */
    record Both<R>(Optional<R> change, Optional<Object> reply) {}

    /**
     * Applies the rule to a request that was seen, if its device has the token and the page from a position on begins
     * with the request. Runs another script, which reads the page, in the same trip.
     *
     * @return empty if nothing was done: no request was seen, or the rule does not change it
     */
    <R> Optional<Both<R>> changeAlong(Seen seen, Sha256 token, long position, RequestRule<R> rule, ScriptCall other) {
        if (!(seen instanceof SeenRequest(RequestKey key, Stamped<Pairing> known, Stamped<Request> request))
                || known.record().isEmpty()) {
            return Optional.empty();
        }
        Pairing pairing = known.record().get();
        Optional<Request> before = request.record();
        Change<Request, R> change = rule.apply(pairing, before, 0);
        if (Changes.same(before, change.after())) {
            return Optional.empty();
        }
        List<Object> arguments = Changes.arguments(
                identity(key, new Reading(known, request, 0)),
                Changes.newStamp(),
                change.after(),
                after -> fields(pairing, before, after));
        List<@Nullable Object> replies = changes.connections()
                .evalAll(new ScriptCall(Script.REQUEST, concat(arguments, List.of(token.hex(), position))), other);
        boolean done = text(Objects.requireNonNull(replies.getFirst())).equals("done");
        return Optional.of(new Both<>(
                done ? Optional.of(change.result()) : Optional.empty(), Optional.ofNullable(replies.getLast())));
    }

    /**
     * Adds a request by what was seen of its pairing, and takes it from a limit in the same step.
     *
     * @return empty if nothing was done
     */
    <R> Optional<Added<R>> add(RequestKey key, Seen seen, Toll toll, RequestRule<R> rule) {
        if (!(seen instanceof SeenPairing(Stamped<Pairing> known, int open)
                && known.record().filter(own -> own.id().equals(key.pair())).isPresent()
                && (toll.equals(Toll.FREE) || toll instanceof RedisRateLimit<?>.Taking))) {
            return Optional.empty();
        }
        Pairing pairing = known.record().get();
        Change<Request, R> change = rule.apply(pairing, Optional.empty(), open);
        if (change.after().isEmpty()) {
            return Optional.empty();
        }
        String stamp = Changes.newStamp();
        List<Object> arguments = Changes.arguments(
                identity(key, new Reading(known, RecordReader.none(), open)),
                stamp,
                change.after(),
                after -> fields(pairing, Optional.empty(), after));
        Seen added = new SeenRequest(key, known, new Stamped<>(change.after(), stamp));
        if (!(toll instanceof RedisRateLimit<?>.Taking taking)) {
            return changes.connections()
                    .eval(new ScriptCall(Script.REQUEST, arguments))
                    .flatMap(reply -> Changes.result(text(reply), change.result()))
                    .map(result -> new Added<>(toll.take(), Optional.of(result), added));
        }
        Object reply = changes.connections()
                .eval(new ScriptCall(
                        Script.REQUEST, concat(arguments, concat(List.of(NONE, NONE), taking.arguments()))))
                .orElseThrow();
        if (!(reply instanceof List<?> parts)) {
            return Optional.empty();
        }
        String status = text(parts.getFirst());
        Grant grant = taking.granted(parts.getLast(), status.equals("done"));
        return status.equals("limited")
                ? Optional.of(new Added<>(grant, Optional.empty(), Seen.NOTHING))
                : Changes.result(status, change.result()).map(result -> new Added<>(grant, Optional.of(result), added));
    }

    private static List<Object> concat(List<Object> first, List<Object> second) {
        return Stream.of(first, second).flatMap(List::stream).toList();
    }

    private List<Object> identity(RequestKey key, Reading reading) {
        return List.of(
                key.pair().value(),
                key.request().toString(),
                reading.pairing().stamp(),
                reading.request().stamp(),
                reading.request().record().isEmpty() ? reading.open() : NONE,
                capacity.bytes());
    }

    private List<Object> fields(Pairing pairing, Optional<Request> before, Request after) {
        return List.of(
                Records.bytes(after),
                after.device().value(),
                kind(after),
                Footprint.of(after, terms),
                millis(terms.dueAt(after)),
                life(after),
                listed(before, after),
                PlatformView.changed(before, after) ? "append" : "keep",
                pairing.state() instanceof Pairing.Revoked
                        ? terms.dueAt(pairing).map(Changes::millis).orElse(NONE)
                        : NONE,
                accounts.shareOfPairing(),
                before.isEmpty() ? accounts.shares(pairing.opener(), Measure.PAIRINGS) : NONE);
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

    /** What happens to the request's entry in the device's list: see {@link dev.harp.relay.store.RelayStore#inbox}. */
    private static String listed(Optional<Request> before, Request after) {
        if (before.isEmpty()) {
            return "append";
        }
        if (!before.get().open() || after.open()) {
            return "keep";
        }
        return after.state() instanceof Request.Cancelled ? "append" : "drop";
    }
}
