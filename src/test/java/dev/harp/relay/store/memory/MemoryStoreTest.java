package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.RelayStoreContract;

/** The contract on the memory store. */
class MemoryStoreTest extends RelayStoreContract {
    @Override
    protected RelayStore open(ProtocolLimits terms, Capacity capacity) {
        return new MemoryStore(terms, capacity, Samples.T0);
    }
}
