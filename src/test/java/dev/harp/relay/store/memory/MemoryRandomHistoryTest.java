package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.RandomHistoryTest;
import dev.harp.relay.store.RelayStore;

/** A long random life on the store in memory. */
class MemoryRandomHistoryTest extends RandomHistoryTest {
    @Override
    protected RelayStore open(ProtocolLimits terms, Capacity capacity) {
        return new MemoryStore(terms, capacity);
    }
}
