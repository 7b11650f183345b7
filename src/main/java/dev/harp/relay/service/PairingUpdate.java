package dev.harp.relay.service;

import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Request;
import java.util.List;
import java.util.Optional;

/**
 * A piece of what a platform has to know, in the order in which it is to be told.
 *
 * @param reset whether the cursor that it had is not covered any more: whatever is not told from here to {@code current} is forgotten
 * @param pairing how the pairing stands, if the platform does not know that
 * @param before what the platform knows once it has been told that
 * @param requests requests as they stand
 * @param current what the platform knows by now, once it has been told all; told once, and again after a reset
 * @param ended why the pairing is of no use any more; nothing comes after that
 */
public record PairingUpdate(
        boolean reset,
        Optional<Pairing> pairing,
        PairingCursor before,
        List<Told> requests,
        Optional<PairingCursor> current,
        Optional<Refusal> ended) {

    /**
     * A request as it stands.
     *
     * @param cursor what the platform knows once it is told, and all before it
     */
    public record Told(Request request, PairingCursor cursor) {}

    /** Copies the requests. */
    public PairingUpdate {
        requests = List.copyOf(requests);
    }
}
