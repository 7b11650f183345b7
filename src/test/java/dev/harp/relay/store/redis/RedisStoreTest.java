package dev.harp.relay.store.redis;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.key;
import static dev.harp.relay.protocol.Samples.pair;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.Response;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.RelayStoreContract;
import dev.harp.relay.store.StoreResult;
import dev.harp.testing.RedisServer;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The contract of every store, on Redis. */
class RedisStoreTest extends RelayStoreContract {
    @Override
    protected RelayStore open(ProtocolLimits terms, Capacity capacity) {
        return Stores.fresh(terms, capacity);
    }

    /**
     * A relay that allows longer responses than the one before it reserves more room for each open request. That
     * refuses only new requests.
     */
    @Test
    void aFullStoreTakesResponsesAlsoIfTheyMayBeLongerNow() {
        ProtocolLimits longer =
                new ProtocolLimits(TERMS.retention(), TERMS.replayWindow(), TERMS.maxOpenRequests(), 60_000, 60_000);
        Request request = Samples.open(key(1, 1), 1, T0, Duration.ofSeconds(60));
        String prefix = RedisServer.freshPrefix();
        try (RelayStore before = Stores.on(prefix, TERMS, new Capacity(8000, 9, 9));
                RelayStore after = Stores.on(prefix, longer, new Capacity(8000, 9, 9))) {
            var _ = before.changePairing(pair(1), _ -> Change.to(Samples.active(1, 1, T0), true));
            assertThat(put(before, request), is(Optional.of(new StoreResult.Done<>(true))));
            assertThat(
                    put(after, Samples.open(key(1, 2), 1, T0, Duration.ofSeconds(60))),
                    is(Optional.of(new StoreResult.Full<>(StoreResult.Bound.WHOLE))));
            Response answer = new Response("nonce", Samples.text(50_000), Optional.empty());
            assertThat(
                    put(after, Samples.in(request, new Request.Responded(answer, T0))),
                    is(Optional.of(new StoreResult.Done<>(true))));
        }
    }

    private static Optional<StoreResult<Boolean>> put(RelayStore store, Request request) {
        return store.changeRequest(request.key(), (_, _, _) -> Change.to(request, true));
    }
}
