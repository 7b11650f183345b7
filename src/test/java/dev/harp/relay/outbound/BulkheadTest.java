package dev.harp.relay.outbound;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One receiver that hangs holds its own few places. */
@Timeout(20)
class BulkheadTest {
    private final Bulkhead lanes = new Bulkhead("test", 6, 2, 2, 3, 100);
    private final CountDownLatch hang = new CountDownLatch(1);
    private final AtomicInteger ran = new AtomicInteger();

    private Bulkhead.Offer hanging(String receiver, Object sender, Object name) {
        return lanes.offer(receiver, sender, name, () -> {
            try {
                hang.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(100_000);
        }
    }

    @Test
    void aReceiverThatHangsHoldsItsOwnPlacesAndItsOwnLane() {
        for (int i = 0; i < 5; i++) {
            assertThat(hanging("bad", "sender" + i, i), is(Bulkhead.Offer.TAKEN));
        }
        assertThat(hanging("bad", "sender", "one more"), is(Bulkhead.Offer.FULL));
        assertThat(lanes.running(), is(2));
        assertThat(lanes.waiting(), is(3));
        for (int i = 0; i < 100; i++) {
            assertThat(lanes.offer("good", i, "good" + i, ran::incrementAndGet), is(Bulkhead.Offer.TAKEN));
            int expected = i + 1;
            until(() -> ran.get() == expected);
        }
        hang.countDown();
        until(() -> lanes.running() + lanes.waiting() == 0);
    }

    @Test
    void aSenderWithManyReceiversHoldsNoMore() {
        for (int i = 0; i < 10; i++) {
            assertThat(hanging("bad" + i, "one", i), is(Bulkhead.Offer.TAKEN));
        }
        assertThat(lanes.running(), is(2));
        assertThat(lanes.offer("bad0", "other", "other", ran::incrementAndGet), is(Bulkhead.Offer.TAKEN));
        until(() -> ran.get() == 1);
        hang.countDown();
        until(() -> lanes.running() + lanes.waiting() == 0);
    }

    @Test
    void thereAreSoManyInAll() {
        for (int i = 0; i < 20; i++) {
            assertThat(hanging("bad" + i, i, i), is(Bulkhead.Offer.TAKEN));
        }
        assertThat(lanes.running(), is(lessThanOrEqualTo(6)));
        hang.countDown();
        until(() -> lanes.running() + lanes.waiting() == 0);
    }

    @Test
    void aNameIsTakenUntilItsJobHasEnded() {
        assertThat(hanging("bad", 1, "name"), is(Bulkhead.Offer.TAKEN));
        assertThat(hanging("other", 2, "name"), is(Bulkhead.Offer.KNOWN));
        hang.countDown();
        until(() -> lanes.offer("bad", 1, "name", ran::incrementAndGet) == Bulkhead.Offer.TAKEN);
        until(() -> ran.get() == 1);
    }

    /** What has changed while a job ran, it may have looked at too early: so it runs once more, with the latest work, and only once. */
    @Test
    void whatIsOfferedWhileItRunsRunsAfterwards() {
        assertThat(hanging("bad", 1, "name"), is(Bulkhead.Offer.TAKEN));
        assertThat(lanes.offer("bad", 1, "name", () -> ran.addAndGet(100)), is(Bulkhead.Offer.KNOWN));
        assertThat(lanes.offer("bad", 1, "name", ran::incrementAndGet), is(Bulkhead.Offer.KNOWN));
        hang.countDown();
        until(() -> lanes.running() + lanes.waiting() == 0);
        assertThat(ran.get(), is(1));
    }

    /** A job that fails gives its place back. */
    @Test
    void aJobThatFailsFreesItsPlace() {
        Thread.setDefaultUncaughtExceptionHandler((_, _) -> {});
        try {
            for (int i = 0; i < 20; i++) {
                int number = i;
                until(() -> lanes.offer("bad", 1, number, () -> {
                            ran.incrementAndGet();
                            throw new IllegalStateException("a defect");
                        })
                        == Bulkhead.Offer.TAKEN);
            }
            until(() -> ran.get() == 20);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(null);
        }
    }

    @Test
    void afterTheEndNothingStarts() {
        for (int i = 0; i < 4; i++) {
            assertThat(hanging("bad", i, i), is(Bulkhead.Offer.TAKEN));
        }
        lanes.close();
        assertThat(lanes.waiting(), is(0));
        assertThat(lanes.offer("good", 1, "late", ran::incrementAndGet), is(Bulkhead.Offer.FULL));
        hang.countDown();
        until(() -> lanes.running() == 0);
        assertThat(ran.get(), is(0));
    }
}
