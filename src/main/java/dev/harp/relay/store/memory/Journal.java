package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.Pairing;

/**
 * Is told of every change of a {@link MemoryStore}, so that whoever applies the same to its own copy of the {@link Contents} has the same.
 *
 * <p>It is told under the store's lock, in the order of the changes, and possibly several times for one of them: it must be quick, and
 * must not call the store.
 */
public interface Journal {
    /** Forgets what it is told. */
    Journal NONE = new Journal() {};

    /** The pairing is stored, new or changed. */
    default void stored(Pairing pairing) {}

    /** The pairing is gone. */
    default void removed(Pairing pairing) {}

    /** The device is stored, new or changed. */
    default void stored(Device device) {}

    /** The device is gone. */
    default void removed(Device device) {}

    /** The request is stored, new, changed or moved. */
    default void stored(Contents.Listed request) {}

    /** The request is gone. */
    default void removed(Contents.Listed request) {}

    /** The counters of the list of the device or pairing of that id are now these. */
    default void counted(String list, Contents.Counters counters) {}

    /** The list of the device or pairing of that id is gone. */
    default void dropped(String list) {}
}
