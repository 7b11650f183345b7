package dev.harp.relay.store.redis;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.key;
import static dev.harp.relay.protocol.Samples.pair;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.protocol.Footprint;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.protocol.Shares;
import dev.harp.relay.store.Account;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Holding;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreResult;
import dev.harp.testing.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

/** Shares while a relay of an earlier version, which charges nobody, works on the same Redis. */
class RedisSharesTest {
    private static final String NETWORK = "4-0000000000000001";
    private static final Opener HERE = new Opener(List.of(NETWORK));
    private static final Capacity SMALL = new Capacity(1 << 24, 10, 10, new Shares(10));
    private static final long PAIRING = Footprint.of(Samples.active(1, 1, T0));

    private final String prefix = RedisServer.freshPrefix();

    private static Pairing pairing(int number) {
        return Samples.active(number, 1, T0).openedBy(HERE);
    }

    private static StoreResult<Boolean> put(RelayStore store, Pairing pairing) {
        return store.changePairing(pairing.id(), _ -> Change.to(pairing, true));
    }

    private static void put(RelayStore store, Request request) {
        var _ = store.changeRequest(request.key(), (_, _, _) -> Change.to(request, true));
    }

    private static void forget(RelayStore store, Request request) {
        var _ = store.changeRequest(request.key(), (_, _, _) -> new Change<>(Optional.empty(), true));
    }

    /** Without this, each rolling update would take something of every network's share for ever. */
    @Test
    void whatAnEarlierRelayHasRemovedIsGivenBack() {
        try (RelayStore store = Stores.on(prefix, TERMS, SMALL);
                Jedis redis = RedisServer.shared().client()) {
            for (int i = 1; i <= 5; i++) {
                assertThat(put(store, pairing(i)), is(new StoreResult.Done<>(true)));
            }
            assertThat(put(store, pairing(6)), is(new StoreResult.Full<>(StoreResult.Bound.NETWORK)));
            for (int i = 1; i <= 4; i++) {
                redis.del(prefix + "p:" + pair(i).value());
            }
            assertThat(store.largest(Account.NETWORK_PAIRINGS, 9), is(List.of(new Holding(NETWORK, 5))));
            store.changePairing(pair(5), _ -> new Change<>(Optional.empty(), true));
            // Three are looked at each time.
            assertThat(put(store, pairing(6)), is(new StoreResult.Done<>(true)));
            for (int i = 0; i < 40; i++) {
                store.changePairing(pair(6), _ -> new Change<>(Optional.empty(), true));
                put(store, pairing(6));
            }
            assertThat(store.largest(Account.NETWORK_PAIRINGS, 9), is(List.of(new Holding(NETWORK, 1))));
            assertThat(store.largest(Account.NETWORK_BYTES, 9), is(List.of(new Holding(NETWORK, PAIRING))));
        }
    }

    @Test
    void whatAnEarlierRelayHasAddedOrRemovedIsForgottenWithTheLastRequest() {
        Request one = Samples.open(key(1, 1), 1, T0, Duration.ofMinutes(1));
        Request two = Samples.open(key(1, 2), 1, T0, Duration.ofMinutes(1));
        String pairing = pair(1).value();
        try (RelayStore store = Stores.on(prefix, TERMS, SMALL);
                Jedis redis = RedisServer.shared().client()) {
            put(store, pairing(1));
            for (double drift : new double[] {5000, -5000, -100_000}) {
                put(store, one);
                put(store, two);
                redis.zincrby(prefix + "u:pair", drift, pairing);
                redis.zincrby(prefix + "u:bytes", drift, NETWORK);
                redis.zincrby(prefix + "w:" + NETWORK, drift, "p:" + pairing);
                forget(store, one);
                forget(store, two);
                assertThat("" + drift, store.largest(Account.PAIRING_BYTES, 9), is(empty()));
                if (drift > -100_000) {
                    assertThat(store.largest(Account.NETWORK_BYTES, 9), is(List.of(new Holding(NETWORK, PAIRING))));
                }
            }
            store.changePairing(pair(1), _ -> new Change<>(Optional.empty(), true));
            for (Account account : Account.values()) {
                assertThat(store.largest(account, 9), is(empty()));
            }
            assertThat(redis.keys(prefix + "[uw]:*"), is(empty()));
        }
    }

    /** An earlier relay reads the record as it was, and keeps what it does not know. */
    @Test
    void theRecordIsOfTheFormatThatAnEarlierRelayReads() {
        try (RelayStore store = Stores.on(prefix, TERMS, SMALL);
                Jedis redis = RedisServer.shared().client()) {
            put(store, pairing(1).used(Optional.of(T0)));
            var _ = store.changeDevice(
                    Samples.device(1), _ -> Change.to(Samples.phone(1, T0).openedBy(HERE), true));
            byte[] data = "d".getBytes(UTF_8);
            for (String record : new String[] {
                "p:" + pair(1).value(), "d:" + Samples.device(1).value()
            }) {
                byte[] bytes = redis.hget((prefix + record).getBytes(UTF_8), data);
                assertThat(bytes[0], is((byte) 2));
                redis.hdel(prefix + record, "o", "u");
            }
            assertThat(store.pairing(pair(1)), is(Optional.of(Samples.active(1, 1, T0))));
            assertThat(store.device(Samples.device(1)), is(Optional.of(Samples.phone(1, T0))));
        }
    }

    /** A pairing of an earlier relay has the secret_hash itself, and no mark that says otherwise. */
    @Test
    void theSecretOfAnEarlierRelaysPairingIsHashedWhenItIsRead() {
        try (RelayStore store = Stores.on(prefix, TERMS, SMALL);
                Jedis redis = RedisServer.shared().client()) {
            put(store, pairing(1));
            redis.hdel(prefix + "p:" + pair(1).value(), "h");
            Sha256 hashed = Samples.secret(1).digest();
            assertThat(store.pairing(pair(1)).orElseThrow().secret(), is(hashed));
            var _ = store.changePairing(
                    pair(1), now -> Change.to(now.orElseThrow().used(Optional.of(T0)), true));
            assertThat(store.pairing(pair(1)).orElseThrow().secret(), is(hashed));
            assertThat(store.pairingByToken(Sha256.of("hpt1")).orElseThrow().secret(), is(hashed));
        }
    }
}
