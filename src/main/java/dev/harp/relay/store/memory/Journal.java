package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.store.Positions;
import dev.harp.relay.store.StoreSecret;
import java.util.Optional;

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

    /** The pairing was added or changed; or removed, if there is none after the change. */
    default void put(Pairing pairing, Optional<Pairing> after) {}

    /** The same of a device. */
    default void put(Device device, Optional<Device> after) {}

    /** The same of a request, which may also have moved. */
    default void put(Contents.Listed request, Optional<Contents.Listed> after) {}

    /** The list of the device or pairing with that id has these positions now; or was removed, if there are none. */
    default void put(String list, Optional<Positions> after) {}

    /** The secret was added. */
    default void put(StoreSecret secret, String text) {}
}
