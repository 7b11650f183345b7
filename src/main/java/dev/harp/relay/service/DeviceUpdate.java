package dev.harp.relay.service;

import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import java.util.List;
import java.util.Optional;

/**
 * A piece of what a device has to know.
 *
 * @param reset whether the cursor that it had is not covered any more: whatever is not told from here to {@code current} is over
 * @param requests open requests, and cancelled ones
 * @param current what the device knows by now, once it has been told all; told once, and again after a reset
 */
public record DeviceUpdate(boolean reset, List<Page.Entry> requests, Optional<Cursor> current) {

    /** Copies the requests. */
    public DeviceUpdate {
        requests = List.copyOf(requests);
    }
}
