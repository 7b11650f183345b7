package dev.harp.relay.store.redis;

import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.model.Terms;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.wait.Bell;
import dev.harp.relay.wait.WaitingRoom;
import java.time.InstantSource;

/** All that a relay has in Redis, over one link. */
public final class RedisBackend implements AutoCloseable {
    private final Link link;
    private final RedisBell bell;

    private RedisBackend(Link link, RedisBell bell) {
        this.link = link;
        this.bell = bell;
    }

    /**
     * Begins to use Redis. If it is out of reach this takes a second or two, and goes on trying.
     *
     * @param room where this relay's long polls wait
     */
    public static RedisBackend open(RedisAddress address, WaitingRoom room) {
        return open(address, Keys.PREFIX, room);
    }

    static RedisBackend open(RedisAddress address, String prefix, WaitingRoom room) {
        Link link = new Link(address, prefix, room::ringAll);
        RedisBell bell = new RedisBell(link, room);
        link.start();
        bell.start();
        return new RedisBackend(link, bell);
    }

    /** The records. Closing this store ends everything here. */
    public RelayStore store(Terms terms, Capacity capacity) {
        return new RedisStore(link, terms, capacity, this::close);
    }

    /** Calls whoever waits, at whichever relay. */
    public Bell bell() {
        return bell;
    }

    /** A limit by which all relays count. */
    public <K> RateLimit<K> limit(String scope, int perMinute, InstantSource clock) {
        return new RedisRateLimit<>(link, scope, perMinute, clock);
    }

    @Override
    public void close() {
        bell.close();
        link.close();
    }
}
