package dev.harp.relay.store.redis;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.key;
import static dev.harp.relay.protocol.Samples.pair;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.service.Rig;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.DueRecord;
import dev.harp.relay.store.Levels;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.testing.RedisServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** How two relays on one Redis share what is due. */
class RedisClaimTest {
    private static final Capacity ROOMY = new Capacity(1 << 24, 1000, 1000);
    private static final Instant END = T0.plusSeconds(300);

    private final String prefix = RedisServer.freshPrefix();
    private final RelayStore one = Stores.on(prefix, TERMS, ROOMY);
    private final RelayStore other = Stores.on(prefix, TERMS, ROOMY);

    @AfterEach
    void close() {
        one.close();
        other.close();
    }

    @Test
    void aRecordIsHandedToOneRelayUntilItsLeaseEnds() {
        var _ = one.changePairing(pair(1), _ -> Change.to(Samples.pending(1, T0), true));
        List<DueRecord> due = List.of(new DueRecord.OfPairing(pair(1)));
        assertThat(one.due(END, 10), is(due));
        assertThat(other.due(END, 10), is(empty()));
        assertThat(other.due(END.plus(RedisStore.LEASE).minusMillis(1), 10), is(empty()));
        assertThat(other.due(END.plus(RedisStore.LEASE), 10), is(due));
    }

    /** A request whose key has expired leaves nothing behind in the sums and indexes. */
    @Test
    void anExpiredKeyIsRemovedEverywhere() {
        var _ = one.changePairing(pair(1), _ -> Change.to(Samples.active(1, 1, T0), true));
        Levels before = one.levels();
        Request request = Samples.open(key(1, 1), 1, T0, Duration.ofSeconds(60));
        var _ = one.changeRequest(key(1, 1), (_, _, _) -> Change.to(request, true));
        try (Jedis redis = RedisServer.shared().client()) {
            redis.del(prefix + "r:" + pair(1) + ":" + key(1, 1).request());
        }
        assertThat(other.due(END, 10), is(empty()));
        assertThat(other.levels(), is(before));
        assertThat(other.openRequests(pair(1)), is(empty()));
        assertThat(other.requestOf(Samples.device(1), key(1, 1).request()), is(Optional.empty()));
    }

    /**
     * Section 7.4, with two clocks: an id that the relay with the faster clock has forgotten is stale at the other one,
     * too.
     */
    @Test
    void noIdTakesEffectTwiceAtRelaysWhoseClocksDiffer() {
        Rig ahead = new Rig(one, TERMS, 0, 10);
        Rig behind = new Rig(other, TERMS, 0, 10);
        ahead.clock.advance(Duration.ofSeconds(1));
        Rig.Pair pair = ahead.pair();
        RequestId id = behind.id(1);
        assertThat(Rig.ok(behind.submit(pair, id)).repeated(), is(false));
        assertThat(Rig.ok(behind.requests.cancel(pair.platform(), id)).stateName(), is("cancelled"));
        for (int seconds = 0; seconds < 310; seconds++) {
            ahead.clock.advance(Duration.ofSeconds(1));
            behind.clock.advance(Duration.ofSeconds(1));
            ahead.lifecycle.processDue();
            if (other.request(new RequestKey(pair.id(), id)).isEmpty()) {
                Rig.refused(ErrorCode.STALE_REQUEST_ID, behind.submit(pair, id));
            }
        }
        assertThat(other.levels().endedRequests(), is(0));
    }

    /**
     * A damaged record is handed out again and again. Other records that are due at the same time are processed all the
     * same.
     */
    @Test
    void aDamagedRecordHoldsUpNothingElse() {
        Rig rig = new Rig(one, TERMS, 0, 10);
        rig.clock.set(T0.plus(Duration.ofHours(1)));
        for (int i = 1; i <= 3; i++) {
            int number = i;
            var _ = one.changePairing(pair(i), _ -> Change.to(Samples.pending(number, T0), true));
        }
        try (Jedis redis = RedisServer.shared().client()) {
            redis.hset(prefix + "p:" + pair(1), "d", "damaged");
        }
        for (int i = 0; i < 3; i++) {
            assertThrows(StoreUnavailable.class, rig.lifecycle::processDue);
            rig.clock.advance(RedisStore.LEASE);
        }
        assertThat(one.levels().pairings(), is(1));
    }

    /** Keys in use are kept, even if a clock that was fast has postponed the daily check of the device. */
    @Test
    void aSubmissionKeepsItsPairingAndItsDevice() {
        var _ = one.changeDevice(Samples.device(1), _ -> Change.to(Samples.phone(1, T0), true));
        var _ = one.changePairing(pair(1), _ -> Change.to(Samples.active(1, 1, T0), true));
        try (Jedis redis = RedisServer.shared().client()) {
            redis.keys(prefix + "*").forEach(key -> redis.expire(key, 1000));
            Request request = Samples.open(key(1, 1), 1, T0, Duration.ofSeconds(60));
            var _ = one.changeRequest(key(1, 1), (_, _, _) -> Change.to(request, true));
            one.due(T0, 10); // keeps what is not of one record
            for (String key : redis.keys(prefix + "*")) {
                assertThat(key, redis.ttl(key) > 1000 || key.endsWith("probe"), is(true));
            }
        }
    }
}
