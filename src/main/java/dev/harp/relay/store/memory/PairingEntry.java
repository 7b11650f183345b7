package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.store.Audience;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** A pairing with its requests and their history. */
final class PairingEntry {
    /** Read without the store's lock. */
    volatile Pairing pairing;
    /** Whether the device that joined has been removed. */
    boolean orphan;
    /** The bytes of its requests. */
    long bytes;

    final Map<RequestId, StoredRequest> requests = new HashMap<>();
    final Set<RequestId> open = new LinkedHashSet<>();
    final ChangeList history = new ChangeList(Audience.PLATFORM);

    PairingEntry(Pairing pairing) {
        this.pairing = pairing;
    }
}
