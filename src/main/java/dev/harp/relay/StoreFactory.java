package dev.harp.relay;

import dev.harp.relay.config.RelayConfig;
import dev.harp.relay.config.Storage;
import dev.harp.relay.limit.LocalRateLimit;
import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.net.ClientKey;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.file.FileStore;
import dev.harp.relay.store.file.Sync;
import dev.harp.relay.store.memory.MemoryStore;
import dev.harp.relay.store.redis.RedisAddress;
import dev.harp.relay.store.redis.RedisBackend;
import dev.harp.relay.store.redis.RedisChangeSignal;
import dev.harp.relay.wait.ChangeSignal;
import dev.harp.relay.wait.WaitingRoom;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Where the relay keeps things, and what follows from it: a store that several relays share has bells that reach all of them, and limits
 * that all of them count by.
 *
 * @param store the records; closing it ends all of this
 * @param signal calls whoever waits, at whichever relay
 * @param calls the limit of calls of one client address
 * @param submissions the limit of submissions of one pairing
 */
record StoreFactory(RelayStore store, ChangeSignal signal, RateLimit<ClientKey> calls, RateLimit<PairId> submissions) {

    /** How soon a waiter reads again although nobody has called it: as soon as a call could have got lost. */
    static Duration reread(Storage storage) {
        return storage instanceof Storage.InRedis ? RedisChangeSignal.REREAD : WaitingRoom.NEVER;
    }

    /**
     * Opens what the operator has chosen.
     *
     * @param room where this relay's long polls wait
     * @param clock the wall clock
     * @param nanoTime a monotonic clock in nanoseconds
     */
    static StoreFactory open(RelayConfig config, WaitingRoom room, InstantSource clock, LongSupplier nanoTime) {
        ProtocolLimits terms = config.terms();
        Capacity capacity = config.capacity();
        return switch (config.storage()) {
            case Storage.InMemory() -> alone(new MemoryStore(terms, capacity), config, room, nanoTime);
            case Storage.InFile(Path directory, Sync sync) ->
                alone(
                        FileStore.open(directory, sync, terms, capacity, nanoTime, room::raiseAll),
                        config,
                        room,
                        nanoTime);
            case Storage.InRedis(RedisAddress address) -> shared(RedisBackend.open(address, room), config, clock);
        };
    }

    private static StoreFactory shared(RedisBackend redis, RelayConfig config, InstantSource clock) {
        RelayConfig.Limits limits = config.limits();
        return new StoreFactory(
                redis.store(config.terms(), config.capacity()),
                redis.signal(),
                redis.limit("client", limits.callsPerMinute(), clock),
                redis.limit("pair", limits.submissionsPerMinute(), clock));
    }

    /** A store of this relay's own: nobody else rings or counts. */
    private static StoreFactory alone(RelayStore store, RelayConfig config, WaitingRoom room, LongSupplier nanoTime) {
        RelayConfig.Limits limits = config.limits();
        return new StoreFactory(
                store,
                room,
                new LocalRateLimit<>(limits.callsPerMinute(), config.server().maxConnections(), nanoTime),
                new LocalRateLimit<>(
                        limits.submissionsPerMinute(), config.capacity().pairings(), nanoTime));
    }
}
