package dev.harp.relay.store;

import dev.harp.relay.protocol.RequestId;

/** What a call will ask for once its caller is known, which a store may read together with the caller's record. */
public sealed interface Ahead {

    /** Nothing that could be read. */
    record Nothing() implements Ahead {}

    /** To add a request of the platform. */
    record NewRequest() implements Ahead {}

    /** The caller's request with that id. */
    record OfRequest(RequestId id) implements Ahead {}

    /**
     * The device's list.
     *
     * @param position that of its cursor, or 0
     */
    record OfList(long position) implements Ahead {}
}
