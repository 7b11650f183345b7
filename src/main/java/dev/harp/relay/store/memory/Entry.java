package dev.harp.relay.store.memory;

import dev.harp.relay.model.Request;
import java.util.Optional;

/** A request and its places in the store. */
final class Entry {
    Request request;
    long position;
    Optional<Schedule.Slot> slot = Optional.empty();

    Entry(Request request) {
        this.request = request;
    }
}
