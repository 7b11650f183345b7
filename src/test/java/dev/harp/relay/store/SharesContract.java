package dev.harp.relay.store;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static dev.harp.relay.protocol.Samples.device;
import static dev.harp.relay.protocol.Samples.key;
import static dev.harp.relay.protocol.Samples.pair;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.Envelope;
import dev.harp.relay.protocol.Footprint;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Shares;
import dev.harp.relay.store.StoreResult.Bound;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What one network and one pairing may hold ({@code docs/protocol.md}, section 9.8). */
abstract class SharesContract extends RecordsContract {
    static final Opener HERE = new Opener(List.of("4-0000000000000001"));
    static final Opener THERE = new Opener(List.of("4-0000000000000002"));

    /** Small, so a network's share is half of each, and a pairing's a quarter of the bytes. */
    private static final long BYTES = 800_000;

    private static final Shares SHARES = new Shares(10);
    private static final StoreResult<Boolean> DONE = new StoreResult.Done<>(true);

    private static StoreResult<Boolean> full(Bound bound) {
        return new StoreResult.Full<>(bound);
    }

    /** One IPv6 host: the numbers are those of its networks, from the narrowest on. */
    private static Opener host(int of64, int of56, int of48) {
        return new Opener(List.of("64-%016x".formatted(of64), "56-%016x".formatted(of56), "48-%016x".formatted(of48)));
    }

    private static Pairing pairing(int number, Opener opener) {
        return Samples.active(number, number, T0).openedBy(opener).used(Optional.of(T0.plusNanos(number)));
    }

    private static Device phone(int number, Opener opener) {
        return Samples.phone(number, T0).openedBy(opener);
    }

    /** An open request that takes that many bytes. */
    private static Request request(int pair, int number, int bytes) {
        RequestKey key = key(pair, number);
        Request small = Request.submitted(key, device(pair), new Envelope("n", ""), T0, T0.plus(Duration.ofMinutes(1)));
        int text = bytes - (int) Footprint.of(small, TERMS);
        return Request.submitted(
                key, device(pair), new Envelope("n", Samples.text(text)), T0, T0.plus(Duration.ofMinutes(1)));
    }

    private long amount(Account account, String holder) {
        return store.largest(account, 100).stream()
                .filter(holding -> holding.holder().equals(holder))
                .mapToLong(Holding::amount)
                .sum();
    }

    @Test
    void oneNetworkOpensNoMoreThanItsShareOfPairings() {
        store = opened(new Capacity(1 << 24, 10, 10, SHARES));
        for (int i = 1; i <= 5; i++) {
            put(pairing(i, HERE));
        }
        assertThat(tryPut(pairing(6, HERE)), is(full(Bound.NETWORK)));
        assertThat(store.pairing(pair(6)), is(Optional.empty()));
        assertThat(tryPut(pairing(6, THERE)), is(DONE));
        assertThat(tryPut(pairing(1, HERE).used(Optional.of(T0.plusSeconds(9)))), is(DONE));
        forgetPairing(3);
        assertThat(tryPut(pairing(7, HERE)), is(DONE));
        assertThat(tryPut(pairing(3, HERE)), is(full(Bound.NETWORK)));
    }

    @Test
    void oneNetworkRegistersNoMoreThanItsShareOfDevices() {
        store = opened(new Capacity(1 << 24, 10, 10, SHARES));
        for (int i = 1; i <= 5; i++) {
            put(phone(i, HERE));
        }
        assertThat(tryPut(phone(6, HERE)), is(full(Bound.NETWORK)));
        assertThat(tryPut(phone(6, THERE)), is(DONE));
        assertThat(tryPut(phone(1, HERE).withPushToken(Optional.of("token"))), is(DONE));
        forgetDevice(1);
        assertThat(tryPut(phone(7, HERE)), is(DONE));
    }

    /** Somebody with a /48 has 65536 networks of the size that others have one of. */
    @Test
    void aWideNetworkHasAShareOfItsOwn() {
        store = opened(new Capacity(1 << 24, 10, 10, SHARES));
        for (int i = 1; i <= 5; i++) {
            put(pairing(i, host(i, i, 1)));
            put(phone(i, host(i, 2, 2)));
        }
        assertThat(tryPut(pairing(6, host(6, 6, 1))), is(full(Bound.NETWORK)));
        assertThat(tryPut(phone(6, host(6, 2, 3))), is(full(Bound.NETWORK)));
        assertThat(tryPut(pairing(6, host(6, 6, 2))), is(DONE));
        assertThat(tryPut(phone(6, host(6, 6, 3))), is(DONE));
        assertThat(amount(Account.NETWORK_PAIRINGS, "48-0000000000000001"), is(5L));
        assertThat(amount(Account.NETWORK_PAIRINGS, "64-0000000000000001"), is(1L));
    }

