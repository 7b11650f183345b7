package dev.harp.relay.store;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.device;
import static dev.harp.relay.protocol.Samples.id;
import static dev.harp.relay.protocol.Samples.key;
import static dev.harp.relay.protocol.Samples.pair;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Samples;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A store under test, and short ways to use it. */
abstract class StoreRig {
    static final Capacity ROOMY = new Capacity(1 << 24, 1000, 1000);
    static final Instant FAR = T0.plus(Duration.ofDays(36_500));
    static final Duration MINUTE = Duration.ofMinutes(1);

    /** Longer than any store's lease on a due record. */
    static final Duration A_WHILE = Duration.ofSeconds(10);

    static final long ANY_TEXT = 1 << 20;

    final List<RelayStore> opened = new ArrayList<>();
    RelayStore store;

    /** An empty store. */
    protected abstract RelayStore open(ProtocolLimits terms, Capacity capacity);

    /** How many random devices read their lists: fewer for a slower store. */
    protected int followingDevices() {
        return 200;
    }

    @BeforeEach
    void openOne() {
        store = opened(ROOMY);
    }

    @AfterEach
    void closeAll() {
        opened.forEach(RelayStore::close);
    }

    RelayStore opened(Capacity capacity) {
        RelayStore next = open(TERMS, capacity);
        opened.add(next);
        return next;
    }

    // --- short ways

    Page read(Cursor after) {
        return store.inbox(device(1), Optional.of(after), 100, ANY_TEXT);
    }

    /** The whole list, page by page. No page may be a reset. */
    List<List<RequestKey>> pages(int limit, long maxText) {
        List<List<RequestKey>> pages = new ArrayList<>();
        Optional<Cursor> cursor = Optional.empty();
        for (int i = 0; i < 100; i++) {
            Page page = store.inbox(device(1), cursor, limit, maxText);
            assertThat(page.reset(), is(false));
            if (page.requests().isEmpty()) {
                return pages;
            }
            pages.add(keys(page));
            cursor = Cursor.parse(page.cursor().toString());
        }
        throw new AssertionError("no progress: " + pages);
    }

    static List<RequestKey> keys(Page page) {
        return page.requests().stream().map(Request::key).toList();
    }

    static List<String> states(Page page) {
        return page.requests().stream().map(Request::stateName).toList();
    }

    static Request open(int pair, int request) {
        return Samples.open(key(pair, request), 1, T0, MINUTE);
    }

    Pairing put(Pairing pairing) {
        assertThat(tryPut(pairing), is(new StoreResult.Done<>(true)));
        return pairing;
    }

    StoreResult<Boolean> tryPut(Pairing pairing) {
        return store.changePairing(pairing.id(), _ -> Change.to(pairing, true));
    }

    Device put(Device phone) {
        assertThat(tryPut(phone), is(new StoreResult.Done<>(true)));
        return phone;
    }

    StoreResult<Boolean> tryPut(Device phone) {
        return store.changeDevice(phone.id(), _ -> Change.to(phone, true));
    }

    Request put(Request request) {
        assertThat(tryPut(request), is(Optional.of(new StoreResult.Done<>(true))));
        return request;
    }

    Optional<StoreResult<Boolean>> tryPut(Request request) {
        return store.changeRequest(request.key(), (_, _, _) -> Change.to(request, true));
    }

    void forgetPairing(int number) {
        PairId id = pair(number);
        assertThat(
                store.changePairing(id, _ -> new Change<>(Optional.empty(), true)), is(new StoreResult.Done<>(true)));
    }

    void forgetDevice(int number) {
        DeviceId id = device(number);
        assertThat(store.changeDevice(id, _ -> new Change<>(Optional.empty(), true)), is(new StoreResult.Done<>(true)));
    }

    void forget(RequestKey key) {
        var _ = store.changeRequest(key, (_, _, _) -> new Change<>(Optional.empty(), true));
    }
}
