package dev.harp.relay.store.redis;

import static dev.harp.relay.store.redis.RedisConnections.command;

import dev.harp.relay.store.Positions;
import java.time.InstantSource;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoScriptException;

/**
 * Has the positions of all lists leap whenever Redis may have lost changes: see {@link Positions}.
 *
 * <p>Redis keeps the name of the server state, its lineage, that the positions belong to. After a restart the server
 * has another {@code run_id}, after a failover it is another server, and after it has taken over the data of another
 * server it has another {@code master_replid}. So if the server's name is not the one that is kept, what is in Redis
 * may be a snapshot. Nothing says whether it is, and a leap that was not necessary does no harm.
 */
final class Lineage {
    /** Refusals of a server that can be read. */
    private static final Set<String> READABLE = Set.of("READONLY", "NOREPLICAS", "MISCONF");

    private final String prefix;
    private final InstantSource clock;

    /** The connections whose server has been compared. A server that restarts closes all of them. */
    private final Set<Connection> compared =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    Lineage(String prefix, InstantSource clock) {
        this.prefix = prefix;
        this.clock = clock;
    }

    /**
     * Compares the server of a connection that has not been used yet. A server that refuses all writes can be read all
     * the same, and is compared again at the next use of the connection.
     *
     * @throws JedisException if the server does not answer, or refuses; the connection is closed then
     */
    Connection begin(Connection connection) {
        try {
            if (!compared.contains(connection)) {
                compare(connection);
            }
        } catch (JedisException e) {
            if (!READABLE.contains(Fault.of(e).reason())) {
                RedisConnections.closeQuietly(connection);
                throw e;
            }
        }
        return connection;
    }

    /**
     * Compares the server's lineage with the one that is kept, and has positions leap if they differ.
     *
     * @throws JedisException if the server does not answer, or refuses
     */
    void compare(Connection connection) {
        String lineage =
                field(connection, "server", "run_id") + " " + field(connection, "replication", "master_replid");
        try {
            connection.executeCommand(leap(Script.LEAP.byDigest(), lineage));
        } catch (JedisNoScriptException _) {
            connection.executeCommand(leap(Script.LEAP.inFull(), lineage));
        }
        compared.add(connection);
    }

    private CommandArguments leap(CommandArguments call, String lineage) {
        return call.add(prefix)
                .add(Keys.LIFE.toMillis())
                .add(lineage)
                .add(Positions.at(clock.instant()))
                .add(Positions.leap());
    }

    /** A field of the server's description of itself; empty if the server does not give it. */
    private static String field(Connection connection, String section, String name) {
        String info = RedisConnections.text(connection.executeCommand(command(Protocol.Command.INFO, section)));
        Matcher field = Pattern.compile("(?m)^" + name + ":(\\w{1,64})").matcher(info);
        return field.find() ? field.group(1) : "";
    }
}
