package dev.harp.relay.store.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/** Finds out whether Redis can be written, and whether it is one to which records can be trusted. For one thread at a time. */
final class Probe implements AutoCloseable {
    private static final int MAJOR = 6;
    private static final int MINOR = 2;

    /**
     * Tries each command of the store's scripts and of the bell at a key that holds a text. Redis looks at a user's rights before it looks at the
     * key: where the key is of the wrong kind nothing has happened, and the command is allowed.
     */
    private static final String RIGHTS = """
        local key, channel = ARGV[1], ARGV[2]
        local commands = {
            {'SET', key, '1', 'PX', 60000}, {'GET', key}, {'EXISTS', key}, {'PEXPIRE', key, 60000}, {'PUBLISH', channel, ''},
            {'HGET', key, 'x'}, {'HMGET', key, 'x'}, {'HSET', key, 'x', '1'}, {'HDEL', key, 'x'}, {'HKEYS', key},
            {'HINCRBY', key, 'x', 1}, {'SADD', key, 'x'}, {'SREM', key, 'x'}, {'SCARD', key}, {'SMEMBERS', key},
            {'ZADD', key, 1, 'x'}, {'ZREM', key, 'x'}, {'ZRANGEBYSCORE', key, 0, 0},
            {'LINDEX', key, 0}, {'LREM', key, 1, 'x'}, {'RPUSH', key, 'x'}, {'DEL', key},
        }
        for _, command in ipairs(commands) do
            local answer = redis.pcall(unpack(command))
            if type(answer) == 'table' and answer.err and not string.find(answer.err, 'WRONGTYPE', 1, true) then
                return answer
            end
        end
        return 'OK'
        """;

    private static final String RIGHTS_DIGEST = Script.sha1(RIGHTS);

    private final String key;
    private final String channel;
    private Optional<Connection> connection = Optional.empty();
    private volatile boolean doubted;

    Probe(String prefix) {
        this.key = prefix + "probe";
        this.channel = prefix + "bell:probe";
    }

    /** Has the next look ask about the user's rights again, since a call was denied. From any thread. */
    void doubt() {
        doubted = true;
    }

    /**
     * What is wrong, if anything is. Writes a small key, as new work would, and asks about the server and about the user's rights at each new connection,
     * about its memory always.
     */
    Optional<Fault> failure(Supplier<Connection> connect) {
        try {
            boolean first = connection.isEmpty();
            boolean rights = first || doubted;
            Connection own = connection.orElseGet(connect);
            connection = Optional.of(own);
            Optional<Fault> wrong = first ? version(info(own, "server")) : Optional.empty();
            wrong = wrong.or(() -> eviction(info(own, "memory")));
            if (wrong.isEmpty()) {
                own.executeCommand(new CommandArguments(Protocol.Command.SET)
                        .add(key)
                        .add("1")
                        .add("PX")
                        .add(60_000));
                if (rights) {
                    doubted = false;
                    tryRights(own);
                }
            } else {
                close();
            }
            return wrong;
        } catch (JedisException e) {
            close();
            return Optional.of(Fault.of(e));
        }
    }

    private void tryRights(Connection own) {
        try {
            own.executeCommand(tried(Protocol.Command.EVALSHA, RIGHTS_DIGEST));
        } catch (JedisNoScriptException _) {
            // Then it may be asked for, which is what was to be seen.
        }
        own.executeCommand(tried(Protocol.Command.EVAL, RIGHTS));
    }

    private CommandArguments tried(Protocol.Command command, String script) {
        return new CommandArguments(command).add(script).add(0).add(key).add(channel);
    }

    private static String info(Connection connection, String section) {
        return connection.executeCommand(new CommandArguments(Protocol.Command.INFO).add(section))
                        instanceof byte[] text
                ? new String(text, StandardCharsets.UTF_8)
                : "";
    }

    /** Valkey tells the version of Redis with which it is compatible. */
    static Optional<Fault> version(String info) {
        Matcher number =
                Pattern.compile("(?m)^redis_version:(\\d{1,4})\\.(\\d{1,4})").matcher(info);
        if (!number.find()) {
            return Optional.empty();
        }
        List<Integer> version = List.of(Integer.valueOf(number.group(1)), Integer.valueOf(number.group(2)));
        boolean old = version.getFirst() < MAJOR || (version.getFirst() == MAJOR && version.getLast() < MINOR);
        return old
                ? Optional.of(Fault.unusable("version", "it has to be Redis 6.2 or later, or Valkey"))
                : Optional.empty();
    }

    /** A server that makes room by dropping keys would drop what the relay has accepted. */
    static Optional<Fault> eviction(String info) {
        boolean bounded = Pattern.compile("(?m)^maxmemory:[1-9]").matcher(info).find();
        boolean keeps = Pattern.compile("(?m)^maxmemory_policy:noeviction\\s*$")
                .matcher(info)
                .find();
        return bounded && !keeps
                ? Optional.of(Fault.unusable(
                        "eviction", "set maxmemory-policy to noeviction: with another it drops what was accepted"))
                : Optional.empty();
    }

    @Override
    public void close() {
        connection.ifPresent(Probe::closeQuietly);
        connection = Optional.empty();
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (JedisException _) {
            // It was broken, which is why it is closed.
        }
    }
}
