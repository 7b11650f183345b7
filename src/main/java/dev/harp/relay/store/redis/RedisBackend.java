package dev.harp.relay.store.redis;

import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.wait.ChangeSignal;
import dev.harp.relay.wait.WaitingRoom;
import java.time.InstantSource;

/** All that a relay has in Redis, over one link. */
public final class RedisBackend implements AutoCloseable {
    private final Link link;
    private final RedisChangeSignal signal;

    private RedisBackend(Link link, RedisChangeSignal signal) {
        this.link = link;
        this.signal = signal;
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
        Link link = new Link(address, prefix, room::raiseAll);
        RedisChangeSignal signal = new RedisChangeSignal(link, room);
        link.start();
        signal.start();
        return new RedisBackend(link, signal);
    }

    /** The records. Closing this store ends everything here. */
    public RelayStore store(ProtocolLimits terms, Capacity capacity) {
        return new RedisStore(link, terms, capacity, this::close);
    }

    /** Calls whoever waits, at whichever relay. */
    public ChangeSignal signal() {
        return signal;
    }

    /** A limit by which all relays count. */
    public <K> RateLimit<K> limit(String scope, int perMinute, InstantSource clock) {
        return new RedisRateLimit<>(link, scope, perMinute, clock, System::nanoTime);
    }

    @Override
    public void close() {
        signal.close();
        link.close();
    }
}