    @Test
    void oneNetworkFillsNoMoreThanItsShareOfTheBytes() {
        store = opened(new Capacity(BYTES, 100, 100, SHARES));
        put(pairing(1, HERE));
        put(pairing(2, HERE));
        put(pairing(3, THERE));
        put(request(1, 1, 100_000));
        put(request(1, 2, 100_000));
        assertThat(tryPut(request(1, 3, 50_000)), is(Optional.of(full(Bound.PAIRING))));
        put(request(2, 1, 150_000));
        assertThat(tryPut(request(2, 2, 48_000)), is(Optional.of(full(Bound.NETWORK))));
        assertThat(tryPut(phone(1, HERE).withPushToken(Optional.of(Samples.text(50_000)))), is(full(Bound.NETWORK)));
        assertThat(tryPut(phone(1, THERE)), is(DONE));
        assertThat(tryPut(request(3, 1, 160_000)), is(Optional.of(DONE)));
    }

    /** What was accepted has its room. */
    @Test
    void aFullShareTakesAnswersAndEnds() {
        store = opened(new Capacity(BYTES, 100, 100, SHARES));
        put(pairing(1, HERE));
        Request first = request(1, 1, 100_000);
        Request second = request(1, 2, 100_000);
        put(first);
        put(second);
        assertThat(tryPut(request(1, 3, 50_000)), is(Optional.of(full(Bound.PAIRING))));
        assertThat(tryPut(Samples.in(first, new Request.Responded(Samples.answer(1), T0))), is(Optional.of(DONE)));
        assertThat(tryPut(Samples.in(second, new Request.Cancelled(T0))), is(Optional.of(DONE)));
        assertThat(tryPut(Samples.revoked(pairing(1, HERE), T0)), is(DONE));
        forget(first.key());
        assertThat(tryPut(request(1, 3, 50_000)), is(Optional.of(DONE)));
    }

    @Test
    void aJoinThatExceedsTheShareIsRefused() {
        store = opened(new Capacity(BYTES, 100, 100, SHARES));
        Pairing waiting = Samples.pending(1, T0).openedBy(HERE);
        put(waiting);
        put(pairing(2, HERE));
        put(pairing(3, HERE));
        put(request(2, 1, 199_000));
        put(request(3, 1, 197_910));
        assertThat(tryPut(Samples.active(1, 1, T0).openedBy(HERE)), is(full(Bound.NETWORK)));
        assertThat(store.pairing(pair(1)), is(Optional.of(waiting)));
    }

    @Test
    void theWholeIsNamedWhereItIsReached() {
        store = opened(new Capacity(BYTES, 4, 4, SHARES));
        put(pairing(1, HERE));
        put(pairing(2, HERE));
        put(pairing(3, THERE));
        put(pairing(4, THERE));
        assertThat(tryPut(pairing(5, host(1, 1, 1))), is(full(Bound.WHOLE)));
    }

    @Test
    void whoHasNoOpenerHasNoShare() {
        store = opened(new Capacity(1 << 24, 10, 10, SHARES));
        for (int i = 1; i <= 10; i++) {
            put(pairing(i, Opener.NONE));
            put(phone(i, Opener.NONE));
        }
        assertThat(store.largest(Account.NETWORK_BYTES, 10), is(empty()));
        assertThat(tryPut(pairing(11, Opener.NONE)), is(full(Bound.WHOLE)));
    }

    @Test
    void withoutSharesEachMayHaveAll() {
        store = opened(new Capacity(1 << 24, 10, 10));
        for (int i = 1; i <= 10; i++) {
            put(pairing(i, HERE));
        }
        assertThat(tryPut(pairing(11, HERE)), is(full(Bound.WHOLE)));
        assertThat(amount(Account.NETWORK_PAIRINGS, "4-0000000000000001"), is(10L));
    }

    @Test
    void theOpenerIsForgottenWithTheRecord() {
        put(pairing(1, host(1, 1, 1)));
        put(phone(1, host(1, 1, 1)));
        put(request(1, 1, 80_000));
        assertThat(
                store.openedBy("56-0000000000000001"),
                containsInAnyOrder(new DueRecord.OfPairing(pair(1)), new DueRecord.OfDevice(device(1))));
        assertThat(store.largest(Account.PAIRING_BYTES, 9), is(List.of(new Holding(pair(1).value(), 80_000))));
        forgetPairing(1);
        assertThat(store.openedBy("56-0000000000000001"), is(List.of(new DueRecord.OfDevice(device(1)))));
        forgetDevice(1);
        for (Account account : Account.values()) {
            assertThat(store.largest(account, 9), is(empty()));
        }
        assertThat(store.openedBy("56-0000000000000001"), is(empty()));
        assertThat(store.openedBy("no network"), is(empty()));
    }

