package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.store.Audience;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
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

    /**
     * The pairings of a removed device are to be revoked, and the open requests of a revoked pairing to be ended. Both
     * are due until they are done, because the thread that began may stop in between.
     */
    Optional<Instant> dueAt(ProtocolLimits limits) {
        return switch (pairing.state()) {
            case Pairing.Active _ when orphan -> Optional.of(Instant.EPOCH);
            case Pairing.Revoked revoked when !open.isEmpty() -> Optional.of(revoked.at());
            default -> limits.dueAt(pairing);
        };
    }
}
