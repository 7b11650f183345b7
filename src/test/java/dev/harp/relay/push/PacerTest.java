package dev.harp.relay.push;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import dev.harp.testing.FakeClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacerTest {
    private final FakeClock time = new FakeClock();

    private record Sent(long at, int count) {}

    /** A sender that always sends as soon as it may, in batches of any size, never exceeds the limit in any second. */
    @Test
    void noSecondHasMoreThanTheLimit() {
        Random random = new Random(42);
        Pacer pacer = new Pacer(600, 100, time);
        Deque<Sent> second = new ArrayDeque<>();
        long begin = time.getAsLong();
        long inSecond = 0;
        long all = 0;
        while (time.getAsLong() - begin < Duration.ofMinutes(30).toNanos()) {
            int count = 1 + random.nextInt(100);
            long wait = pacer.take(count);
            while (wait > 0) {
                time.advance(Duration.ofNanos(wait));
                wait = pacer.take(count);
            }
            long now = time.getAsLong();
            second.addLast(new Sent(now, count));
            inSecond += count;
            all += count;
            while (now - second.getFirst().at() >= Duration.ofSeconds(1).toNanos()) {
                inSecond -= second.removeFirst().count();
            }
            assertThat(inSecond, is(lessThanOrEqualTo(600L)));
            if (random.nextInt(50) == 0) {
                time.advance(Duration.ofMillis(random.nextInt(2000)));
            }
        }
        assertThat(all, is(greaterThan(300L * 30 * 60)));
    }

    @Test
    void batchIsSentAtOnce() {
        Pacer pacer = new Pacer(600, 100, time);
        assertThat(pacer.take(100), is(0L));
        assertThat(pacer.take(1), is(Duration.ofMillis(2).toNanos()));
        time.advance(Duration.ofMillis(2));
        assertThat(pacer.take(1), is(0L));
        time.advance(Duration.ofHours(1));
        assertThat(pacer.take(100), is(0L));
        assertThat(pacer.take(100), is(Duration.ofMillis(200).toNanos()));
    }
}