    @Test
    void recordsKeepOpenerAndUse() {
        Pairing pairing = put(pairing(1, host(1, 2, 3)));
        Device phone = put(phone(1, HERE));
        assertThat(store.pairing(pair(1)), is(Optional.of(pairing)));
        assertThat(store.pairingByToken(pairing.token()), is(Optional.of(pairing)));
        assertThat(store.device(device(1)), is(Optional.of(phone)));
        assertThat(store.deviceByToken(phone.token()), is(Optional.of(phone)));
    }

    @Test
    void theLargestAreFirst() {
        for (int i = 1; i <= 6; i++) {
            put(pairing(i, i <= 3 ? HERE : i <= 5 ? THERE : host(1, 1, 1)));
        }
        put(request(6, 1, 50_000));
        assertThat(
                store.largest(Account.NETWORK_PAIRINGS, 2),
                is(List.of(new Holding("4-0000000000000001", 3), new Holding("4-0000000000000002", 2))));
        assertThat(
                store.largest(Account.NETWORK_BYTES, 1).getFirst().amount(),
                is(50_000 + Footprint.of(pairing(6, HERE))));
    }

    /** Whatever happens in whatever order, the accounts are those of the records. */
    @Test
    void theAccountsAreThoseOfTheRecords() {
        store = opened(new Capacity(1 << 24, 1000, 1000, SHARES));
        List<Opener> openers = List.of(HERE, THERE, host(1, 1, 1), host(2, 1, 1), host(3, 3, 1), Opener.NONE);
        for (int seed = 0; seed < 5; seed++) {
            Random random = new Random(seed);
            for (int step = 0; step < 60; step++) {
                int number = 1 + random.nextInt(6);
                Opener opener = openers.get(number - 1);
                switch (random.nextInt(8)) {
                    case 0 -> put(pairing(number, opener));
                    case 1 -> put(phone(number, opener));
                    case 2 -> put(phone(number, opener).withPushToken(Optional.of(Samples.text(random.nextInt(90)))));
                    case 3, 4 -> tryPut(request(number, random.nextInt(3), 50_000 + random.nextInt(2000)));
                    case 5 ->
                        store.request(key(number, 1))
                                .ifPresent(known -> tryPut(Samples.in(known, new Request.Cancelled(T0))));
                    case 6 -> forget(key(number, random.nextInt(3)));
                    default -> forgetAny(random.nextInt(4), number);
                }
                if (step % 10 == 9) {
                    compare("seed " + seed + ", step " + step);
                }
            }
        }
    }

    private void forgetAny(int what, int number) {
        if (what == 0) {
            forgetPairing(number);
        } else if (what == 1) {
            forgetDevice(number);
        }
    }

    private void compare(String when) {
        Map<Account, Map<String, Long>> expected = new HashMap<>();
        Map<String, Set<DueRecord>> opened = new HashMap<>();
        for (int number = 1; number <= 6; number++) {
            int of = number;
            store.pairing(pair(number)).ifPresent(pairing -> {
                long requests = 0;
                for (int i = 0; i < 3; i++) {
                    requests += store.request(key(of, i))
                            .map(request -> Footprint.of(request, TERMS))
                            .orElse(0L);
                }
                merge(expected, Account.PAIRING_BYTES, pairing.id().value(), requests);
                for (String network : pairing.opener().networks()) {
                    merge(expected, Account.NETWORK_BYTES, network, Footprint.of(pairing) + requests);
                    merge(expected, Account.NETWORK_PAIRINGS, network, 1);
                    opened.computeIfAbsent(network, _ -> new HashSet<>()).add(new DueRecord.OfPairing(pairing.id()));
                }
            });
            store.device(device(number))
                    .ifPresent(phone -> phone.opener().networks().forEach(network -> {
                        merge(expected, Account.NETWORK_BYTES, network, Footprint.of(phone));
                        merge(expected, Account.NETWORK_DEVICES, network, 1);
                        opened.computeIfAbsent(network, _ -> new HashSet<>()).add(new DueRecord.OfDevice(phone.id()));
                    }));
        }
        for (Account account : Account.values()) {
            Map<String, Long> told =
                    store.largest(account, 100).stream().collect(Collectors.toMap(Holding::holder, Holding::amount));
            assertThat(when + ", " + account, told, is(expected.getOrDefault(account, Map.of())));
        }
        opened.forEach((network, records) ->
                assertThat(when + ", " + network, Set.copyOf(store.openedBy(network)), is(records)));
    }

    private static void merge(Map<Account, Map<String, Long>> all, Account account, String holder, long more) {
        if (more > 0) {
            all.computeIfAbsent(account, _ -> new HashMap<>()).merge(holder, more, Long::sum);
        }
    }
}
