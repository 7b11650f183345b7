package dev.harp.relay.service;

import dev.harp.relay.store.Cursor;
import java.util.Optional;

/**
 * A platform's position in the stream of its pairing.
 *
 * @param active whether the platform knows that a device has joined
 * @param requests its position in the history of the requests
 */
public record PairingCursor(boolean active, Cursor requests) {

    /** The cursor that the text stands for; empty if no relay writes such a text. */
    public static Optional<PairingCursor> parse(String text) {
        if (!text.startsWith("a") && !text.startsWith("p")) {
            return Optional.empty();
        }
        return Cursor.parse(text.substring(1)).map(requests -> new PairingCursor(text.startsWith("a"), requests));
    }

    /** The text on the wire, such as {@code a17}. */
    @Override
    public String toString() {
        return (active ? "a" : "p") + requests;
    }
}
