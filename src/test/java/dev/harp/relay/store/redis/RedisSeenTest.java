package dev.harp.relay.store.redis;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.device;
import static dev.harp.relay.protocol.Samples.key;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.limit.Toll;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestEvent;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.protocol.Transitions;
import dev.harp.relay.store.Ahead;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.RelayStore.Added;
import dev.harp.relay.store.RelayStore.Listed;
import dev.harp.relay.store.Seen;
import dev.harp.relay.store.StoreResult;
import dev.harp.testing.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was seen at the beginning of a call is compared with what is stored by then: here it always differs. */
class RedisSeenTest {
    private static final Sha256 PHONE = Samples.phone(1, T0).token();
    private static final Sha256 PLATFORM = Samples.active(1, 1, T0).token();
    private static final Cursor START = Cursor.at(0);

    private RelayStore store;

    /** Another relay on the same Redis. */
    private RelayStore other;

    @BeforeEach
    void open() {
        String prefix = RedisServer.freshPrefix();
        store = Stores.on(prefix, TERMS, new Capacity(1 << 24, 100, 100));
        other = Stores.on(prefix, TERMS, new Capacity(1 << 24, 100, 100));
        var _ = other.changeDevice(device(1), _ -> Change.to(Samples.phone(1, T0), true));
        put(Samples.active(1, 1, T0));
    }

    @AfterEach
    void close() {
        store.close();
        other.close();
    }

    private void put(Pairing pairing) {
        assertThat(other.changePairing(pairing.id(), _ -> Change.to(pairing, true)), is(new StoreResult.Done<>(true)));
    }

    private Seen seenByPlatform(Ahead ahead) {
        return store.pairingByToken(Toll.FREE, PLATFORM, ahead)
                .result()
                .orElseThrow()
                .seen();
    }

    private static Request request(int number) {
        return Samples.open(key(1, number), 1, T0, Duration.ofSeconds(60));
    }

    private static Optional<Added<Boolean>> add(RelayStore store, Seen seen, int number) {
        return store.addRequest(key(1, number), seen, Toll.FREE, (_, _, _) -> Change.to(request(number), true));
    }

    private Seen added(int number) {
        return add(store, seenByPlatform(new Ahead.NewRequest()), number)
                .orElseThrow()
                .seen();
    }

    /** Delivers the request that was seen with the first page of so many entries. */
    private Listed<RequestKey> deliver(Seen seen, Sha256 token, Cursor after, int limit) {
        return store.inbox(
                device(1),
                token,
                seen,
                (pairing, request, _) -> Change.to(
                        Transitions.apply(pairing, request.orElseThrow(), new RequestEvent.Read(), T0)
                                .record(),
                        request.orElseThrow().key()),
                Optional.of(after),
                limit,
                1000);
    }

    private boolean delivered(int number) {
        return other.request(key(1, number)).orElseThrow().deliveredAt().isPresent();
    }

    @Test
    void nothingIsAddedToAPairingThatWasRevokedMeanwhile() {
        Seen seen = seenByPlatform(new Ahead.NewRequest());
        put(Samples.revoked(Samples.active(1, 1, T0), T0));
        assertThat(add(store, seen, 1), is(Optional.empty()));
        assertThat(other.request(key(1, 1)), is(Optional.empty()));
    }

    @Test
    void nothingIsAddedWithATokenThatWasReplacedMeanwhile() {
        Seen seen = seenByPlatform(new Ahead.NewRequest());
        put(Samples.rotated(Samples.active(1, 1, T0), "another"));
        assertThat(add(store, seen, 1), is(Optional.empty()));
        assertThat(other.request(key(1, 1)), is(Optional.empty()));
    }

    @Test
    void aRequestOfThatIdIsNotOverwritten() {
        Seen seen = seenByPlatform(new Ahead.NewRequest());
        assertThat(add(other, seenAt(other), 1).isPresent(), is(true));
        assertThat(add(store, seen, 1), is(Optional.empty()));
    }

