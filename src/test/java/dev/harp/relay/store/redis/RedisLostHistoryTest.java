package dev.harp.relay.store.redis;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.device;
import static dev.harp.relay.protocol.Samples.key;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.LostHistoryContract;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.testing.RedisServer;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.args.ClientType;
import redis.clients.jedis.params.ClientKillParams;

/** A Redis that restarts with its last snapshot. */
class RedisLostHistoryTest extends LostHistoryContract {
    private final RedisServer server = RedisServer.start("--save", "", "--appendonly", "no");

    @AfterEach
    void stop() {
        server.close();
    }

    @Override
    protected RelayStore open() {
        return on(server);
    }

    private RelayStore on(RedisServer where) {
        RedisConnections connections = new RedisConnections(where.address(), Keys.PREFIX, clock, () -> {});
        connections.start();
        return new RedisStore(connections, TERMS, ROOMY, connections::close);
    }

    @Override
    protected RelayStore kept(RelayStore open) {
        try (Jedis redis = server.client()) {
            assertThat(redis.save(), is("OK"));
        }
        return open;
    }

    /** The relay goes on, and finds Redis again. It drops its broken connections when it finds that Redis is down. */
    @Override
    protected RelayStore fallenBack(RelayStore open) {
        server.kill();
        until("down", () -> outage(open).startsWith("Redis is out of reach"));
        server.restart();
        until("found again", open::reachable);
        return open;
    }

    private static String outage(RelayStore store) {
        try {
            return "none: " + store.levels();
        } catch (StoreUnavailable e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Override
    protected RelayStore restarted(RelayStore open) {
        return fallenBack(kept(open));
    }

    private static void put(RelayStore store, int number) {
        Request request = Samples.open(key(1, number), 1, T0, Duration.ofSeconds(300));
        var _ = store.changeRequest(request.key(), (_, _, _) -> Change.to(request, true));
    }

    /** The server stays the same, and so do the relay's connections, while it takes over another server's data. */
    @Test
    void aServerThatHasTakenOverOlderDataIsNoticed() {
        try (RedisServer other = RedisServer.start("--save", "");
                RelayStore store = open();
                Jedis redis = server.client();
                Jedis older = other.client()) {
            var _ = store.changePairing(Samples.pair(1), _ -> Change.to(Samples.active(1, 1, T0), true));
            put(store, 1);
            follow(older, server);
            older.replicaofNoOne();
            put(store, 2);
            put(store, 3);
            Cursor read = store.inbox(device(1), Optional.empty(), 100, 1 << 20).cursor();
            follow(redis, other);
            redis.replicaofNoOne();
            until("writable again", store::reachable);
            put(store, 4);
            put(store, 5);
            assertThat(store.inbox(device(1), Optional.of(read), 100, 1 << 20).reset(), is(true));
        }
    }

    private static void follow(Jedis replica, RedisServer master) {
        replica.replicaof("127.0.0.1", master.port());
        until("replicated", () -> replica.info("replication").contains("master_link_status:up"));
    }

    /** Without this a device that is away during a few reconnections would be reset. */
    @Test
    void aNewConnectionAloneMovesNothing() {
        try (RelayStore store = open();
                Jedis redis = server.client()) {
            var _ = store.changePairing(Samples.pair(1), _ -> Change.to(Samples.active(1, 1, T0), true));
            put(store, 1);
            String base = redis.hget(Keys.PREFIX + "base", "at");
            redis.clientKill(ClientKillParams.clientKillParams().type(ClientType.NORMAL));
            until("connected again", store::reachable);
            clock.advance(Duration.ofMinutes(1));
            try (RelayStore second = open()) {
                put(second, 2);
            }
            assertThat(redis.hget(Keys.PREFIX + "base", "at"), is(base));
            String key = Keys.PREFIX + "i:" + device(1).value();
            assertThat(Long.parseLong(redis.hget(key, "pos")), is(Long.parseLong(base) + 1));
            assertThat(redis.pttl(Keys.PREFIX + "base"), is(not(-1L)));
        }
    }

    /** Redis can be full when it restarts: responses and cancellations have to get through all the same. */
    @Test
    void aFullServerThatRestartsTakesCancellations() {
        try (RelayStore store = open();
                Jedis redis = server.client()) {
            var _ = store.changePairing(Samples.pair(1), _ -> Change.to(Samples.active(1, 1, T0), true));
            put(store, 1);
            redis.hset(Keys.PREFIX + "base", "lineage", "another");
            redis.configSet("maxmemory", "1");
            try (RelayStore second = open()) {
                Request cancelled =
                        Samples.in(Samples.open(key(1, 1), 1, T0, Duration.ofSeconds(300)), new Request.Cancelled(T0));
                var _ = second.changeRequest(cancelled.key(), (_, _, _) -> Change.to(cancelled, true));
                assertThat(second.request(key(1, 1)), is(Optional.of(cancelled)));
            }
            assertThat(redis.hget(Keys.PREFIX + "base", "lineage"), is(not("another")));
        }
    }
}
