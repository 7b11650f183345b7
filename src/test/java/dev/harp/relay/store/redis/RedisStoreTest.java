package dev.harp.relay.store.redis;

import dev.harp.relay.model.Terms;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.RelayStoreContract;

/** The contract of every store, on Redis. */
class RedisStoreTest extends RelayStoreContract {
    @Override
    protected RelayStore open(Terms terms, Capacity capacity) {
        return Stores.fresh(terms, capacity);
    }
}
