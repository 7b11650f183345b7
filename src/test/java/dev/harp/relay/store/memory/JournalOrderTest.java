package dev.harp.relay.store.memory;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.StoreResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A pairing or device is read without a lock: what a reader finds has to be in the journal before. */
class JournalOrderTest {
    private final List<String> found = new ArrayList<>();
    private final MemoryStore store =
            new MemoryStore(TERMS, new Capacity(1 << 20, 10, 10), Contents.NONE, T0, () -> {}, () -> new Journal() {
                @Override
                public void put(Pairing pairing, Optional<Pairing> after) {
                    found.add(state(store().pairing(pairing.id()).or(() -> store().pairingByToken(pairing.token()))));
                }

                @Override
                public void put(Device device, Optional<Device> after) {
                    found.add(store().device(device.id())
                            .or(() -> store().deviceByToken(device.token()))
                            .map(known -> "pushToken " + known.pushToken().isPresent())
                            .orElse("none"));
                }
            });

    private MemoryStore store() {
        return store;
    }

    private static String state(Optional<Pairing> pairing) {
        return pairing.map(known -> known.state().getClass().getSimpleName()).orElse("none");
    }

    @Test
    void whatAReaderFindsOfAPairingIsInTheJournal() {
        for (Optional<Pairing> after : List.of(
                Optional.of(Samples.pending(1, T0)),
                Optional.of(Samples.active(1, 1, T0)),
                Optional.<Pairing>empty())) {
            StoreResult<Boolean> _ = store.changePairing(Samples.pair(1), _ -> new Change<>(after, true));
        }
        assertThat(found, contains("none", "Pending", "Active"));
    }

    @Test
    void whatAReaderFindsOfADeviceIsInTheJournal() {
        Device phone = Samples.phone(1, T0);
        for (Optional<Device> after : List.of(Optional.of(phone), Optional.<Device>empty())) {
            StoreResult<Boolean> _ = store.changeDevice(phone.id(), _ -> new Change<>(after, true));
        }
        assertThat(found, contains("none", "pushToken " + phone.pushToken().isPresent()));
    }
}
