package dev.harp.relay.store.redis;

import static dev.harp.relay.store.redis.RedisConnections.text;

import dev.harp.relay.limit.Grant;
import dev.harp.relay.limit.Toll;
import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.store.Admitted;
import dev.harp.relay.store.Ahead;
import dev.harp.relay.store.Found;
import dev.harp.relay.store.Seen;
import dev.harp.relay.store.codec.Records;
import dev.harp.relay.store.redis.RedisConnections.ScriptCall;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;

/**
 * Reads records. What earlier versions have not written may be missing: the opener, the last use, and the mark of a
 * pairing that has the digest of its {@code secret_hash}.
 */
record RecordReader(RedisConnections connections) {

    /** A record, and the stamp that must still be stored when a change is; no text if there is no record. */
    record Stamped<T>(Optional<T> record, String stamp) {}

    /** No record. */
    static <T> Stamped<T> none() {
        return new Stamped<>(Optional.empty(), "");
    }

    /** Decodes a record of its bytes, of the texts of its opener and its last use, and of its mark. */
    interface Decoder<T> {
        T decode(byte[] data, String opener, String used, String hashed);
    }

    static Pairing pairing(byte[] data, String opener, String used, String hashed) {
        return Records.pairing(data, !hashed.isEmpty())
                .openedBy(Records.opener(opener))
                .used(Records.used(used));
    }

    static Device device(byte[] data, String opener, String used, String hashed) {
        return Records.device(data).openedBy(Records.opener(opener));
    }

    static Request request(byte[] data, String opener, String used, String hashed) {
        return Records.request(data);
    }

    /** A request and its pairing, as they were at one time. */
    record SeenRequest(RequestKey key, Stamped<Pairing> known, Stamped<Request> request) implements Seen {
        @Override
        public Optional<Pairing> pairing() {
            return known.record();
        }
    }

    /** A platform's pairing, and how many of its requests were open. */
    record SeenPairing(Stamped<Pairing> known, int open) implements Seen {
        @Override
        public Optional<Pairing> pairing() {
            return known.record();
        }
    }

    /** The device's request with the id, if it had one. */
    record SeenId(RequestId id, Optional<SeenRequest> found) implements Seen {
        @Override
        public Optional<Pairing> pairing() {
            return Optional.empty();
        }
    }

    /** A device's list from a position on, on which there was nothing. */
    record SeenList(long position, PageReader.Slice slice) implements Seen {
        @Override
        public Optional<Pairing> pairing() {
            return Optional.empty();
        }
    }

    <T> Stamped<T> read(String key, Decoder<T> decoder) {
        return stamped(connections.execute(command(key)).getFirst(), key, decoder);
    }

    /** Reads what {@link #stamped} decodes. */
    CommandArguments command(String key) {
        return RedisConnections.command(Protocol.Command.HMGET, connections.prefix() + key, "v", "d", "o", "u", "h");
    }

    <T> Stamped<T> stamped(Object reply, String key, Decoder<T> decoder) {
        List<?> fields = (List<?>) reply;
        return fields.getFirst() == null
                ? none()
                : new Stamped<>(decoded(fields.subList(1, fields.size()), key, decoder), text(fields.getFirst()));
    }

    /** The pairing whose token has the digest. */
    Admitted<Found<Pairing>> platform(Toll toll, Sha256 token, Ahead ahead) {
        return byToken(toll, token, "p:", ahead, reply -> {
            Stamped<Pairing> pairing = stamped(reply.getFirst(), "a platform's pairing", RecordReader::pairing);
            return pairing.record()
                    .map(found -> new Found<>(
                            found,
                            switch (ahead) {
                                case Ahead.OfRequest(RequestId id) -> {
                                    RequestKey key = new RequestKey(found.id(), id);
                                    yield new SeenRequest(
                                            key, pairing, stamped(reply.get(2), Keys.of(key), RecordReader::request));
                                }
                                case Ahead.NewRequest _ -> new SeenPairing(pairing, ((Long) reply.get(1)).intValue());
                                case Ahead.Nothing _, Ahead.OfList _ -> Seen.NOTHING;
                            }));
        });
    }

    /** The device whose token has the digest. */
    Admitted<Found<Device>> device(Toll toll, Sha256 token, Ahead ahead) {
        return byToken(
                toll,
                token,
                "d:",
                ahead,
                reply -> stamped(reply.getFirst(), "a token's device", RecordReader::device)
                        .record()
                        .map(found -> new Found<>(
                                found,
                                switch (ahead) {
                                    case Ahead.OfRequest(RequestId id) -> new SeenId(id, requestOf(id, reply));
                                    case Ahead.OfList(long position) ->
                                        list(found.id(), position, (List<?>) reply.get(1));
                                    case Ahead.Nothing _, Ahead.NewRequest _ -> Seen.NOTHING;
                                })));
    }

    private Optional<SeenRequest> requestOf(RequestId id, List<?> reply) {
        return Optional.ofNullable(reply.get(1))
                .flatMap(pair -> Keys.request(text(pair), id.toString()))
                .map(key -> new SeenRequest(
                        key,
                        stamped(reply.get(2), Keys.of(key.pair()), RecordReader::pairing),
                        stamped(reply.get(3), Keys.of(key), RecordReader::request)));
    }

    /** What there is on the list is read when there is memory for it. */
    private Seen list(DeviceId device, long position, List<?> reply) {
        PageReader.Slice slice = PageReader.slice(device.value(), reply, position, this);
        return slice.last() ? new SeenList(position, slice) : Seen.NOTHING;
    }

    private <T> Admitted<T> byToken(
            Toll toll, Sha256 token, String kind, Ahead ahead, Function<List<?>, Optional<T>> reader) {
        ScriptCall find = new ScriptCall(
                Script.CALLER,
                List.of(
                        token.hex(),
                        kind,
                        ahead instanceof Ahead.OfRequest(RequestId id) ? id.toString() : "",
                        ahead instanceof Ahead.OfList(long position) ? position : ""));
        if (!(toll instanceof RedisRateLimit<?>.Taking taking)
                || taking.refused().isPresent()) {
            Grant grant = toll.take();
            return new Admitted<>(
                    grant,
                    grant.allowed()
                            ? Optional.ofNullable(connections.evalAll(find).getFirst())
                                    .flatMap(reply -> reader.apply((List<?>) reply))
                            : Optional.empty());
        }
        List<@Nullable Object> replies = connections.evalAll(new ScriptCall(Script.LIMIT, taking.arguments()), find);
        Grant grant = taking.granted(Objects.requireNonNull(replies.getFirst()), true);
        return new Admitted<>(
                grant,
                grant.allowed()
                        ? Optional.ofNullable(replies.getLast()).flatMap(reply -> reader.apply((List<?>) reply))
                        : Optional.empty());
    }

    private <T> Optional<T> decoded(List<?> fields, String key, Decoder<T> decoder) {
        return Optional.ofNullable((byte[]) fields.getFirst())
                .map(bytes -> connections.decode(
                        key,
                        bytes,
                        data -> decoder.decode(
                                data,
                                textOrNone(fields.get(1)),
                                textOrNone(fields.get(2)),
                                textOrNone(fields.get(3)))));
    }

    private static String textOrNone(@Nullable Object field) {
        return field == null ? "" : text(field);
    }
}
