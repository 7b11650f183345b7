package dev.harp.relay.store.redis;

import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.RandomHistoryTest;
import dev.harp.relay.store.RelayStore;

/** Random histories on the store in Redis. */
class RedisRandomHistoryTest extends RandomHistoryTest {
    @Override
    protected RelayStore open(ProtocolLimits terms, Capacity capacity) {
        return Stores.fresh(terms, capacity);
    }

    @Override
    protected int seeds() {
        return 3;
    }
}
