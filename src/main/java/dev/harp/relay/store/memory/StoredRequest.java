package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.Request;
import java.util.Optional;

/** A request and its places in the store. */
final class StoredRequest {
    /** In the order of all submissions. */
    final long number;

    Request request;
    /** In the device's list. */
    long position;

    /** In the pairing's history. */
    long change;

    Optional<Schedule.Slot> slot = Optional.empty();

    StoredRequest(long number, Request request) {
        this.number = number;
        this.request = request;
    }

    Contents.Listed listed() {
        return new Contents.Listed(request, number, position, change);
    }
}
