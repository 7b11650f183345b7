package dev.harp.relay.store;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.service.Rig;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * A long random history of a relay, step by step beside {@link NaiveRelay}: every result, every list and every level
 * must be the same. A failure names the seed and the step; the same seed fails again. One subclass for each store.
 *
 * <p>More seeds: {@code -Dharp.history.seeds=1000}.
 */
public abstract class RandomHistoryTest {
    private static final int STEPS = 3000;
    private static final int SEEDS = Integer.getInteger("harp.history.seeds", 0);

    /** An empty store. */
    protected abstract RelayStore open(ProtocolLimits terms, Capacity capacity);

    /** How many histories, unless the command line says otherwise. */
    protected int seeds() {
        return 12;
    }

    @Test
    void relayFollowsTheProtocol() {
        Map<String, Integer> counts = new TreeMap<>();
        int seeds = SEEDS > 0 ? SEEDS : seeds();
        for (int seed = 1; seed <= seeds; seed++) {
            try (RelayStore store = open(Samples.TERMS, Rig.ROOMY)) {
                RandomHistory history = new RandomHistory(store, seed, counts);
                for (int step = 1; step <= STEPS; step++) {
                    history.step(step);
                }
                history.end();
            }
        }
        System.out.println(
                getClass().getSimpleName() + ": " + seeds + " seeds of " + STEPS + " steps; answers " + counts);
        for (String seen : List.of(
                "join already_paired",
                "join pairing_expired",
                "join pair_revoked",
                "submit again",
                "submit stale_request_id",
                "submit duplicate_request",
                "submit too_many_open_requests",
                "respond already_responded",
                "respond request_expired",
                "respond request_cancelled",
                "list reset",
                "rotate ok",
                "rotate unauthorized",
                "list cancelled")) {
            assertThat(seen, counts.getOrDefault(seen, 0), is(greaterThan(0)));
        }
    }
}
