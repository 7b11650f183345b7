package dev.harp.relay;

import dev.harp.relay.config.RelayConfig;
import dev.harp.relay.config.Storage;
import dev.harp.relay.limit.LocalRateLimit;
import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.net.ClientKey;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreUnusable;
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

/**
 * Opens the store that the operator has chosen, and what depends on that choice: with a store that several relays
 * share, signals reach the waiters of all of them, and all of them count by the same rate limits.
 *
 * @param room where this relay's long polls wait
 */
record StoreFactory(RelayConfig config, WaitingRoom room, Relay.Sources sources) {

    /**
     * An open store. Closing it closes the others.
     *
     * @param signal reaches the waiters of every relay on the store
     * @param calls the limit of calls of one client
     * @param submissions the limit of submissions of one pairing
     */
    record Opened(RelayStore store, ChangeSignal signal, RateLimit<ClientKey> calls, RateLimit<PairId> submissions) {}

    /** How often a waiter reads again without a signal. Only a signal that crosses the network can be lost. */
    static Duration reread(Storage storage) {
        return storage instanceof Storage.InRedis ? RedisChangeSignal.REREAD : WaitingRoom.NEVER;
    }

    /**
     * Opens the store.
     *
     * @throws StoreUnusable if it cannot be used as it is
     */
    Opened open() {
        return switch (config.storage()) {
            case Storage.InMemory() ->
                local(new MemoryStore(
                        config.terms(), config.capacity(), sources.clock().instant()));
            case Storage.InFile(Path directory, Sync sync) ->
                local(FileStore.open(
                        directory,
                        sync,
                        config.terms(),
                        config.capacity(),
                        sources.clock(),
                        sources.nanoTime(),
                        room::raiseAll));
            case Storage.InRedis(RedisAddress address) -> shared(RedisBackend.open(address, sources.clock(), room));
        };
    }

    /** As many clients are remembered as there may be connections. */
    private Opened local(RelayStore store) {
        RelayConfig.Limits limits = config.limits();
        return new Opened(
                store,
                room,
                new LocalRateLimit<>(limits.callsPerMinute(), config.server().maxConnections(), sources.nanoTime()),
                new LocalRateLimit<>(
                        limits.submissionsPerMinute(), config.capacity().pairings(), sources.nanoTime()));
    }

    private Opened shared(RedisBackend redis) {
        return new Opened(
                redis.store(config.terms(), config.capacity()),
                redis.signal(),
                redis.limit("client", config.limits().callsPerMinute()),
                redis.limit("pair", config.limits().submissionsPerMinute()));
    }
}
