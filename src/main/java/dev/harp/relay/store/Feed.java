package dev.harp.relay.store;

import dev.harp.relay.model.Request;
import java.util.List;

/**
 * A part of what one device has to know, in the order in which it happened.
 *
 * @param entries open and cancelled requests as they are stored
 * @param cursor what the device knows once it has this part
 * @param reset whether the cursor that was asked for is not covered any more, so that this part starts anew
 */
public record Feed(List<Request> entries, Cursor cursor, boolean reset) {

    /** Copies the entries. */
    public Feed {
        entries = List.copyOf(entries);
    }
}
