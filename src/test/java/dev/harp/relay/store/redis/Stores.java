package dev.harp.relay.store.redis;

import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.RelayStore;
import dev.harp.testing.RedisServer;
import java.time.InstantSource;

/** Stores on the shared server, each with a prefix of its own. */
final class Stores {
    private Stores() {}

    static RelayStore fresh(ProtocolLimits terms, Capacity capacity) {
        return on(RedisServer.freshPrefix(), terms, capacity);
    }

    static RelayStore on(String prefix, ProtocolLimits terms, Capacity capacity) {
        RedisConnections connections =
                new RedisConnections(RedisServer.shared().address(), prefix, InstantSource.system(), () -> {});
        connections.start();
        return new RedisStore(connections, terms, capacity, connections::close);
    }
}
