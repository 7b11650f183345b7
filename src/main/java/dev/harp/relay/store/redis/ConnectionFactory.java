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

/** Opens connections to the server of an address, each with timeouts. */
record ConnectionFactory(RedisAddress address) {
    /** The time that a call may take in all. */
    static final Duration CALL_TIMEOUT = Duration.ofMillis(2500);

    private static final int MAX_CONNECTIONS = 4;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration POOL_TIMEOUT = Duration.ofSeconds(2);

    /** The pool for calls. With Sentinels this asks one of them for the master, and fails if none answers. */
    ConnectionProvider pool() {
        GenericObjectPoolConfig<Connection> pool = new GenericObjectPoolConfig<>();
        pool.setMaxTotal(MAX_CONNECTIONS);
        pool.setMaxIdle(MAX_CONNECTIONS);
        pool.setMaxWait(POOL_TIMEOUT);
        pool.setJmxEnabled(false);
        if (address.master().isEmpty()) {
            return new PooledConnectionProvider(address.hosts().getFirst(), config(REPLY_TIMEOUT), pool);
        }
        DefaultJedisClientConfig sentinel =
                login(DefaultJedisClientConfig.builder(), REPLY_TIMEOUT).build();
        return new SentineledConnectionProvider(
                address.master().get(), config(REPLY_TIMEOUT), pool, new HashSet<>(address.hosts()), sentinel);
    }

    /** A connection outside of the pool, for probes and for publish/subscribe. */
    Connection connect(ConnectionProvider pool) {
        return new Connection(server(pool), config(PROBE_TIMEOUT));
    }

    private HostAndPort server(ConnectionProvider pool) {
        return pool instanceof SentineledConnectionProvider watched
                ? watched.getCurrentMaster()
                : address.hosts().getFirst();
    }

    private DefaultJedisClientConfig config(Duration replyTimeout) {
        DefaultJedisClientConfig.Builder config =
                login(DefaultJedisClientConfig.builder(), replyTimeout).database(address.database());
        address.user().ifPresent(config::user);
        address.password().ifPresent(config::password);
        return config.build();
    }

    private DefaultJedisClientConfig.Builder login(DefaultJedisClientConfig.Builder config, Duration replyTimeout) {
        config.resp2()
                .clientName("harp-relay")
                .clientSetInfoConfig(ClientSetInfoConfig.DISABLED)
                .connectionTimeoutMillis((int) CONNECT_TIMEOUT.toMillis())
                .socketTimeoutMillis((int) replyTimeout.toMillis());
        if (address.tls()) {
            // The host name in the certificate is verified too.
            config.sslOptions(
                    SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL).build());
        }
        return config;
    }
}
