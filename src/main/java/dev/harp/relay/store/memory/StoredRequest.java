package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.Request;

/** A request, and its positions in the store's lists. */
final class StoredRequest {
    /** The position in the order of all submissions. */
    final long number;

    Request request;
    /** The position in the device's list. */
    long position;

    /** The position in the pairing's history. */
    long change;

    StoredRequest(long number, Request request) {
        this.number = number;
        this.request = request;
    }

    Contents.Listed listed() {
        return new Contents.Listed(request, number, position, change);
    }
}
