package dev.harp.relay.outbound;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A receiver that hangs occupies only its own few places. */
@Timeout(300)
class BulkheadTest {
    private final Bulkhead bulkhead = new Bulkhead("test", 6, 2, 2, 3, 100);
    private final CountDownLatch hang = new CountDownLatch(1);
    private final AtomicInteger ran = new AtomicInteger();

    private boolean hanging(String receiver, Object sender, Object name) {
        return bulkhead.offer(receiver, sender, name, () -> {
            try {
                hang.await();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private boolean idle() {
        return bulkhead.running() + bulkhead.waiting() == 0;
    }

    @Test
    void hangingReceiverOccupiesOnlyItsOwnPlacesAndQueue() {
        for (int i = 0; i < 5; i++) {
            assertThat(hanging("bad", "sender" + i, i), is(true));
        }
        assertThat(hanging("bad", "sender", "one more"), is(false));
        assertThat(bulkhead.running(), is(2));
        assertThat(bulkhead.waiting(), is(3));
        for (int i = 0; i < 100; i++) {
            assertThat(bulkhead.offer("good", i, "good" + i, ran::incrementAndGet), is(true));
            int expected = i + 1;
            until(() -> ran.get() == expected);
        }
        hang.countDown();
        until(this::idle);
    }

    @Test
    void senderWithManyReceiversOccupiesNoMorePlaces() {
        for (int i = 0; i < 10; i++) {
            assertThat(hanging("bad" + i, "one", i), is(true));
        }
        assertThat(bulkhead.running(), is(2));
        assertThat(bulkhead.offer("bad0", "other", "other", ran::incrementAndGet), is(true));
        until(() -> ran.get() == 1);
        hang.countDown();
        until(this::idle);
    }

    @Test
    void totalIsBounded() {
        for (int i = 0; i < 20; i++) {
            assertThat(hanging("bad" + i, i, i), is(true));
        }
        assertThat(bulkhead.running(), is(lessThanOrEqualTo(6)));
        hang.countDown();
        until(this::idle);
    }

    @Test
    void nameIsTakenUntilItsJobHasEnded() {
        assertThat(hanging("bad", 1, "name"), is(true));
        assertThat(hanging("other", 2, "name"), is(true));
        hang.countDown();
        until(this::idle);
        assertThat(bulkhead.offer("bad", 1, "name", ran::incrementAndGet), is(true));
        until(() -> ran.get() == 1);
    }

    /**
     * A running job may have read its state before a change: it runs once more, with the latest work, and only once.
     */
    @Test
    void workOfferedWhileItsNameRunsRunsAfterwards() {
        assertThat(hanging("bad", 1, "name"), is(true));
        assertThat(bulkhead.offer("bad", 1, "name", () -> ran.addAndGet(100)), is(true));
        assertThat(bulkhead.offer("bad", 1, "name", ran::incrementAndGet), is(true));
        hang.countDown();
        until(this::idle);
        assertThat(ran.get(), is(1));
    }

    @Test
    void failingJobFreesItsPlace() {
        Thread.setDefaultUncaughtExceptionHandler((_, _) -> {});
        try {
            for (int i = 0; i < 20; i++) {
                int number = i;
                until(() -> bulkhead.offer("bad", 1, number, () -> {
                    ran.incrementAndGet();
                    throw new IllegalStateException("a defect");
                }));
            }
            until(() -> ran.get() == 20);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(null);
        }
    }

    @Test
    void nothingStartsAfterClose() {
        for (int i = 0; i < 4; i++) {
            assertThat(hanging("bad", i, i), is(true));
        }
        bulkhead.close();
        assertThat(bulkhead.waiting(), is(0));
        assertThat(bulkhead.offer("good", 1, "late", ran::incrementAndGet), is(false));
        hang.countDown();
        until(() -> bulkhead.running() == 0);
        assertThat(ran.get(), is(0));
    }
}
