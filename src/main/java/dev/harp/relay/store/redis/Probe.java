package dev.harp.relay.store.redis;

import static dev.harp.relay.store.redis.RedisConnections.command;

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

/** Checks whether Redis can be written, and whether its configuration is safe for records. For one thread at a time. */
final class Probe implements AutoCloseable {
    private static final int MAJOR = 6;
    private static final int MINOR = 2;

    private final String prefix;
    private final Lineage lineage;
    private final String key;
    private final String channel;
    private Optional<Connection> connection = Optional.empty();
    private volatile boolean recheckRights;

    Probe(String prefix, Lineage lineage) {
        this.prefix = prefix;
        this.lineage = lineage;
        this.key = prefix + "probe";
        this.channel = prefix + "bell:probe";
    }

    /** Makes the next run check the user's rights again, because a call was denied. May be called by any thread. */
    void recheckRights() {
        recheckRights = true;
    }

    /**
     * Returns what is wrong, if anything is. Every run writes a small key, as new work would, reads the memory
     * settings, and compares the server's {@link Lineage}. The version, the mode and the user's rights are checked once
     * for each connection.
     */
    Optional<Fault> run(Supplier<Connection> connect) {
        try {
            boolean first = connection.isEmpty();
            boolean rights = first || recheckRights;
            Connection own = connection.orElseGet(connect);
            connection = Optional.of(own);
            Optional<Fault> wrong = first ? server(info(own, "server")) : Optional.empty();
            wrong = wrong.or(() -> eviction(info(own, "memory")));
            if (wrong.isEmpty()) {
                own.executeCommand(command(Protocol.Command.SET, key, "1", "PX", 60_000));
                lineage.compare(own);
                if (rights) {
                    recheckRights = false;
                    checkRights(own);
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

    private void checkRights(Connection own) {
        try {
            own.executeCommand(rightsCheck(Script.RIGHTS.byDigest()));
        } catch (JedisNoScriptException _) {
            // The user may run EVALSHA, which is all that was to be checked.
        }
        own.executeCommand(rightsCheck(Script.RIGHTS.inFull()));
    }

    private CommandArguments rightsCheck(CommandArguments call) {
        return call.add(prefix).add(Keys.LIFE.toMillis()).add(key).add(channel);
    }

    private static String info(Connection connection, String section) {
        return RedisConnections.text(connection.executeCommand(command(Protocol.Command.INFO, section)));
    }

    /** Valkey reports the version of Redis with which it is compatible. */
    static Optional<Fault> server(String info) {
        if (Pattern.compile("(?m)^redis_mode:cluster\\s*$").matcher(info).find()) {
            return Optional.of(Fault.unusable(
                    "cluster",
                    "set cluster-enabled to no, or use another server: a script of the relay needs all keys on one"
                            + " server, which may have replicas and Sentinels"));
        }
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

    /** A server that evicts keys when it is full would lose requests that the relay has accepted. */
    static Optional<Fault> eviction(String info) {
        boolean bounded = Pattern.compile("(?m)^maxmemory:[1-9]").matcher(info).find();
        boolean keeps = Pattern.compile("(?m)^maxmemory_policy:noeviction\\s*$")
                .matcher(info)
                .find();
        return bounded && !keeps
                ? Optional.of(Fault.unusable(
                        "eviction", "set maxmemory-policy to noeviction: any other policy loses accepted requests"))
                : Optional.empty();
    }

    @Override
    public void close() {
        connection.ifPresent(RedisConnections::closeQuietly);
        connection = Optional.empty();
    }
}
