package dev.harp.relay.service;

import static dev.harp.relay.protocol.Samples.TERMS;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.net.Network;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreSecret;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.memory.MemoryStore;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code docs/protocol.md}, section 9.8: who counts as one network, and that no name tells an address. */
class OpenersTest {
    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5);
    private final AtomicInteger asked = new AtomicInteger();
    private boolean unavailable;
    private RelayStore stored = new MemoryStore(TERMS, Rig.ROOMY);
    private final Openers openers = openers(1);

    /** The store of the moment, which counts how often it is asked for a secret. */
    private RelayStore store() {
        return (RelayStore) Proxy.newProxyInstance(
                RelayStore.class.getClassLoader(), new Class<?>[] {RelayStore.class}, (_, method, arguments) -> {
                    asked.incrementAndGet();
                    if (unavailable) {
                        throw new StoreUnavailable("down");
                    }
                    return method.invoke(stored, arguments);
                });
    }

    private Openers openers(long seed, String... withoutShare) {
        List<Network> networks = Stream.of(withoutShare)
                .flatMap(network -> Network.parse(network).stream())
                .toList();
        return new Openers(store(), networks, new Random(seed), nanoTime::get);
    }

    private static InetAddress address(String text) {
        return InetAddress.ofLiteral(text);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1, 1, 1",
        "192.0.2.1, 192.0.2.2, 1, 0",
        "192.0.2.1, ::ffff:192.0.2.1, 1, 1",
        "2001:db8:1:2345::1, 2001:db8:1:2345:ffff::2, 3, 3",
        "2001:db8:1:2345::1, 2001:db8:1:2346::1, 3, 2",
        "2001:db8:1:2345::1, 2001:db8:1:2445::1, 3, 1",
        "2001:db8:1:2345::1, 2001:db8:2:2345::1, 3, 0",
        "c000:201::, 192.0.2.1, 3, 0",
    })
    void whatCountsAsOneNetwork(String one, String other, int networks, long common) {
        Opener first = openers.of(address(one));
        Opener second = openers.of(address(other));
        assertThat(first.networks().size(), is(networks));
        assertThat(first.networks().stream().filter(second.networks()::contains).count(), is(common));
    }

    @Test
    void aNameHasItsKindAndNoPartOfTheAddress() {
        assertThat(openers.of(address("192.0.2.1")).networks(), everyItem(matchesPattern("4-[0-9a-f]{16}")));
        assertThat(
                openers.of(address("2001:db8::1")).networks().stream()
                        .map(name -> name.replaceFirst("-[0-9a-f]{16}$", ""))
                        .toList(),
                is(List.of("64", "56", "48")));
        assertThat(
                Stream.of("0.0.0.1", "0.0.0.2", "0.0.0.3")
                        .map(text -> openers.of(address(text)))
                        .distinct()
                        .count(),
                is(3L));
    }

    /** Without the store's key nobody can tell which address a name is of. */
    @Test
    void anotherStoreHasOtherNames() {
        Opener here = openers.of(address("192.0.2.1"));
        assertThat(openers(2).of(address("192.0.2.1")), is(here));
        stored = new MemoryStore(TERMS, Rig.ROOMY);
        assertThat(openers(2).of(address("192.0.2.1")), is(not(here)));
    }

    @Test
    void whoIsWithoutShareHasNoName() {
        Openers some = openers(1, "192.0.2.0/24", "2001:db8:7::/48");
        assertThat(some.of(address("192.0.2.255")), is(Opener.NONE));
        assertThat(some.of(address("::ffff:192.0.2.1")), is(Opener.NONE));
        assertThat(some.of(address("2001:db8:7:ffff::1")), is(Opener.NONE));
        assertThat(some.of(address("192.0.3.0")), is(openers.of(address("192.0.3.0"))));
    }

    /** A wait of a client must cost the store nothing. */
    @Test
    void theStoreIsAskedOnceAnHour() {
        for (int i = 0; i < 100; i++) {
            openers.of(address("192.0.2." + i));
        }
        assertThat(asked.get(), is(1));
        nanoTime.addAndGet(Duration.ofHours(1).toNanos() - 1);
        openers.of(address("192.0.2.1"));
        assertThat(asked.get(), is(1));
        nanoTime.addAndGet(1);
        openers.of(address("192.0.2.1"));
        assertThat(asked.get(), is(2));
    }

    @Test
    void aStoreThatHasLostTheKeyGetsItAgain() {
        Opener before = openers.of(address("192.0.2.1"));
        stored = new MemoryStore(TERMS, Rig.ROOMY);
        nanoTime.addAndGet(Duration.ofHours(1).toNanos());
        assertThat(openers.of(address("192.0.2.1")), is(before));
        assertThat(openers(2).of(address("192.0.2.1")), is(before));
    }

    @Test
    void anOutageOfTheStoreMattersOnlyBeforeTheFirstClient() {
        unavailable = true;
        assertThrows(StoreUnavailable.class, () -> openers.of(address("192.0.2.1")));
        unavailable = false;
        Opener before = openers.of(address("192.0.2.1"));
        unavailable = true;
        nanoTime.addAndGet(Duration.ofHours(2).toNanos());
        assertThat(openers.of(address("192.0.2.1")), is(before));
    }

    /** An operator may have put anything there. */
    @Test
    void anyTextIsAKey() {
        stored.secret(StoreSecret.OPENERS, "x");
        assertThat(openers.of(address("192.0.2.1")).networks().size(), is(1));
    }
}
