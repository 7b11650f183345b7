package dev.harp.relay.store.memory;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.device;
import static dev.harp.relay.protocol.Samples.key;
import static dev.harp.relay.protocol.Samples.pair;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.service.Rig;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.RelayStore;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A relay on memory forgets everything when it restarts, and its clients do not. */
class MemoryLostHistoryTest {

    private static RelayStore with(RelayStore store, int... numbers) {
        var _ = store.changePairing(pair(1), _ -> Change.to(Samples.active(1, 1, T0), true));
        for (int number : numbers) {
            Request request = Samples.open(key(1, number), 1, T0, Duration.ofSeconds(300));
            var _ = store.changeRequest(request.key(), (_, _, _) -> Change.to(request, true));
        }
        return store;
    }

    @Test
    void newRequestsAreNotSwallowedByCursorsOfForgottenOnes() {
        RelayStore store = with(new MemoryStore(TERMS, Rig.ROOMY, T0), 1, 2);
        Cursor read = store.inbox(device(1), Optional.empty(), 10, 1 << 20).cursor();
        Cursor seen = store.history(pair(1), Optional.empty(), 10, 1 << 20).cursor();
        RelayStore anew = with(new MemoryStore(TERMS, Rig.ROOMY, T0.plusMillis(1)), 3, 4, 5);
        Page page = anew.inbox(device(1), Optional.of(read), 10, 1 << 20);
        assertThat(page.reset(), is(true));
        assertThat(page.requests().stream().map(Request::key).toList(), contains(key(1, 3), key(1, 4), key(1, 5)));
        assertThat(anew.history(pair(1), Optional.of(seen), 10, 1 << 20).reset(), is(true));
    }
}
