package dev.harp.relay.store.redis;

import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.wait.ChangeSignal;
import dev.harp.relay.wait.WaitingRoom;
import java.time.InstantSource;

/** Store, change signal and rate limits on one Redis. */
public final class RedisBackend implements AutoCloseable {
    private final RedisConnections connections;
    private final InstantSource clock;
    private final RedisChangeSignal signal;

    private RedisBackend(RedisConnections connections, InstantSource clock, RedisChangeSignal signal) {
        this.connections = connections;
        this.clock = clock;
        this.signal = signal;
    }

    /**
     * Connects to Redis. If Redis is out of reach, this returns after a second or two, and later attempts follow in the
     * background.
     *
     * @param clock the wall clock, which the relays must have in common to a second or so
     * @param room where this relay's long polls are parked
     */
    public static RedisBackend open(RedisAddress address, InstantSource clock, WaitingRoom room) {
        RedisConnections connections = new RedisConnections(address, Keys.PREFIX, clock, room::raiseAll);
        RedisChangeSignal signal = new RedisChangeSignal(connections, room);
        connections.start();
        signal.start();
        return new RedisBackend(connections, clock, signal);
    }

    /** The records. Closing the store closes everything here. */
    public RelayStore store(ProtocolLimits terms, Capacity capacity) {
        return new RedisStore(connections, terms, capacity, this::close);
    }

    /** Wakes the waiters of all relays. */
    public ChangeSignal signal() {
        return signal;
    }

    /** A limit that all relays share. */
    public <K> RateLimit<K> limit(String scope, int perMinute) {
        return new RedisRateLimit<>(connections, scope, perMinute, clock, System::nanoTime);
    }

    @Override
    public void close() {
        signal.close();
        connections.close();
    }
}
