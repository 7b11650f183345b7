package dev.harp.relay.outbound;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names whose servers do not answer delay other names for a bounded time only. */
@Timeout(300)
class ResolverTest {
    private final CountDownLatch hang = new CountDownLatch(1);
    private final CountDownLatch hanging = new CountDownLatch(1);

    private InetAddress[] addresses(String name) throws UnknownHostException {
        if (name.startsWith("slow")) {
            hanging.countDown();
            try {
                hang.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
        if (name.startsWith("unknown")) {
            throw new UnknownHostException(name);
        }
        return new InetAddress[] {InetAddress.ofLiteral("192.0.2.1")};
    }

    @Test
    void namesAreResolved() {
        try (Resolver resolver = new Resolver(this::addresses, 1, 1)) {
            assertThat(resolver.addresses("good.example"), hasSize(1));
            assertThat(resolver.addresses("unknown.example"), is(empty()));
        }
    }

    /** All threads hang and the queue is full: another name is refused now, and resolved later. */
    @Test
    void refusedNameIsResolvedLater() throws InterruptedException {
        try (Resolver resolver = new Resolver(this::addresses, 1, 1)) {
            Thread first = Thread.ofVirtual().start(() -> assertThat(resolver.addresses("slow1"), hasSize(1)));
            hanging.await();
            Thread second = Thread.ofVirtual().start(() -> assertThat(resolver.addresses("slow2"), hasSize(1)));
            until(() -> !resolver.threads.getQueue().isEmpty());
            assertThrows(AddressGuard.NotLookedUp.class, () -> resolver.addresses("good.example"));
            assertThat(resolver.apart().addresses("good.example"), hasSize(1));
            hang.countDown();
            first.join();
            second.join();
            assertThat(resolver.addresses("good.example"), hasSize(1));
            assertThat(resolver.pending.size(), is(0));
        }
    }
}
