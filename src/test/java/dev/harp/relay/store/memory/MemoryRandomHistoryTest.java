package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.RandomHistoryTest;
import dev.harp.relay.store.RelayStore;

/** The random history on the memory store. */
class MemoryRandomHistoryTest extends RandomHistoryTest {
    @Override
    protected RelayStore open(ProtocolLimits terms, Capacity capacity) {
        return new MemoryStore(terms, capacity, Samples.T0);
    }
}
