package dev.harp.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.harp.message.PairingLink;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/** A hostile relay, and a device that joins there. */
abstract class JoiningRig {
    final TwoEnds ends = new TwoEnds();

    @AfterEach
    void close() {
        ends.close();
    }

    Joining begun(PairingLink link) throws Exception {
        return assertInstanceOf(Device.Begun.class, ends.join(link)).joining();
    }

    void assertNothingJoined() {
        DeviceState state = ends.phoneStore.read().orElseThrow();
        assertEquals(Optional.empty(), state.join());
        assertEquals(List.of(), state.pairings());
    }
}
