package dev.harp.relay.service;

import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import java.util.Optional;

/**
 * One part of a platform's stream. Its components are sent in this order: the reset, the pairing, the requests, the
 * cursor of a complete part, the end.
 *
 * @param page requests; after a reset, every request that is not sent from here to the complete part has been removed
 * @param active whether a device had joined when the part was read, as far as the platform has been told
 * @param pairing the pairing, if the platform does not know this state of it
 * @param before the position in the history at which the pairing is sent
 * @param complete whether the platform is now up to date; true once for each stream, and once more after each reset
 * @param ended why the pairing has ended; the stream ends after that
 */
public record PairingUpdate(
        Page page,
        boolean active,
        Optional<Pairing> pairing,
        Cursor before,
        boolean complete,
        Optional<Refusal> ended) {

    /** The platform's cursor at a position of the history. */
    public PairingCursor at(Cursor requests) {
        return new PairingCursor(active, requests);
    }
}
