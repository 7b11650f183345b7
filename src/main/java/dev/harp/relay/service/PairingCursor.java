package dev.harp.relay.service;

import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.store.Cursor;
import java.util.Optional;

/**
 * How much a platform knows of its pairing.
 *
 * @param active whether it knows that a device has joined
 * @param requests what it knows of the requests
 */
public record PairingCursor(boolean active, Cursor requests) {

    /** Whether the platform knows how the pairing stands. */
    boolean knows(Pairing pairing) {
        return active == pairing.state() instanceof Pairing.Active;
    }

    /** The cursor that the text writes; empty if no relay writes such a text. */
    public static Optional<PairingCursor> parse(String text) {
        if (!text.startsWith("a") && !text.startsWith("p")) {
            return Optional.empty();
        }
        return Cursor.parse(text.substring(1)).map(requests -> new PairingCursor(text.startsWith("a"), requests));
    }

    /** The text for the wire, such as {@code a17}. */
    @Override
    public String toString() {
        return (active ? "a" : "p") + requests;
    }
}
