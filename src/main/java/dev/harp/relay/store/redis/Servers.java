package dev.harp.relay.store.redis;

import java.time.Duration;
import java.util.HashSet;
import org.apache.commons.pool2.impl.GenericObjectPoolConfig;
import redis.clients.jedis.ClientSetInfoConfig;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;
import redis.clients.jedis.providers.ConnectionProvider;
import redis.clients.jedis.providers.PooledConnectionProvider;
import redis.clients.jedis.providers.SentineledConnectionProvider;

/** Opens connections to the server of an address, all of them with times that end. */
final class Servers {
    /** How long a call waits at most. */
    static final Duration PATIENCE = Duration.ofMillis(2500);

    private static final int CONNECTIONS = 4;
    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(2);
    private static final Duration PROBE = Duration.ofSeconds(1);
    private static final Duration QUEUE = Duration.ofSeconds(2);

    private final RedisAddress address;

    Servers(RedisAddress address) {
        this.address = address;
    }

    /** The connections of the calls. With Sentinels this asks one of them, and fails if none answers. */
    ConnectionProvider pool() {
        GenericObjectPoolConfig<Connection> pool = new GenericObjectPoolConfig<>();
        pool.setMaxTotal(CONNECTIONS);
        pool.setMaxIdle(CONNECTIONS);
        pool.setMaxWait(QUEUE);
        pool.setJmxEnabled(false);
        if (address.master().isEmpty()) {
            return new PooledConnectionProvider(address.hosts().getFirst(), config(ANSWER), pool);
        }
        DefaultJedisClientConfig sentinel =
                login(DefaultJedisClientConfig.builder(), ANSWER).build();
        return new SentineledConnectionProvider(
                address.master().get(), config(ANSWER), pool, new HashSet<>(address.hosts()), sentinel);
    }

    /** A connection of its own, for a probe, or for a bell. */
    Connection connect(ConnectionProvider pool) {
        return new Connection(server(pool), config(PROBE));
    }

    private HostAndPort server(ConnectionProvider pool) {
        return pool instanceof SentineledConnectionProvider watched
                ? watched.getCurrentMaster()
                : address.hosts().getFirst();
    }

    private DefaultJedisClientConfig config(Duration answer) {
        DefaultJedisClientConfig.Builder config =
                login(DefaultJedisClientConfig.builder(), answer).database(address.database());
        address.user().ifPresent(config::user);
        address.password().ifPresent(config::password);
        return config.build();
    }

    private DefaultJedisClientConfig.Builder login(DefaultJedisClientConfig.Builder config, Duration answer) {
        config.resp2()
                .clientName("harp-relay")
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                .connectionTimeoutMillis((int) CONNECT.toMillis())
                .socketTimeoutMillis((int) answer.toMillis());
        if (address.tls()) {
            // The certificate's name is checked too.
            config.sslOptions(
                    SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL).build());
        }
        return config;
    }

    /** For the log. */
    @Override
    public String toString() {
        return address.toString();
    }

    /** The number of the database, by which relays of different databases of one server are kept apart. */
    int database() {
        return address.database();
    }
}
