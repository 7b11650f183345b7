package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.Pairing;

/**
 * Receives every change of a {@link MemoryStore}. A copy of the {@link Contents} to which all of them are applied
 * equals the original.
 *
 * <p>Called under the store's lock, in the order of the changes, and possibly several times for one change. It must be
 * quick, and must not call the store.
 */
public interface Journal {
    /** Discards all changes. */
    Journal NONE = new Journal() {};

    /** The pairing was added or changed. */
    default void stored(Pairing pairing) {}

    /** The pairing was removed. */
    default void removed(Pairing pairing) {}

    /** The device was added or changed. */
    default void stored(Device device) {}

    /** The device was removed. */
    default void removed(Device device) {}

    /** The request was added, changed or moved. */
    default void stored(Contents.Listed request) {}

    /** The request was removed. */
    default void removed(Contents.Listed request) {}

    /** The list of the device or pairing with that id has these counters now. */
    default void counted(String list, Contents.Counters counters) {}

    /** The list of the device or pairing with that id was removed. */
    default void dropped(String list) {}
}