    private static Seen seenAt(RelayStore relay) {
        return relay.pairingByToken(Toll.FREE, PLATFORM, new Ahead.NewRequest())
                .result()
                .orElseThrow()
                .seen();
    }

    /** Its bound on open requests would be exceeded otherwise. */
    @Test
    void nothingIsAddedBesideARequestThatWasNotSeen() {
        Seen seen = seenByPlatform(new Ahead.NewRequest());
        assertThat(add(other, seenAt(other), 2).isPresent(), is(true));
        assertThat(add(store, seen, 1), is(Optional.empty()));
    }

    @Test
    void whatWasSeenOfAnotherPairingCountsForNothing() {
        put(Samples.active(2, 1, T0));
        Seen seen = seenByPlatform(new Ahead.NewRequest());
        assertThat(
                store.addRequest(
                        key(2, 1),
                        seen,
                        Toll.FREE,
                        (_, _, _) -> Change.to(Samples.open(key(2, 1), 1, T0, Duration.ZERO), true)),
                is(Optional.empty()));
    }

    /** The rule sees what was seen first, then what is stored, and only that has the last word. */
    @Test
    void aRuleIsAppliedAnewWhenAnotherRelayWasFaster() {
        added(1);
        Seen seen = seenByPlatform(new Ahead.OfRequest(key(1, 1).request()));
        var _ = other.changeRequest(
                key(1, 1), (_, _, _) -> Change.to(Samples.in(request(1), new Request.Expired()), true));
        List<String> states = new ArrayList<>();
        var _ = store.changeRequest(key(1, 1), seen, (_, request, _) -> {
            states.add(request.orElseThrow().stateName());
            return request.orElseThrow().open()
                    ? Change.to(Samples.in(request(1), new Request.Cancelled(T0)), true)
                    : new Change<>(request, false);
        });
        assertThat(states, contains("pending", "expired"));
        assertThat(other.request(key(1, 1)).orElseThrow().stateName(), is("expired"));
    }

    @Test
    void aRequestIsDeliveredWithThePageThatBeginsWithIt() {
        Listed<RequestKey> listed = deliver(added(1), PHONE, START, 1);
        assertThat(listed.change(), is(Optional.of(key(1, 1))));
        assertThat(
                listed.page().orElseThrow().requests(),
                contains(other.request(key(1, 1)).orElseThrow()));
        assertThat(delivered(1), is(true));
    }

    /** A page that ends before it would leave the device without a request that counts as delivered. */
    @Test
    void aRequestIsNotDeliveredWithAPageThatBeginsWithAnother() {
        added(1);
        Listed<RequestKey> listed = deliver(added(2), PHONE, START, 1);
        assertThat(listed.change(), is(Optional.empty()));
        assertThat(listed.page().orElseThrow().requests(), contains(request(1)));
        assertThat(delivered(2), is(false));
    }

    @Test
    void aReaderWhoseTokenWasReplacedIsDeliveredNothing() {
        Seen seen = added(1);
        var _ = other.changeDevice(
                device(1), phone -> Change.to(phone.orElseThrow().withToken(Sha256.of("another")), true));
        Listed<RequestKey> listed = deliver(seen, PHONE, START, 10);
        assertThat(listed, is(new Listed<>(Optional.empty(), Optional.empty())));
        assertThat(delivered(1), is(false));
    }

    /** The cursor is known no more, so the page is another one than the one that was compared. */
    @Test
    void nothingIsDeliveredAlongWhenTheListIsReadAnew() {
        added(1);
        Cursor after = Cursor.at(
                store.inbox(device(1), Optional.of(START), 10, 1000).cursor().read());
        added(2);
        var _ = other.changeRequest(key(1, 2), (_, request, _) -> new Change<>(Optional.empty(), true));
        Listed<RequestKey> listed = deliver(added(3), PHONE, after, 1);
        assertThat(listed.change(), is(Optional.empty()));
        assertThat(listed.page().orElseThrow().reset(), is(true));
        assertThat(delivered(3), is(false));
    }
}
