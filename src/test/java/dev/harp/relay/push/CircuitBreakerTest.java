package dev.harp.relay.push;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.testing.FakeClock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
    private static final Optional<Duration> NOT_ASKED = Optional.empty();

    private final FakeClock time = new FakeClock();
    private final CircuitBreaker breaker = new CircuitBreaker(3, Duration.ofSeconds(15), Duration.ofSeconds(60), time);

    private void fails(int times) {
        for (int i = 0; i < times; i++) {
            assertThat(breaker.begin(), is(true));
            var _ = breaker.failed(NOT_ASKED);
        }
    }

    private void opensFor(int seconds) {
        assertThat(breaker.state(), is(CircuitBreaker.State.OPEN));
        assertThat(breaker.pause(), is(Duration.ofSeconds(seconds)));
        time.advance(Duration.ofSeconds(seconds).minusNanos(1));
        assertThat(breaker.admits(), is(false));
        assertThat(breaker.begin(), is(false));
        time.advance(Duration.ofNanos(1));
        assertThat(breaker.admits(), is(true));
    }

    @Test
    void opensAfterSoManyFailuresInARow() {
        fails(2);
        assertThat(breaker.begin(), is(true));
        assertThat(breaker.succeeded(), is(false));
        fails(2);
        assertThat(breaker.state(), is(CircuitBreaker.State.CLOSED));
        assertThat(breaker.begin(), is(true));
        assertThat(breaker.failed(NOT_ASKED), is(true));
        opensFor(15);
    }

    @Test
    void oneProbeGoesThroughAndItsSuccessCloses() {
        fails(3);
        time.advance(Duration.ofSeconds(15));
        assertThat(breaker.state(), is(CircuitBreaker.State.OPEN));
        assertThat(breaker.begin(), is(true));
        assertThat(breaker.state(), is(CircuitBreaker.State.HALF_OPEN));
        assertThat(breaker.begin(), is(false));
        assertThat(breaker.admits(), is(false));
        assertThat(breaker.succeeded(), is(true));
        assertThat(breaker.state(), is(CircuitBreaker.State.CLOSED));
        assertThat(breaker.pause(), is(Duration.ZERO));
        fails(2);
        assertThat(breaker.state(), is(CircuitBreaker.State.CLOSED));
        fails(1);
        opensFor(15);
    }

    @Test
    void thePauseGrowsToItsBound() {
        fails(3);
        for (int seconds : new int[] {15, 30, 60, 60}) {
            opensFor(seconds);
            assertThat(breaker.begin(), is(true));
            assertThat(breaker.failed(NOT_ASKED), is(false));
        }
    }

    /** Whoever has begun a probe may have died. */
    @Test
    void aProbeThatNeverComesBackIsFollowedByAnother() {
        fails(3);
        time.advance(Duration.ofSeconds(15));
        assertThat(breaker.begin(), is(true));
        time.advance(Duration.ofSeconds(15).minusNanos(1));
        assertThat(breaker.begin(), is(false));
        time.advance(Duration.ofNanos(1));
        assertThat(breaker.begin(), is(true));
        assertThat(breaker.succeeded(), is(true));
    }

    /** Many calls are under way when it opens; their failures must not prolong the pause, and a success is one. */
    @Test
    void whatComesBackLate() {
        fails(3);
        time.advance(Duration.ofSeconds(5));
        assertThat(breaker.failed(NOT_ASKED), is(false));
        opensFor(10);
        assertThat(breaker.succeeded(), is(true));
    }

    @Test
    void aPauseThatIsAskedForIsKeptWithinTheBound() {
        assertThat(breaker.begin(), is(true));
        assertThat(breaker.failed(Optional.of(Duration.ofSeconds(40))), is(true));
        opensFor(40);
        assertThat(breaker.begin(), is(true));
        var _ = breaker.failed(Optional.of(Duration.ofDays(3)));
        opensFor(60);
    }
}
