package dev.harp.relay.store.redis;

import static dev.harp.relay.store.redis.RedisConnections.text;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.store.codec.Records;
import java.util.List;
import java.util.Optional;
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
                ? new Stamped<>(Optional.empty(), "")
                : new Stamped<>(decoded(fields.subList(1, fields.size()), key, decoder), text(fields.getFirst()));
    }

    /** The record whose token has the digest, if it is of the kind. */
    <T> Optional<T> byToken(Sha256 token, String kind, Decoder<T> decoder) {
        return connections
                .eval(Script.TOKEN, token.hex(), kind)
                .flatMap(reply -> decoded((List<?>) reply, "a token's " + kind, decoder));
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
